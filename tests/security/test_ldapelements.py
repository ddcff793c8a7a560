"""The filters of each type of directory."""

from typing import get_args

import pytest

from zconnect.security.ldapelements import DEFAULTS, FILTERS, LdapType


def test_every_type_has_filters() -> None:
    """Each with a place for the name, and well-formed."""
    assert set(get_args(LdapType)) == set(DEFAULTS)
    assert len(FILTERS) == len(DEFAULTS)
    for filters in DEFAULTS.values():
        for text in (filters.user_filter, filters.group_filter):
            assert text.count("%v") == 1
            assert text.count("(") == text.count(")")


@pytest.mark.parametrize(
    ("kind", "user", "name", "members"),
    [  # Open Liberty's reference of ldapRegistry
        ("Microsoft Active Directory", "(&(sAMAccountName=%v)(objectcategory=user))", "user:sAMAccountName", "memberOf:member"),
        ("Novell eDirectory", "(&(cn=%v)(objectclass=Person))", "person:cn", "groupOfNames:member"),
        ("Sun Java System Directory Server", "(&(uid=%v)(objectclass=inetOrgPerson))", "inetOrgPerson:uid", "nsRole:nsRole"),
        ("IBM Lotus Domino", "(&(uid=%v)(objectclass=Person))", "person:uid", "dominoGroup:member"),
    ],
)
def test_the_defaults_are_those_of_liberty(kind: str, user: str, name: str, members: str) -> None:
    """As documented."""
    found = DEFAULTS[kind]
    assert (found.user_filter, found.user_id_map, found.group_member_id_map, found.group_id_map) == (user, name, members, "*:cn")
