"""Filters, id maps and search bases."""

import pytest

from zconnect.security.ldapparts import LdapEntityType, Remembering
from zconnect.security.ldapplan import attributes, bases, by_logins, pairs, size, stray

BASE = "dc=bank,dc=example"


def test_an_id_map_is_a_list() -> None:
    """Blanks and empty items do not count."""
    assert [*pairs("a:b; c:d ;")] == [("a", "b"), ("c", "d")]
    assert attributes("*:uid;*:mail") == ("uid", "mail")


@pytest.mark.parametrize(
    ("filter", "logins", "found"),
    [
        ("(&(uid=%v)(objectclass=x))", (), "(&(uid=%v)(objectclass=x))"),
        ("(&(uid=%v)(objectclass=x))", ("mail",), "(&(|(mail=%v))(objectclass=x))"),
        ("(&(uid=%v)(objectclass=x))", ("mail", "cn"), "(&(|(mail=%v)(cn=%v))(objectclass=x))"),
    ],
)
def test_login_properties_take_the_place_of_the_assertion(filter: str, logins: tuple[str, ...], found: str) -> None:
    """The rest of the filter stays."""
    assert by_logins(filter, logins) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ((), (BASE,)),
        (("ou=a", "dc=bank", "dc=example"), ("ou=a,dc=bank,dc=example",)),  # an attribute, taken for a list
        (("ou=a, dc=Bank, dc=Example", "ou=b,dc=bank,dc=example"), ("ou=a, dc=Bank, dc=Example", "ou=b,dc=bank,dc=example")),  # children
        (("ou=a", "dc=other"), ("ou=a,dc=other",)),
    ],
)
def test_search_bases_are_put_together(written: tuple[str, ...], found: tuple[str, ...]) -> None:
    """A comma divides a DN and a list alike; the directory's own base says where one ends."""
    assert bases(LdapEntityType(name="Group", search_base=written), BASE) == found


def test_a_base_elsewhere_is_told() -> None:
    """Users of another tree are no users of this directory; an ending of the text is none of the name."""
    assert [*stray(["ou=a,dc=bank,dc=example", "ou=a,dc=other", "xdc=bank,dc=example"], BASE)] == ["ou=a,dc=other", "xdc=bank,dc=example"]


def test_a_cache_that_is_off_has_no_room() -> None:
    """The last element of several counts."""
    off = Remembering(enabled=False)
    assert size((), Remembering()) == (2000, 1200.0)
    assert size((Remembering(), off), Remembering()) == (0, 1200.0)
