"""Users and groups of a real directory, through the door of a server."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.server.certificates import Authority
from zconnect.errors import Refused
from zconnect.roles import BoundGroup, BoundUser, Login, Protection, SecurityRole
from zconnect.security import gate as gates
from zconnect.security.gate import open_gate
from zconnect.security.registry import active_registry
from zconnect.security.remembered import Memories, remembered_in

from . import door
from .door import ANYBODY, BASIC, CERTIFICATE, basic, opened
from .slapd import ADMIN, ADMIN_PASSWORD, BASE, Slapd, directory, free_port
from .support import request
from .test_certificate import certificate

pytestmark = pytest.mark.interop

FILTERS = (
    '<customFilters userFilter="(&amp;(uid=%v)(objectclass=inetOrgPerson))" groupFilter="(&amp;(cn=%v)(objectclass=groupOfNames))"'
    ' userIdMap="*:uid" groupMemberIdMap="groupOfNames:member"/>'
)
NO_CACHE = '<ldapCache><attributesCache enabled="false"/><searchResultsCache enabled="false"/></ldapCache>'


def reached(host: str, port: int, password: str = ADMIN_PASSWORD) -> str:
    return f'host="{host}" port="{port}" baseDN="{BASE}" ldapType="Custom" bindDN="{ADMIN}" bindPassword="{password}"'


def configuration(slapd: Slapd, attributes: str = "", inner: str = FILTERS + NO_CACHE, more: str = "", reach: str = "") -> str:
    return (
        '<server><authCache allowBasicAuthLookup="false"/><zconnect_failedLogins perUser="0" perAddress="0"/>'
        f'<ldapRegistry id="d" {reach or reached("localhost", slapd.port)} {attributes}>{inner}</ldapRegistry>{more}</server>'
    )


def serving(folder: Path, text: str) -> AbstractAsyncContextManager[Any]:
    """A runtime over a server.xml."""
    return opened(folder, {"server.xml": text})


def bound(*, users: tuple[str, ...] = (), groups: tuple[str, ...] = (), login: Login = BASIC) -> Protection:
    """Names, or access ids where they begin with a kind."""
    role = SecurityRole(
        name="R",
        users=tuple(BoundUser(access_id=each) if ":" in each else BoundUser(name=each) for each in users),
        groups=tuple(BoundGroup(access_id=each) if ":" in each else BoundGroup(name=each) for each in groups),
    )
    return Protection(secure=False, roles=("R",), bindings=(role,), application="app", login=login)


async def came(assembly: Any, protection: Protection, **asked: Any) -> int:
    """200 for who gets in, else the status."""
    found = await door.came(assembly, protection, **asked)
    return found if isinstance(found, int) else 200


# what is typed; 200 where it is somebody
LOGINS = [
    ("alice", "alice-secret", 200),
    ("ALICE", "alice-secret", 200),
    ("alice", "wrong", 401),
    ("alice", "ALICE-SECRET", 401),
    ("nobody", "alice-secret", 401),
    ("j\u00fcrgen", "p\u00e4ss", 200),
    ("a*b(c)\\d", "odd-secret", 200),
    ("twin", "twin-secret", 401),
    ("locked", "x", 401),
    # injection (peers: CWE-90): none of these may find anybody
    ("*", "alice-secret", 401),
    ("a*", "alice-secret", 401),
    ("alice)(uid=*", "alice-secret", 401),
    ("alice)(objectclass=*))(|(uid=alice", "alice-secret", 401),
    ("*)(|(objectclass=*", "alice-secret", 401),
    ("alice\\2a", "alice-secret", 401),
    ("ali\0ce", "alice-secret", 401),
    (f"uid=alice,ou=people,{BASE}", "alice-secret", 200),
    (f"UID=Alice , ou=People, {BASE}", "alice-secret", 200),
    (ADMIN, ADMIN_PASSWORD, 401),
    (f"cn=staff,ou=groups,{BASE}", "alice-secret", 401),
    ("uid=alice,ou=people,dc=evil", "alice-secret", 401),
]


@pytest.mark.parametrize(("user", "password", "status"), LOGINS)
async def test_the_directory_judges_passwords(slapd: Slapd, tmp_path: Path, user: str, password: str, status: int) -> None:
    """Names are values and never filters; one that is two people's is nobody's."""
    async with serving(tmp_path, configuration(slapd)) as assembly:
        assert await came(assembly, ANYBODY, **basic(user, password)) == status


async def test_no_bind_is_tried_without_a_password(slapd: Slapd, tmp_path: Path) -> None:
    """It would be an anonymous one, and this server would let it pass (RFC 4513 section 5.1.2)."""
    async with serving(tmp_path, configuration(slapd)) as assembly:
        registry = await active_registry(assembly)
        before = slapd.said().count(" method=128")
        assert await registry.check_password("alice", "") is None
        assert slapd.said().count(" method=128") == before


async def test_an_unknown_user_costs_the_bind_that_a_known_one_costs(slapd: Slapd, tmp_path: Path) -> None:
    """As many searches and binds at the directory, whoever is asked for."""
    async with serving(tmp_path, configuration(slapd)) as assembly:
        await came(assembly, ANYBODY, **basic("bob", "bob-secret"))
        counts = {}
        for user in ("alice", "nobody", "twin", "locked"):
            before = slapd.said()
            assert await came(assembly, ANYBODY, **basic(user, "wrong")) == 401
            await asyncio.sleep(0.1)
            said = slapd.said()[len(before) :]
            counts[user] = (said.count(" SRCH base"), said.count(" method=128"))
    assert set(counts.values()) == {counts["alice"]}
    assert counts["alice"][1] == 1


GROUPS = [
    ("", FILTERS, "alice", {"staff", "tellers"}),
    ("", FILTERS, "bob", {"staff"}),
    ("", FILTERS, "j\u00fcrgen", set()),
    ("", FILTERS, "a*b(c)\\d", {"odd (a*b, \\)"}),
    ('recursiveSearch="true"', FILTERS, "alice", {"staff", "tellers", "branch", "region", "circle"}),
    ("", FILTERS.replace("groupOfNames:member", "memberOf:member"), "alice", {"staff", "tellers"}),
    (
        'recursiveSearch="true"',
        FILTERS.replace("groupOfNames:member", "memberOf:member"),
        "alice",
        {"staff", "tellers", "branch", "region", "circle"},
    ),
    (
        "",
        FILTERS + '<groupProperties><memberAttribute name="member" objectClass="groupOfNames"/></groupProperties>',
        "alice",
        {"staff", "tellers"},
    ),
    ("", FILTERS + '<groupProperties><membershipAttribute name="memberOf"/></groupProperties>', "alice", {"staff", "tellers"}),
    (
        "",
        FILTERS + f'<ldapEntityType name="Group"><searchBase>ou=guests,{BASE}</searchBase></ldapEntityType>',
        "bob",
        {"double"},
    ),
    (
        "",
        FILTERS + f'<ldapEntityType name="Group" searchBase="ou=guests,{BASE}" searchFilter="(cn=nothing)"/>',
        "bob",
        set(),
    ),
]


@pytest.mark.parametrize("paged", ["", 'searchPageSize="1"'])
@pytest.mark.parametrize(("attributes", "inner", "user", "groups"), GROUPS)
async def test_groups_come_from_wherever_memberships_stand(
    slapd: Slapd, tmp_path: Path, attributes: str, inner: str, user: str, groups: set[str], paged: str
) -> None:
    """A name that several groups have (double) is nobody's; circles end."""
    async with serving(tmp_path, configuration(slapd, f"{attributes} {paged}", inner)) as assembly:
        registry = await active_registry(assembly)
        assert await registry.groups_of(user) == groups


KINDS = [
    # by login properties, the first of which is the name
    (FILTERS + '<loginProperty name="mail"/><loginProperty name="uid"/>', "alice@bank.example", "alice@bank.example"),
    (FILTERS + '<loginProperty name="uid"/><loginProperty name="mail"/>', "alice@bank.example", "alice"),
    (FILTERS + '<loginProperty name="uid"/><loginProperty name="mail"/>', "twin1@bank.example", None),
    (
        FILTERS + '<loginProperty name="address"/>'
        '<attributeConfiguration><attribute name="mail" propertyName="address"/></attributeConfiguration>',
        "alice@bank.example",
        "alice@bank.example",
    ),
    # by entity types instead of filters
    ('<ldapEntityType name="PersonAccount"><objectClass>inetOrgPerson</objectClass></ldapEntityType>', "alice", "alice"),
    ('<ldapEntityType name="PersonAccount"><objectClass>device</objectClass></ldapEntityType>', "alice", None),
    (FILTERS + f'<ldapEntityType name="PersonAccount" searchBase="ou=guests,{BASE}"/>', "alice", None),
    (FILTERS + f'<ldapEntityType name="PersonAccount" searchBase="ou=guests,{BASE}"/>', "twin", "twin"),
    (FILTERS + '<ldapEntityType name="PersonAccount" searchFilter="(mail=bob*)"/>', "alice", None),
    # the default of the type asks for ePerson, which nobody is here
    ("", "alice", None),
]


@pytest.mark.parametrize(("inner", "typed", "name"), KINDS)
async def test_users_are_found_as_the_elements_say(slapd: Slapd, tmp_path: Path, inner: str, typed: str, name: str | None) -> None:
    """And two people with one name are not found by another one, either."""
    async with serving(tmp_path, configuration(slapd, inner=inner)) as assembly:
        assert await (await active_registry(assembly)).user(typed) == name


async def test_letter_case_can_matter(slapd: Slapd, tmp_path: Path) -> None:
    """ignoreCase=false asks for the name as the directory spells it."""
    async with serving(tmp_path, configuration(slapd, 'ignoreCase="false"')) as assembly:
        registry = await active_registry(assembly)
        assert [await registry.user(name) for name in ("alice", "Alice")] == ["alice", None]


ALICE = f"uid=alice,ou=people,{BASE}"


@pytest.mark.parametrize(
    ("protection", "status"),
    [
        (bound(users=("alice",)), 200),
        (bound(users=("ALICE",)), 200),
        (bound(users=("bob",)), 403),
        (bound(users=(f"user:LdapRegistry/{ALICE}",)), 200),
        (bound(users=(f"user:LdapRegistry/{ALICE.upper()}",)), 200),
        (bound(users=(f"user:Other/{ALICE}",)), 403),
        (bound(groups=("staff",)), 200),
        (bound(groups=("STAFF",)), 200),
        (bound(groups=(f"group:LdapRegistry/cn=staff,ou=groups,{BASE}",)), 200),
        (bound(groups=("branch",)), 403),
        (bound(groups=("double",)), 403),
        (bound(groups=("nothing",)), 403),
    ],
)
async def test_roles_are_bound_to_users_and_groups_of_the_directory(
    slapd: Slapd, tmp_path: Path, protection: Protection, status: int
) -> None:
    """By name, or by access id with the DN, spelt as one likes."""
    async with serving(tmp_path, configuration(slapd)) as assembly:
        assert await came(assembly, protection, **basic("alice", "alice-secret")) == status


async def test_the_access_id_has_the_entry(slapd: Slapd, tmp_path: Path) -> None:
    """user:REALM/DN, as Liberty has it; a cookie with it is good here and there."""
    async with serving(tmp_path, configuration(slapd, 'realm="bank"')) as assembly:
        gate = await open_gate(ANYBODY, assembly)
        identity, fields = await gate.admit(request(**basic("alice", "alice-secret")))
        assert identity is not None
        assert (identity.user, identity.access_id) == ("alice", f"user:bank/{ALICE}")
        cookie = next(value for name, value in fields if name == b"set-cookie").partition(b";")[0].decode()
        again, _ = await gate.admit(request(headers=(("Cookie", cookie),)))
        assert again is not None
        assert (again.user, again.access_id, again.groups) == ("alice", f"user:bank/{ALICE}", identity.groups)


SUBJECT = (("DC", "example"), ("DC", "bank"), ("OU", "people"), ("UID", "alice"))


@pytest.mark.parametrize(
    ("attributes", "names", "status"),
    [
        ("", SUBJECT, 200),
        ("", (*SUBJECT[:3], ("UID", "nobody")), 403),
        ("", (("CN", "alice"),), 403),
        ("", (("DC", "example"), ("DC", "bank"), ("CN", "admin")), 403),
        ('certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', (("CN", "alice"),), 200),
        ('certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', (("CN", "*"),), 403),
        ('certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', (("CN", "twin"),), 403),
        ('certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', (("O", "alice"),), 403),
        ('certificateMapMode="CERTIFICATE_FILTER" certificateFilter="uid=${SubjectCN}"', (("CN", "alice"), ("CN", "bob")), 403),
        ('certificateMapMode="NOT_SUPPORTED"', SUBJECT, 403),
    ],
)
async def test_certificates_are_mapped(
    slapd: Slapd, tmp_path: Path, attributes: str, names: tuple[tuple[str, str], ...], status: int
) -> None:
    """By the whole subject, or by a filter with values of it that are escaped."""
    asked = {"certificates": (certificate(*names),)}
    door = Protection(secure=False, roles=("**",), bindings=(), application="app", login=CERTIFICATE)
    async with serving(tmp_path, configuration(slapd, attributes)) as assembly:
        assert await came(assembly, door, **asked) == status


TLS = """<ssl id="t" keyStoreRef="trust" {more}/><keyStore id="trust" location="{location}" password="a test's password"/>"""


@pytest.mark.parametrize(
    ("host", "trusted", "more", "status"),
    [
        ("localhost", True, "", 200),
        ("127.0.0.1", True, "", 503),  # a certificate for another name
        ("127.0.0.1", True, 'verifyHostname="false"', 200),
        ("localhost", False, "", 503),  # signed by nobody we know
    ],
)
async def test_tls_is_verified(
    slapd: Slapd, authority: Authority, tmp_path: Path, host: str, trusted: bool, more: str, status: int
) -> None:
    """By the rules of the ssl element, and no password is sent to a server that is not believed."""
    signer = authority if trusted else Authority(tmp_path)
    text = configuration(
        slapd,
        'sslEnabled="true" sslRef="t"',
        reach=reached(host, slapd.tls_port),
        more=TLS.format(location=signer.trust().location, more=more),
    )
    async with serving(tmp_path / "server", text) as assembly:
        before = slapd.said().count(" method=128")
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == status
        assert (slapd.said().count(" method=128") > before) is (status == 200)


async def test_an_outage_is_no_wrong_password(authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """503 with the reason in the log, no failure is counted, and when it is back all is well, on the same connections."""
    with directory(tmp_path / "slapd", authority) as slapd:
        text = configuration(slapd).replace('perUser="0"', 'perUser="2"')
        async with serving(tmp_path / "server", text) as assembly:
            asked = basic("alice", "alice-secret")
            assert await came(assembly, ANYBODY, **asked) == 200
            slapd.stop()
            assert [await came(assembly, ANYBODY, **asked) for _ in range(5)] == [503] * 5
            assert "CWIML4520E: The LDAP operation could not be completed: no server of localhost:" in caplog.text
            slapd.start()
            assert await came(assembly, ANYBODY, **asked) == 200


async def test_a_server_starts_without_its_directory_and_looks_again(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bindings that could not be looked up get their effect when it is there."""
    monkeypatch.setattr(gates, "_AGAIN", 0.1)
    with directory(tmp_path / "slapd", authority) as slapd:
        slapd.stop()
        async with serving(tmp_path / "server", configuration(slapd)) as assembly:
            gate = await open_gate(bound(users=("alice",)), assembly)
            assert "ZCON0485W: Whether the user alice, which is bound to the role R" in caplog.text
            slapd.start()
            for _ in range(100):
                await asyncio.sleep(0.1)
                with suppress(Refused):
                    identity, _ = await gate.admit(request(**basic("alice", "alice-secret")))
                    break
            assert identity is not None


async def test_another_server_stands_in(slapd: Slapd, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next of the list is asked, at once from the second time on."""
    reach = reached("127.0.0.1", free_port())
    spare = f'<failoverServers name="spare"><server host="127.0.0.1" port="{slapd.port}"/></failoverServers>'
    async with serving(tmp_path, configuration(slapd, inner=FILTERS + NO_CACHE + spare, reach=reach)) as assembly:
        for _ in range(3):
            assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 200
    assert caplog.text.count("ZCON0473W") == 1


async def test_a_bind_that_is_refused_is_told(slapd: Slapd, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong bindPassword is the server's fault, not the caller's."""
    reach = reached("localhost", slapd.port, "s3cret")
    async with serving(tmp_path, configuration(slapd, reach=reach)) as assembly:
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 503
    assert f"refused {ADMIN}: invalidCredentials" in caplog.text
    assert "s3cret" not in caplog.text


async def test_what_is_remembered_spares_the_directory(slapd: Slapd, tmp_path: Path) -> None:
    """The second login is one bind and no search; a password is judged every time."""
    async with serving(tmp_path, configuration(slapd, inner=FILTERS)) as assembly:
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 200
        before = slapd.said()
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 200
        assert await came(assembly, ANYBODY, **basic("alice", "wrong")) == 401
        await asyncio.sleep(0.1)
        said = slapd.said()[len(before) :]
    assert (said.count(" SRCH base"), said.count(" method=128")) == (0, 2)


async def test_an_operator_has_it_forgotten(slapd: Slapd, tmp_path: Path) -> None:
    """`server modify NAME clearsafcache`: users and groups are looked up anew."""
    async with serving(tmp_path, configuration(slapd, inner=FILTERS)) as assembly:
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 200
        before = slapd.said().count(" SRCH base")
        remembered_in(assembly).forget(Memories.LOGINS)
        assert await came(assembly, ANYBODY, **basic("alice", "alice-secret")) == 200
        await asyncio.sleep(0.1)
        assert slapd.said().count(" SRCH base") > before


async def test_many_at_once_share_few_connections(slapd: Slapd, tmp_path: Path) -> None:
    """And do not hold up the event loop: a clock beside them goes on."""
    ticks = 0

    async def clock() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async with serving(tmp_path, configuration(slapd)) as assembly:
        beside = asyncio.ensure_future(clock())
        found = await asyncio.gather(*(came(assembly, ANYBODY, **basic("alice", "alice-secret")) for _ in range(40)))
        beside.cancel()
    assert set(found) == {200}
    assert ticks >= 5
