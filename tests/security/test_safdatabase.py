"""Profiles and identities as RACF has them."""

import pytest

from zconnect.security.registry import Member
from zconnect.security.safdatabase import Database, profile_name
from zconnect.security.safelements import Access, RacMap, SafDatabase, SafGroup, SafPermit, SafProfile, SafUser


def profile(name: str, access: Access = "NONE", kind: str = "EJBROLE", *permits: SafPermit) -> SafProfile:
    return SafProfile(class_=kind, name=name, universal_access=access, permits=permits)  # type: ignore[arg-type]


# profiles that permit, profiles that do not, a resource, and whether it is permitted (z/OS RACF Security Administrator's Guide)
COVERED = [
    (("A.B.C",), (), "A.B.C", True),
    (("A.B.C",), (), "A.B.CD", False),
    (("A.B.C",), (), "AxBxC", False),
    (("A.*",), (), "A.B", True),
    (("A.*",), (), "A.B.C", False),
    (("A.**",), (), "A.B.C", True),
    (("A.**",), (), "A", True),
    (("A.**",), (), "AB", False),
    (("A.**.D",), (), "A.B.C.D", True),
    (("A.%%.C",), (), "A.BB.C", True),
    (("A.%.C",), (), "A.BB.C", False),
    (("A.%.C",), (), "A...C", False),
    (("**",), (), "A.B", True),
    (("**",), ("A.*",), "A.B", False),  # the most specific decides
    (("A.B",), ("A.*", "**"), "A.B", True),
    (("A.%B",), ("A.*B",), "A.XB", True),
    (("A.*B",), ("A.%B",), "A.XB", False),
    (("A.[B]",), (), "A.B", False),  # no regular expression
]


@pytest.mark.parametrize(("permitting", "refusing", "resource", "permitted"), COVERED)
@pytest.mark.parametrize("turned", [False, True])
def test_the_most_specific_profile_decides(
    permitting: tuple[str, ...], refusing: tuple[str, ...], resource: str, permitted: bool, turned: bool
) -> None:
    """Whatever the order in the file."""
    profiles = (*(profile(name, "READ") for name in permitting), *(profile(name) for name in refusing))
    database = Database(SafDatabase(users=(SafUser(name="U"),), profiles=profiles[::-1] if turned else profiles))
    assert database.permits("U", "EJBROLE", resource) is permitted


# user, permits, UACC, whether there is READ
PERMITTED: list[tuple[str, dict[str, Access], Access, bool]] = [
    ("U", {}, "NONE", False),
    ("U", {}, "READ", True),
    ("U", {}, "EXECUTE", False),
    ("U", {}, "ALTER", True),
    ("U", {"U": "NONE"}, "READ", False),
    ("U", {"U": "NONE", "G": "READ"}, "NONE", False),
    ("U", {"G": "NONE", "H": "READ"}, "NONE", True),
    ("U", {"G": "NONE"}, "READ", False),
    ("U", {"*": "READ"}, "NONE", True),
    ("U", {"*": "NONE"}, "READ", False),
    ("R", {"*": "READ"}, "READ", False),  # restricted
    ("R", {"R": "READ"}, "NONE", True),
    ("X", {"X": "READ"}, "READ", False),  # revoked
    ("NOBODY", {}, "READ", False),
]


@pytest.mark.parametrize(("user", "permits", "universal", "permitted"), PERMITTED)
def test_access_is_found_as_racf_finds_it(user: str, permits: dict[str, Access], universal: Access, permitted: bool) -> None:
    """The user's own entry, the best of his groups, *, UACC."""
    listed = tuple(SafPermit(to=name, access=access) for name, access in permits.items())
    database = Database(
        SafDatabase(
            users=(SafUser(name="U"), SafUser(name="R", restricted=True), SafUser(name="X", revoked=True)),
            groups=(SafGroup(name="G", members=(Member(name="U"),)), SafGroup(name="H", members=(Member(name="U"),))),
            profiles=(profile("P", universal, "EJBROLE", *listed),),
        )
    )
    assert database.permits(user, "EJBROLE", "P") is permitted
    assert not database.permits(user, "APPL", "P")


@pytest.mark.parametrize(
    ("name", "realm", "user"),
    [
        ("alice", "r", "A"),
        ("alice", "other", "C"),
        ("uid=x,dc=bank", "r", "B"),
        ("uid=x,dc=bank,dc=evil", "r", "C"),
        ("uid=y,uid=x,dc=bank", "r", "B"),
        ("nobody", "r", "C"),
    ],
)
def test_the_rule_that_says_most_maps(name: str, realm: str, user: str) -> None:
    """The name itself before the ending of a DN before *, and a realm by its name before *."""
    maps = (("C", "*", "*"), ("B", "dc=bank", "r"), ("A", "alice", "r"))
    users = tuple(SafUser(name=each) for each in "ABC")
    settings = SafDatabase(users=users, racmaps=tuple(RacMap(user=each, name=text, registry=of) for each, text, of in maps))
    assert Database(settings).mapped(name, realm) == user


@pytest.mark.parametrize(
    ("pattern", "upper", "found"),
    [
        ("%profilePrefix%.%resource%.%role%", False, "P.app.My#Role"),
        ("x.%role%", True, "X.MY#ROLE"),
        ("%other%.%role%", False, "#other#.My#Role"),
    ],
)
def test_a_role_has_a_profile(pattern: str, upper: bool, found: str) -> None:
    """What would be generic, and blanks, become # (Liberty's documentation of safRoleMapper)."""
    assert profile_name(pattern, "P", "app", "My Role", upper) == found
