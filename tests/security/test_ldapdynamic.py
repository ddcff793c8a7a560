"""Groups that describe their members, in a real directory."""

from pathlib import Path

import pytest

from zconnect.security.ldapdynamic import Described, described
from zconnect.security.registry import active_registry

from .slapd import Slapd
from .test_ldapusers import FILTERS, configuration, serving

BASE = (("dc", "bank"), ("dc", "example"))
READ = [
    ("ldap:///dc=bank,dc=example??sub?(uid=a)", Described(BASE, "sub", "(uid=a)")),
    (" LDAPS:///DC=Bank, dc=example?cn,mail?ONE?", Described(BASE, "one", "(objectclass=*)")),
    ("ldap:///dc=bank,dc=example", Described(BASE, "base", "(objectclass=*)")),
    ("ldap:///dc=b%61nk,dc=example???(uid=%28a%29)?x-nice", None),
    ("ldap:///??sub?(uid=a%2Ab)", Described((), "sub", "(uid=a*b)")),
]


@pytest.mark.parametrize(("url", "expected"), READ)
def test_a_url_is_read(url: str, expected: Described | None) -> None:
    """RFC 4516: what is left out has a default, what is encoded is decoded before it is judged."""
    if expected is None:
        with pytest.raises(ValueError, match="filter"):
            described(url)
    else:
        assert described(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "memberURL",
        "http:///dc=bank??sub?",
        "ldap:dc=bank",
        "ldap://other.example/dc=bank??sub?",
        "ldap://127.0.0.1:389/dc=bank??sub?",
        "ldap:///bank??sub?",
        "ldap:///dc=bank??subordinates?",
        "ldap:///dc=bank??sub?uid=a",
        "ldap:///dc=bank??sub?(uid=a",
        "ldap:///dc=bank??sub?(uid=a)(uid=b)",
        "ldap:///dc=bank??sub?(uid=a)?x-nice,!bindname=cn=admin",
        "ldap:///dc=b%FFnk??sub?",
    ],
)
def test_what_cannot_be_asked_of_this_directory_is_none(url: str) -> None:
    """Above all nothing of another server."""
    with pytest.raises(ValueError, match=r"."):
        described(url)


SCOPES = [
    ("base", "dc=bank,dc=example", "dc=bank,dc=example", True),
    ("base", "dc=bank,dc=example", "ou=p,dc=bank,dc=example", False),
    ("one", "dc=bank,dc=example", "ou=p,dc=bank,dc=example", True),
    ("one", "dc=bank,dc=example", "uid=a,ou=p,dc=bank,dc=example", False),
    ("one", "dc=bank,dc=example", "dc=bank,dc=example", False),
    ("sub", "dc=bank,dc=example", "uid=a,ou=p,dc=bank,dc=example", True),
    ("sub", "dc=bank,dc=example", "dc=bank,dc=example", True),
    ("sub", "dc=bank,dc=example", "dc=example", False),
    ("sub", "dc=bank,dc=example", "dc=otherbank,dc=example", False),
    ("sub", "", "dc=example", True),
]


@pytest.mark.parametrize(("scope", "base", "dn", "covered"), SCOPES)
def test_what_a_scope_covers(scope: str, base: str, dn: str, covered: bool) -> None:
    """RFC 4511, section 4.5.1.2."""
    parts = tuple((name, value) for name, _, value in (part.partition("=") for part in dn.split(",")))
    assert described(f"ldap:///{base}??{scope}?").covers(parts) is covered


DYNAMIC = '<groupProperties>{more}<dynamicMemberAttribute name="memberURL" objectClass="groupOfURLs"/></groupProperties>'
MEMBER = '<memberAttribute name="member" objectClass="groupOfNames"/>'
BOTH = FILTERS.replace("(objectclass=groupOfNames)", "(|(objectclass=groupOfNames)(objectclass=groupOfURLs))")
GROUPS = [
    ("", BOTH + DYNAMIC.format(more=""), "alice", {"readers", "twofold"}),
    ("", BOTH + DYNAMIC.format(more=""), "bob", {"readers", "twofold", "others"}),
    ("", BOTH + DYNAMIC.format(more=MEMBER), "bob", {"readers", "twofold", "others", "staff"}),
    ('recursiveSearch="true"', BOTH + DYNAMIC.format(more=MEMBER), "bob", {"readers", "twofold", "others", "staff", "library"}),
    ("", BOTH + DYNAMIC.format(more=""), "a*b(c)\\d", {"readers", "others"}),
    # A group that groupFilter does not find is nobody's, and without the element nobody looks.
    ("", FILTERS + DYNAMIC.format(more=""), "alice", set()),
    ("", BOTH, "alice", {"staff", "tellers"}),
]


@pytest.mark.interop
@pytest.mark.parametrize("paged", ["", 'searchPageSize="1"'])
@pytest.mark.parametrize(("attributes", "inner", "user", "groups"), GROUPS)
async def test_members_are_those_who_fit_the_description(
    slapd: Slapd, tmp_path: Path, attributes: str, inner: str, user: str, groups: set[str], paged: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Those alone; what is broken, or about another server, is told and lets nobody in."""
    async with serving(tmp_path, configuration(slapd, f"{attributes} {paged}", inner)) as assembly:
        assert await (await active_registry(assembly)).groups_of(user) == groups
    assert caplog.text.count("ZCON0642W") == (0 if inner == BOTH else 6)
