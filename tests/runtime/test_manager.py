"""The manager's defaults are the strict ones."""

from zconnect.runtime.manager import Manager


def test_everything_is_required_and_nobody_is_in_a_group_by_default() -> None:
    """What server.xml does not say is not permitted."""
    manager = Manager()
    assert manager.require_auth
    assert manager.require_secure
    assert not any((manager.groups.admin, manager.groups.operations, manager.groups.invoke, manager.groups.reader))
