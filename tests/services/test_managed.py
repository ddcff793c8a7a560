"""What a resource says for itself."""

from zconnect.roles import Managed
from zconnect.services.managed import ManagedResource
from zconnect.values import Groups


def test_a_resource_that_says_nothing_leaves_all_to_the_manager() -> None:
    """None and empty sets."""
    assert ManagedResource().protection == Managed(None, None)
    assert ManagedResource().groups == Groups()


def test_a_resource_may_say_all_of_it() -> None:
    """Each level has its own groups."""
    found = ManagedResource(admin_group=("a",), operations_group=("o",), invoke_group=("i", "j"), reader_group=("r",), require_auth=False)
    assert found.groups == Groups(frozenset("a"), frozenset("o"), frozenset("ij"), frozenset("r"))
    assert found.protection == Managed(False, None)
