"""<basicRegistry>, <quickStartSecurity>, and which registry is the active one."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, write
from zconnect.config.load import load
from zconnect.config.passwords import Password
from zconnect.features import VOCABULARY
from zconnect.roles import UserRegistry
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.security.registry import BasicRegistry, Member, QuickStartSecurity, RegistryGroup, RegistryUser, active_registry

from .support import assembly


def users(*pairs: tuple[str, str]) -> tuple[RegistryUser, ...]:
    return tuple(RegistryUser(name=name, password=Password(password)) for name, password in pairs)


def group(name: str, *members: str) -> RegistryGroup:
    return RegistryGroup(name=name, members=tuple(Member(name=member) for member in members))


# recorded case 08
ODD = BasicRegistry(
    id="b",
    realm="Local",
    users=(
        *users(("alice", "alicepw"), (" trimmed ", " trimpw "), ("twice", "one"), ("twice", "two"), ("jürgen", "päss")),
        *users(("nopw", ""), ("", "x"), ("colonpw", "a:b:c"), ("bob", "bobpw")),
    ),
    groups=(group("staff", "alice", "ghost", "alice"), group("dup", "alice"), group("dup", "bob"), group("nest", "staff")),
)


async def opened(settings: BasicRegistry = ODD) -> UserRegistry:
    async with assembly(settings) as parts:
        return await active_registry(parts)


@pytest.mark.parametrize(
    ("user", "password", "name"),
    [
        ("alice", "alicepw", "alice"),
        ("alice", "ALICEPW", None),
        ("alice", "", None),
        ("ALICE", "alicepw", None),
        (" alice", "alicepw", None),
        ("nobody", "x", None),
        ("nobody", "", None),
        ("trimmed", "trimpw", "trimmed"),
        ("trimmed", " trimpw ", None),
        (" trimmed ", "trimpw", None),
        ("twice", "one", None),
        ("twice", "two", None),
        ("jürgen", "päss", "jürgen"),
        ("nopw", "", None),
        ("", "x", None),
        ("colonpw", "a:b:c", "colonpw"),
        ("bob", "bobpw", "bob"),
    ],
)
async def test_a_password_is_right_or_wrong(user: str, password: str, name: str | None) -> None:
    """Names and passwords are exact; what is wrong with one user costs no other one (Liberty drops the last of the list)."""
    assert name == await (await opened()).check_password(user, password)


async def test_groups_hold_users_and_do_not_nest() -> None:
    """A group that is written twice does not count."""
    registry = await opened()
    assert frozenset({"staff"}) == await registry.groups_of("alice")
    assert frozenset() == await registry.groups_of("bob")
    assert frozenset() == await registry.groups_of("ghost")
    assert [await registry.group(name) for name in ("dup", "nest", "Staff")] == [None, "nest", None]


async def test_what_is_odd_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    """Each oddity of the recorded registry has its message."""
    await opened()
    for number in ("CWWKS3100E", "CWWKS3104E", "CWWKS3105E", "CWWKS3106W", "CWWKS3107W"):
        assert number in caplog.text


async def test_letter_case_can_be_ignored_at_login() -> None:
    """C15 and recorded case 06: whoever logs in so is the user as written, with that user's groups."""
    settings = BasicRegistry(
        ignore_case_for_authentication=True,
        users=users(("alice", "pw"), ("Bob", "1"), ("bob", "2")),
        groups=(group("staff", "alice"),),
    )
    registry = await opened(settings)
    assert await registry.check_password("ALICE", "pw") == "alice"
    assert await registry.check_password("Bob", "1") == "Bob"
    assert await registry.check_password("BOB", "1") is None
    assert await registry.user("ALICE") is None


async def test_quick_start_is_a_registry_of_one() -> None:
    """Recorded case 09c: its realm is QuickStartSecurityRealm."""
    async with assembly(QuickStartSecurity(user_name="admin", user_password=Password("adminpw"))) as parts:
        registry = await active_registry(parts)
        assert registry.realm == "QuickStartSecurityRealm"
        assert await registry.check_password("admin", "adminpw") == "admin"


@pytest.mark.parametrize(
    ("elements", "number"),
    [
        ((), "CWWKS3005E"),
        ((ODD, BasicRegistry(id="c")), "CWWKS3006E"),
        ((QuickStartSecurity(user_name="admin"),), "CWWKS0900E"),
    ],
    ids=["none", "several", "incomplete"],
)
async def test_without_exactly_one_registry_nobody_logs_in(
    elements: tuple[BasicRegistry, ...], number: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is known, and the log says why."""
    async with assembly(*elements) as parts:
        registry = await active_registry(parts)
        assert await registry.check_password("alice", "alicepw") is None
        assert [
            await registry.user("alice"),
            await registry.group("staff"),
            await registry.user_of_certificate(b""),
        ] == [None, None, None]
        assert frozenset() == await registry.groups_of("alice")
    assert number in caplog.text


async def test_quick_start_beside_another_registry_is_not_used(caplog: pytest.LogCaptureFixture) -> None:
    """Recorded case 09d: only the other one works."""
    async with assembly(ODD, QuickStartSecurity(user_name="admin", user_password=Password("adminpw"))) as parts:
        registry = await active_registry(parts)
        assert registry.realm == "Local"
        assert await registry.check_password("admin", "adminpw") is None
    assert "CWWKS0901E" in caplog.text


async def test_without_a_registry_a_flood_of_logins_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    """Strangers do not push everything else out of the log."""
    async with assembly() as opened:
        registry = await active_registry(opened)
        for _ in range(150):
            await registry.check_password("alice", "x")
    assert 100 <= caplog.text.count("CWWKS3005E") < 110


@pytest.mark.parametrize("password", ["{hash}zzz", "{xor}!", "{aes}AAAA", "{other}x"])
async def test_who_has_an_unreadable_password_cannot_log_in(tmp_path: Path, password: str) -> None:
    """It is told, and the others can (in Liberty CWWKS1857E at the login)."""
    user = f'<user name="broken" password="{password}"/>'
    write(tmp_path, {"server.xml": f'<server><basicRegistry><user name="max" password="m"/>{user}</basicRegistry></server>'})
    place = place_at(tmp_path)
    loaded = load(place, VOCABULARY, environment={}, command_line={})
    (problem,) = loaded.problems
    assert str(problem).startswith("CWWKG0075E  server.xml:1:75  /server/basicRegistry[default-0]/user[default-1]/@password")
    async with assembled(loaded.configuration, place, Memory()) as runtime:
        registry = await active_registry(runtime.assembly)
        assert await registry.check_password("max", "m") == "max"
        assert [await registry.check_password("broken", text) for text in (password, "x")] == [None, None]
