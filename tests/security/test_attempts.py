"""The number of wrong passwords that may be tried: through the door, with the registry, the hashes and the store behind it."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import zconnect.config.hashed
from tests.config.vocabulary import place_at, write
from zconnect.config.configuration import Configuration
from zconnect.config.load import load
from zconnect.config.passwords import Password, encode_hash
from zconnect.errors import ConfigurationError, Refused, Unavailable
from zconnect.features import VOCABULARY
from zconnect.messages import error
from zconnect.roles import Login, Protection, SecurityRole, SpecialSubject
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.runtime.store import Store
from zconnect.security.attempts import FailedLogins
from zconnect.security.authcache import AuthCache
from zconnect.security.authfilter import AuthFilter, RequestHeader
from zconnect.security.gate import open_gate
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.values import Place

from .support import NOW, assembly, request
from .tokens import ISSUER, SECRET, token

HASHED = encode_hash("right", iterations=1000)
REGISTRY = BasicRegistry(
    users=tuple(RegistryUser(name=name, password=Password(HASHED if name == "hashed" else "right")) for name in ("alice", "bob", "hashed"))
)
FILTER = AuthFilter(id="f", request_headers=(RequestHeader(name="Authorization", value="Bearer"),))
CLIENT = OpenidConnectClient(
    id="c1", inbound_propagation="required", shared_key=Password(SECRET), issuer_identifier=ISSUER, auth_filter=FILTER
)
ANYBODY = SecurityRole(name="R", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),))
DOOR = Protection(secure=False, roles=("R",), bindings=(ANYBODY,), application="app", login=Login("BASIC"))
FEW = FailedLogins(per_user=3, per_address=5)
HOME, ELSEWHERE = "10.0.0.1", "10.0.0.2"
LATER, PAST = NOW + 200, NOW + 301

Ask = Callable[..., Awaitable[int]]


def header(user: str, password: str) -> dict[str, Any]:
    return {"headers": (("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()),)}


async def asking(opened: Any) -> Ask:
    """Status of a request with user and password, 200 for one that gets in."""
    gate = await open_gate(DOOR, opened)

    async def ask(user: str, password: str = "wrong", address: str = HOME, now: float = NOW) -> int:
        try:
            await gate.admit(request(**header(user, password), address=address, arrived=now))
        except Refused as refusal:
            return refusal.status
        return 200

    return ask


# what was tried before, what is tried then, and its status
ANYBODY_HERE = [(f"user{number}",) for number in range(5)]
NETWORK = [(f"user{number}", "wrong", f"2001:db8::{number}") for number in range(5)]
GOOD = ("alice", "right")
CASES = [
    ("below the limit", [("alice",)] * 2, GOOD, 200),
    ("a user, from anywhere", [("alice",)] * 3, (*GOOD, ELSEWHERE), 429),
    ("not another user", [("alice",)] * 3, ("bob", "right"), 200),
    ("in whatever letter case", [("alice",), ("ALICE",), (" Alice",)], GOOD, 429),
    ("one who does not exist is no different", [("nobody",)] * 3, ("nobody",), 429),
    ("an address, for any user", ANYBODY_HERE, GOOD, 429),
    ("not another address", ANYBODY_HERE, (*GOOD, ELSEWHERE), 200),
    ("one network of IPv6", NETWORK, (*GOOD, "2001:db8::99"), 429),
    ("not another one", NETWORK, (*GOOD, "2001:db8:0:1::"), 200),
    ("until the time is over", [("alice",)] * 3, (*GOOD, HOME, PAST), 200),
    ("good logins count for nothing", [(*GOOD, f"10.0.1.{number}") for number in range(9)], GOOD, 200),
    ("strangers keep nobody out of his place", [GOOD, *[("alice", "wrong", ELSEWHERE)] * 5], (*GOOD, HOME, LATER), 200),
    ("nor do his neighbours", [GOOD, *ANYBODY_HERE, ("bob",)], (*GOOD, HOME, LATER), 200),
    ("his place has a limit, too", [GOOD, *[("alice",)] * 3], ("alice",), 429),
]


@pytest.mark.parametrize(("_", "before", "then", "status"), CASES, ids=[case[0] for case in CASES])
async def test_after_too_many_wrong_passwords_one_has_to_wait(_: str, before: list[Any], then: Any, status: int) -> None:
    """The right password is not even looked at, so that it cannot be told from a wrong one."""
    async with assembly(REGISTRY, FEW, AuthCache(allow_basic_auth_lookup=False)) as opened:
        ask = await asking(opened)
        for each in before:
            assert await ask(*each) in {200, 401, 429}
        assert await ask(*then) == status


async def test_the_refusal_says_how_long(caplog: pytest.LogCaptureFixture) -> None:
    """Retry-After to the caller, user, address and limit to the log."""
    async with assembly(REGISTRY, FEW) as opened:
        ask = await asking(opened)
        for _ in range(4):
            await ask("alice")
        gate = await open_gate(DOOR, opened)
        with pytest.raises(Refused) as refused:
            await gate.admit(request(**header("alice", "right"), arrived=NOW + 100))
    assert dict(refused.value.headers)[b"retry-after"] == b"200"
    assert "ZCON0470E: The login of alice from 10.0.0.1 is refused unseen, because 3 logins of this user have failed" in caplog.text


async def test_no_limit_is_a_setting() -> None:
    """A 0 switches one of the two off."""
    async with assembly(REGISTRY, FailedLogins(per_user=0, per_address=5)) as opened:
        ask = await asking(opened)
        assert [await ask("alice", address=f"10.0.2.{number}") for number in range(20)] == [401] * 20
    async with assembly(REGISTRY, FailedLogins(per_user=5, per_address=0)) as opened:
        ask = await asking(opened)
        assert [await ask(f"user{number}") for number in range(200)] == [401] * 200


async def test_a_token_and_a_remembered_login_are_never_held_up() -> None:
    """Only passwords that have to be checked are counted."""
    async with assembly(REGISTRY, FEW, CLIENT) as opened:
        gate, ask = await open_gate(DOOR, opened), await asking(opened)
        assert await ask("alice", "right") == 200
        for _ in range(5):
            await ask("alice")
            await ask("bob")
        assert await ask("alice") == await ask("bob", "right") == 429
        assert await ask("alice", "right") == 200
        identity, _ = await gate.admit(request(headers=(("Authorization", f"Bearer {token()}"),), address=HOME))
        assert identity is not None
        assert identity.mechanism == "BEARER"


async def test_many_at_once_are_no_way_round() -> None:
    """A login counts while it is tried: of twenty guesses at the same time no more than the limit are hashed."""
    async with assembly(REGISTRY, FEW) as opened:
        ask = await asking(opened)
        found = await asyncio.gather(*(ask("hashed", str(number)) for number in range(20)))
    assert sorted(found) == [401] * 3 + [429] * 17


async def test_a_login_that_came_to_no_answer_is_no_failure() -> None:
    """Who was sent away because too many passwords were checked has guessed nothing."""
    async with assembly(REGISTRY, FailedLogins(per_user=90)) as opened:
        ask = await asking(opened)
        found = await asyncio.gather(*(ask("hashed", str(number)) for number in range(80)))
        assert (found.count(401), found.count(503)) == (64, 16)
        assert [await ask("hashed", address=ELSEWHERE) for _ in range(27)] == [401] * 26 + [429]


CHEAP, DEAR = encode_hash("right", iterations=1000), encode_hash("right", iterations=3000, bits=1024)


@pytest.mark.parametrize("cheap_first", [True, False])
async def test_an_unknown_user_costs_what_the_dearest_known_one_costs(cheap_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where hashes differ, no guess is cheaper than that for somebody who does not exist; bits beyond the digest repeat the rounds."""
    rounds: list[int] = []

    def counting(digest: str, text: bytes, salt: bytes, iterations: int, length: int) -> bytes:
        rounds.append(iterations * (length // 64 or 1))
        return hashlib.pbkdf2_hmac(digest, text, salt, iterations, length)

    monkeypatch.setattr(zconnect.config.hashed, "pbkdf2_hmac", counting)
    stored = {"cheap": CHEAP, "dear": DEAR} if cheap_first else {"dear": DEAR, "cheap": CHEAP}
    users = tuple(RegistryUser(name=name, password=Password(text)) for name, text in stored.items())
    async with assembly(BasicRegistry(users=users)) as opened:
        ask, costs = await asking(opened), {}
        for user in ("cheap", "dear", "nobody"):
            rounds.clear()
            await ask(user)
            costs[user] = sum(rounds)
    assert costs == {"cheap": 1000 + 6000, "dear": 6000, "nobody": 6000}


@pytest.mark.parametrize("user", ["alice", "hashed", "nobody"])
async def test_unknown_users_cost_as_many_hashes_as_known_ones(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash for each guess that is looked at, whoever it is for and whether it is right, none for one that is refused unseen."""
    made: list[str] = []

    def counting(*arguments: Any) -> bytes:
        made.append(arguments[0])
        return hashlib.pbkdf2_hmac(*arguments)

    monkeypatch.setattr(zconnect.config.hashed, "pbkdf2_hmac", counting)
    async with assembly(REGISTRY, FEW) as opened:
        ask = await asking(opened)
        for number in range(3):
            await ask(user)
            assert len(made) == number + 1
        assert await ask(user, "right") == 429
        assert len(made) == 3


async def test_processes_count_together_and_a_reload_forgets_nothing(tmp_path: Path) -> None:
    """The counts are in the store; two processes have it open, and each reload makes a new runtime."""
    place, secret = Place("test", *[tmp_path] * 4), b"s" * 32
    found = []
    for number in range(4):
        store = Store(tmp_path / "store", secret=secret)
        async with assembled(Configuration((REGISTRY, FEW)), place, Memory(store)) as runtime:
            found.append(await (await asking(runtime.assembly))("alice", address=f"10.0.3.{number}"))
        store.close()
    assert found == [401, 401, 401, 429]


class Gone(Store):
    """A store whose disk is full."""

    def read(self, space: str, key: bytes, now: float) -> bytes | None:
        raise Unavailable(error("TEST0001E", "gone", "bring it back")())


async def test_where_nothing_can_be_counted_no_password_is_looked_at() -> None:
    """A guard that cannot work refuses."""
    async with assembly(REGISTRY, FEW) as opened:
        opened.store = Gone()
        assert await (await asking(opened))("alice", "right") == 503


@pytest.mark.parametrize("attribute", ["within", "perUser", "perAddress"])
@pytest.mark.parametrize("value", ["0s", "-1", "many", ""])
def test_limits_that_cannot_be_read_stop_the_start(tmp_path: Path, attribute: str, value: str) -> None:
    """They are guards."""
    write(tmp_path, {"server.xml": f'<server><zconnect_failedLogins {attribute}="{value}"/></server>'})
    with pytest.raises(ConfigurationError, match=f"zconnect_failedLogins/@{attribute}"):
        load(place_at(tmp_path), VOCABULARY, environment={}, command_line={})


def test_the_defaults_are_as_documented() -> None:
    """Ten wrong passwords of a user and a hundred of an address in five minutes."""
    assert (FailedLogins().per_user, FailedLogins().per_address, FailedLogins().within) == (10, 100, timedelta(minutes=5))
