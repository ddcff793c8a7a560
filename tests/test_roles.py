"""The sockets' own values are strict where nothing is said."""

from zconnect.roles import Login, Managed, Protection


def test_a_managed_resource_says_nothing_by_itself() -> None:
    """None lets the manager decide."""
    assert Managed() == Managed(None, None)


def test_protections_are_told_apart_by_identity() -> None:
    """Two applications with the same words keep their own gates."""
    assert Protection(secure=True, roles=()) != Protection(secure=True, roles=())


def test_basic_is_the_login_of_an_application_without_one() -> None:
    """As in Liberty."""
    assert Login().method == "BASIC"
