"""Several registries as one, through the door of a server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from zconnect.security.registry import active_registry
from zconnect.values import Identity

from .door import ANYBODY, basic, came, opened
from .slapd import ADMIN, Slapd, free_port
from .test_ldapusers import FILTERS, NO_CACHE, reached

LOCAL = """<basicRegistry id="one" realm="local"><user name="lea" password="lea-secret"/><user name="alice" password="local-secret"/>
    <user name="max" password="max-one"/><group name="tellers"><member name="lea"/></group><group name="own"><member name="lea"/></group>
    </basicRegistry>"""
OTHER = """<basicRegistry id="two" realm="other"><user name="max" password="max-two"/><user name="mia" password="mia-secret"/>
    <group name="own"><member name="mia"/></group><group name="others"><member name="mia"/></group></basicRegistry>"""
QUIET = '<authCache allowBasicAuthLookup="false"/>'
REALM = '<federatedRepository><primaryRealm name="bank" {more}>{entries}</primaryRealm></federatedRepository>'


def entries(*names: str) -> str:
    return "".join(f'<participatingBaseEntry name="{name}"/>' for name in names)


def user(found: Identity | int | None) -> object:
    return (found.user, found.realm) if isinstance(found, Identity) else found


LOGINS = [
    ("lea", "lea-secret", ("lea", "bank")),
    ("mia", "mia-secret", ("mia", "bank")),
    ("mia", "wrong", 401),
    ("max", "max-one", 401),  # two people
    ("max", "max-two", 401),
    ("nobody", "x", 401),
]


@pytest.mark.parametrize(("name", "password", "found"), LOGINS)
async def test_two_registries_are_one_realm(tmp_path: Path, name: str, password: str, found: object) -> None:
    """A name that both have is nobody's, whichever password is right."""
    text = f"<server>{QUIET}{LOCAL}{OTHER}{REALM.format(more='', entries='')}</server>"
    async with opened(tmp_path, {"server.xml": text}) as assembly:
        assert user(await came(assembly, ANYBODY, **basic(name, password))) == found


async def test_groups_are_those_of_the_users_own_registry(tmp_path: Path) -> None:
    """Without the name that two groups have."""
    text = f"<server>{QUIET}{LOCAL}{OTHER}{REALM.format(more='', entries='')}</server>"
    async with opened(tmp_path, {"server.xml": text}) as assembly:
        registry = await active_registry(assembly)
        assert await registry.groups_of("lea") == {"tellers"}
        assert await registry.groups_of("mia") == {"others"}
        assert [await registry.group(name) for name in ("tellers", "own", "nothing")] == ["tellers", None, None]


async def test_only_the_named_ones_take_part(tmp_path: Path) -> None:
    """participatingBaseEntry: o=REALM; then a name of one that does not is no other's."""
    text = f"<server>{QUIET}{LOCAL}{OTHER}{REALM.format(more='', entries=entries('o=Other'))}</server>"
    async with opened(tmp_path, {"server.xml": text}) as assembly:
        assert user(await came(assembly, ANYBODY, **basic("max", "max-two"))) == ("max", "bank")
        assert await came(assembly, ANYBODY, **basic("lea", "lea-secret")) == 401


async def test_entries_that_nobody_has_let_nobody_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And the log says so."""
    text = f"<server>{QUIET}{LOCAL}{OTHER}{REALM.format(more='', entries=entries('o=nothing'))}</server>"
    async with opened(tmp_path, {"server.xml": text}) as assembly:
        assert await came(assembly, ANYBODY, **basic("lea", "lea-secret")) == 401
    assert "ZCON0494E" in caplog.text


ONE = """<basicRegistry id="one" realm="local"><user name="lea" password="lea-secret"/><user name="b|x" password="p"/>
    <user name="d$x" password="p"/><user name="back\\x" password="p"/></basicRegistry>"""


@pytest.mark.parametrize(
    ("name", "password", "found", "alone"),
    [
        ("lea", "lea-secret", ("lea", "local"), ("lea", "local")),
        ("back\\x", "p", ("back\\x", "local"), ("back\\x", "local")),
        ("b|x", "p", 401, ("b|x", "local")),
        ("d$x", "p", 401, ("d$x", "local")),
        ("lea", "wrong", 401, 401),
    ],
)
async def test_openid_connect_federates(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, password: str, found: object, alone: object
) -> None:
    """Recorded case 10c: beside a client a failed login is told twice, and some names cannot log in."""
    for more, expected in (
        ('<openidConnectClient id="c" authFilterRef="f"/><authFilter id="f"><host name="x"/></authFilter>', found),
        ("", alone),
    ):
        caplog.clear()
        async with opened(tmp_path, {"server.xml": f"<server>{QUIET}{ONE}{more}</server>"}) as assembly:
            assert user(await came(assembly, ANYBODY, **basic(name, password))) == expected
        assert ("CWIML4537E" in caplog.text) is (expected == 401 and more != "")
        assert ("CWWKS1100A" in caplog.text) is (expected == 401)


async def test_openid_connect_federates_several(tmp_path: Path) -> None:
    """Two registries beside a client, or its feature alone, are one; without, nobody logs in (CWWKS3006E)."""
    feature = "<featureManager><feature>openidConnectClient-1.0</feature></featureManager>"
    for more, found in ((feature, ("mia", "local")), ("", 401)):
        async with opened(tmp_path, {"server.xml": f"<server>{more}{QUIET}{LOCAL}{OTHER}</server>"}) as assembly:
            assert user(await came(assembly, ANYBODY, **basic("mia", "mia-secret"))) == found


async def test_one_registry_has_the_primary_realm(tmp_path: Path) -> None:
    """Reference 4.5: the realm is that of the federation, also of one."""
    text = f"<server>{QUIET}{LOCAL}{REALM.format(more='', entries=entries('o=local'))}</server>"
    async with opened(tmp_path, {"server.xml": text}) as assembly:
        assert user(await came(assembly, ANYBODY, **basic("lea", "lea-secret"))) == ("lea", "bank")


def with_directory(port: int, more: str = "", realm: str = "") -> dict[str, str]:
    ldap = f'<ldapRegistry id="d" {reached("localhost", port)}>{FILTERS}{NO_CACHE}</ldapRegistry>'
    return {"server.xml": f"<server>{QUIET}{LOCAL}{ldap}{realm}{more}</server>"}


@pytest.mark.interop
@pytest.mark.parametrize(
    ("name", "password", "found"),
    [
        ("lea", "lea-secret", ("lea", "local")),
        ("bob", "bob-secret", ("bob", "local")),
        ("alice", "alice-secret", 401),  # in both
        ("alice", "local-secret", 401),
        ("alice@bank.example", "alice-secret", 401),
        ("nobody", "x", 401),
    ],
)
async def test_a_directory_is_federated_without_a_word(slapd: Slapd, tmp_path: Path, name: str, password: str, found: object) -> None:
    """As in Liberty; the realm is that of the first registry of server.xml."""
    async with opened(tmp_path, with_directory(slapd.port)) as assembly:
        assert user(await came(assembly, ANYBODY, **basic(name, password))) == found


@pytest.mark.interop
async def test_the_password_of_one_registry_is_not_shown_to_the_other(slapd: Slapd, tmp_path: Path) -> None:
    """Nobody binds for a user whom the directory does not know and another registry does."""
    async with opened(tmp_path, with_directory(slapd.port)) as assembly:
        before = len(slapd.said())
        assert user(await came(assembly, ANYBODY, **basic("lea", "lea-secret"))) == ("lea", "local")
        await asyncio.sleep(0.1)
        said = slapd.said()[before:]
    assert " SRCH base" in said
    assert {line.partition("dn=")[2] for line in said.splitlines() if " method=128" in line} <= {f'"{ADMIN}" method=128'}


@pytest.mark.parametrize(("switch", "status"), [('allowOpIfRepoDown="false"', 503), ('allowOpIfRepoDown="true"', ("lea", "bank"))])
async def test_a_directory_that_is_down_shuts_all_out_unless_allowed(tmp_path: Path, switch: str, status: Any) -> None:
    """Its users could be anybody meanwhile; allowOpIfRepoDown takes that on."""
    async with opened(tmp_path, with_directory(free_port(), realm=REALM.format(more=switch, entries=""))) as assembly:
        assert user(await came(assembly, ANYBODY, **basic("lea", "lea-secret"))) == status
