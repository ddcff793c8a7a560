"""Published keys: a real provider on loopback with rotation, outage and strangers."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.trust.support import Provider, assembly, jwk, provider, rsa_key
from tests.trust.test_tls import SERVER, store, tls
from zconnect.errors import Unavailable
from zconnect.runtime.store import Store
from zconnect.trust.fetch import Address, basic_credentials
from zconnect.trust.jwks import Ages, LastGood, RemoteKeys, open_remote_keys
from zconnect.trust.keyset import key_for

ONE, TWO = rsa_key("one").public_key(), rsa_key("two").public_key()
AGES = Ages(refresh=300, retry=30, hard=3600, burst=3, pace=30, memory=60)


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def remote(op: Provider, clock: Clock, ages: Ages = AGES) -> RemoteKeys:
    """The keys of a provider, not yet fetched."""
    return RemoteKeys(Address(op.url, deadline=2), ages, clock)


async def test_a_key_is_fetched_once_and_kept() -> None:
    """The first token waits for the set; the next ones do not ask for it."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())

        assert keys.find({"kid": "one"}, "RS256") is None
        assert [await key_for(keys, {"kid": "one"}, "RS256") for _ in range(10)] == [ONE] * 10
        assert keys.find({"kid": "one"}, "RS256") == ONE
        assert len(op.asked) == 1


async def test_tokens_that_come_together_share_a_fetch() -> None:
    """A hundred first requests are one request to the provider (CVE-2025-64527 is of that kind)."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())

        assert await asyncio.gather(*(key_for(keys, {"kid": "one"}, "RS256") for _ in range(100))) == [ONE] * 100
        assert len(op.asked) == 1


async def test_a_new_key_is_found_within_the_request_that_needs_it() -> None:
    """Rotation: an unknown kid causes one fetch, and the set is replaced, so a withdrawn key is gone."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())
        await keys.refresh()
        before = keys.generation

        op.publish(jwk(TWO, kid="two"))

        assert await key_for(keys, {"kid": "two"}, "RS256") == TWO
        assert keys.find({"kid": "one"}, "RS256") is None
        assert keys.generation != before


async def test_a_key_replaced_under_its_kid_counts_from_the_next_fetch() -> None:
    """Liberty keeps the first one for ever."""
    with provider() as op:
        op.publish(jwk(ONE, kid="k"))
        keys = remote(op, Clock())
        await keys.refresh()
        before = keys.generation
        op.publish(jwk(TWO, kid="k"))
        await keys.refresh()

        assert keys.find({"kid": "k"}, "RS256") == TWO
        assert keys.generation != before


async def test_an_unchanged_set_leaves_the_token_cache_alone() -> None:
    """The generation changes with the keys, not with each fetch."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"), jwk(TWO, kid="two"))
        keys = remote(op, Clock())
        await keys.refresh()
        before = keys.generation
        op.publish(jwk(TWO, kid="two"), jwk(ONE, kid="one"))
        await keys.refresh()

        assert keys.generation == before


async def test_a_forged_kid_does_not_spoil_tokens_without_one() -> None:
    """Liberty adds the set once more at each fetch, after which no key is the only one any more."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())

        assert await key_for(keys, {"kid": "forged"}, "RS256") is None
        assert await key_for(keys, {}, "RS256") == ONE


async def test_strangers_do_not_drive_traffic() -> None:
    """A flood of unknown kids causes as many fetches as the budget has, and good tokens go on."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        clock = Clock()
        keys = remote(op, clock)
        await keys.refresh()
        for number in range(200):
            assert await key_for(keys, {"kid": f"forged-{number}"}, "RS256") is None
        assert len(op.asked) == 1 + AGES.burst
        assert keys.find({"kid": "one"}, "RS256") == ONE

        clock.now += AGES.pace
        for number in range(200):
            await key_for(keys, {"kid": f"again-{number}"}, "RS256")
        assert len(op.asked) == 2 + AGES.burst


async def test_rotations_cost_nothing() -> None:
    """However often the keys change, and though strangers have left one fetch: a key that is there is found."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())
        await keys.refresh()
        for number in range(AGES.burst - 1):
            assert await key_for(keys, {"kid": f"forged-{number}"}, "RS256") is None
        for number in range(2 * AGES.burst):
            op.publish(jwk(TWO, kid=f"key-{number}"))
            assert await key_for(keys, {"kid": f"key-{number}", "alg": "RS256"}, "RS256") == TWO
        assert await key_for(keys, {"kid": "forged"}, "RS256") is None
        asked = len(op.asked)
        assert await key_for(keys, {"kid": "forged again"}, "RS256") is None
        assert len(op.asked) == asked


RECORDED: tuple[dict[str, str], ...] = ({}, {}, {"kid": ""}, {"kid": "K1"}, {"kid": "zz"}, {"kid": "zz"}, {"kid": "yy"})


async def test_a_rotation_after_some_fruitless_kids_is_noticed() -> None:
    """Recorded case 27, new-key: tokens that name no key, or one that is not there, come before it."""
    with provider() as op:
        op.publish(jwk(ONE, kid="k1"), jwk(TWO, kid="k2"))
        keys = remote(op, Clock(), Ages())
        await keys.refresh()
        for header in RECORDED:
            assert await key_for(keys, {**header, "alg": "RS256"}, "RS256") is None
        op.publish(jwk(ONE, kid="k1"), jwk(TWO, kid="k3"))
        assert await key_for(keys, {"kid": "k3", "alg": "RS256"}, "RS256") == TWO


async def test_a_flood_of_unknown_kids_costs_five_requests() -> None:
    """With the first fetch, by default, and whatever else is mixed in."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"), jwk(TWO, kid="two"))
        keys = remote(op, Clock(), Ages())
        await keys.refresh()
        for number in range(10_000):
            header = {"alg": "RS256", **({"kid": f"forged-{number}"} if number % 3 else RECORDED[number % 7])}
            assert await key_for(keys, header, "RS256") is None
        assert len(op.asked) == 5


async def test_a_token_without_a_kid_finds_a_key_that_was_not_there() -> None:
    """Only where there is none for its algorithm: of two that fit, none is meant, whatever comes along."""
    with provider() as op:
        op.publish()
        keys = remote(op, Clock())
        await keys.refresh()
        op.publish(jwk(ONE, kid="one"))
        assert await key_for(keys, {"alg": "RS256"}, "RS256") == ONE


async def test_one_unknown_kid_asks_once() -> None:
    """A client with an old token does not eat up the budget; after a minute it is worth a fetch again."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        clock = Clock()
        keys = remote(op, clock)
        await keys.refresh()
        for _ in range(50):
            assert await key_for(keys, {"kid": "old"}, "RS256") is None
        assert len(op.asked) == 2

        clock.now += AGES.memory
        await key_for(keys, {"kid": "old"}, "RS256")
        assert len(op.asked) == 3


@pytest.mark.parametrize("kid", [5, ["one"], {"a": 1}, "x" * 10_000, True])
async def test_an_absurd_kid_is_not_worth_a_fetch(kid: object) -> None:
    """No provider has such a key."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())
        await keys.refresh()

        assert await key_for(keys, {"kid": kid}, "RS256") is None
        assert len(op.asked) == 1


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, b""),
        (404, b'{"keys":[]}'),
        (302, b""),
        (200, b"<html/>"),
        (200, b""),
        (200, b'{"keys":[{"kty":'),
        (200, b'{"error":"busy"}'),
        (200, b"x" * 2_000_000),
        (200, json.dumps({"keys": [{}] * 10_000}).encode()),
    ],
)
async def test_an_outage_leaves_the_last_set_in_force(status: int, answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Known keys go on, unknown ones are refused, the log says why, and with its end the new set counts."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())
        await keys.refresh()
        before = keys.generation
        op.status, op.answer = status, answer

        assert await key_for(keys, {"kid": "two"}, "RS256") is None
        assert await key_for(keys, {"kid": "one"}, "RS256") == ONE
        assert keys.generation == before
        assert "CWWKS6049E" in caplog.text

        op.publish(jwk(TWO, kid="three"))
        assert await key_for(keys, {"kid": "three"}, "RS256") == TWO


async def test_an_outage_ends_trust_in_the_end() -> None:
    """Past the hard age no key is relied on; the caller learns that it is no fault of the token."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        clock = Clock()
        keys = remote(op, clock)
        await keys.refresh()
        before = keys.generation
        op.status = 503
        clock.now += AGES.hard + 1
        await keys.refresh()

        assert keys.find({"kid": "one"}, "RS256") is None
        assert keys.generation != before
        with pytest.raises(Unavailable, match="ZCON0340E"):
            await key_for(keys, {"kid": "one"}, "RS256")

        op.publish(jwk(ONE, kid="one"))
        clock.now += AGES.pace
        assert await key_for(keys, {"kid": "one"}, "RS256") == ONE


async def test_a_cold_start_in_an_outage_is_no_fault_of_the_token() -> None:
    """CVE-2026-31837: no key stands in for the missing ones; the budget holds here, too."""
    with provider() as op:
        op.status = 500
        keys = remote(op, Clock())
        for number in range(50):
            with pytest.raises(Unavailable):
                await key_for(keys, {"kid": f"{number}"}, "RS256")
        assert len(op.asked) == AGES.burst


async def test_a_provider_that_withdraws_every_key_is_believed() -> None:
    """An empty set is a set."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        keys = remote(op, Clock())
        await keys.refresh()
        op.publish()
        await keys.refresh()

        assert await key_for(keys, {"kid": "one"}, "RS256") is None


async def test_a_published_secret_verifies_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An oct key in a published set is left out with a warning."""
    with provider() as op:
        op.publish({"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("="), "kid": "hs", "alg": "HS256"})
        keys = remote(op, Clock())

        assert await key_for(keys, {"kid": "hs"}, "HS256") is None
        assert "ZCON0330W" in caplog.text


@asynccontextmanager
async def kept_fresh(op: Provider, folder: Path, ages: Ages, address: Address | None = None) -> AsyncIterator[RemoteKeys]:
    """Keys that a runtime keeps fresh."""
    async with assembly(folder) as made:
        yield open_remote_keys(made, address or Address(op.url), ages=ages)


async def until(keys: RemoteKeys, kid: str) -> None:
    """Wait until a key is there, without asking for it."""
    async with asyncio.timeout(10):
        while keys.find({"kid": kid}, "RS256") is None:
            await asyncio.sleep(0.01)


async def test_keys_are_fetched_beside_the_requests(tmp_path: Path) -> None:
    """At once, then again and again, sooner after a failure; over TLS with credentials."""
    with provider(tls(store(SERVER)).server_context()) as op:
        op.status = 500
        address = Address(op.url, tls(None).client_context("localhost"), {"Authorization": basic_credentials("rs", "päss")})
        async with kept_fresh(op, tmp_path, Ages(refresh=0.02, retry=0.01), address) as keys:
            while not op.asked:
                await asyncio.sleep(0.01)
            op.publish(jwk(ONE, kid="one"))
            await until(keys, "one")
            op.publish(jwk(TWO, kid="two"))
            await until(keys, "two")

        assert {each["authorization"] for each in op.asked} == {"Basic " + base64.b64encode("rs:päss".encode()).decode()}


async def test_closing_does_not_wait_for_the_provider(tmp_path: Path) -> None:
    """A fetch under way is given up."""
    with provider() as op:
        op.pause = 0.05
        op.answer = b"x" * 1000
        async with kept_fresh(op, tmp_path, AGES) as keys:
            while not op.asked:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        assert keys.find({}, "RS256") is None


@pytest.mark.parametrize(
    ("url", "told"), [("http://op.example/jwks", True), ("https://op.example/jwks", False), ("http://localhost:1/", False)]
)
async def test_keys_without_tls_are_warned_of(url: str, told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Unless they never leave this machine."""
    caplog.set_level(logging.WARNING)
    async with assembly(tmp_path) as made:
        open_remote_keys(made, Address(url), ages=AGES)

    assert ("ZCON0342W" in caplog.text) is told


async def test_a_reload_in_an_outage_keeps_the_last_set() -> None:
    """A new runtime begins with what the former one had fetched from the same address."""
    clock, last = Clock(), LastGood()
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        address = Address(op.url, deadline=2)
        before = RemoteKeys(address, AGES, clock, last)
        await before.refresh()
        op.status = 503
        after = RemoteKeys(address, AGES, clock, last)
        assert not await after.refresh()
        assert after.find({"kid": "one"}, "RS256") == ONE
        assert after.generation == before.generation


def shared(op: Provider, store: Store, clock: Clock, since: float = 0.0) -> RemoteKeys:
    """The keys of a provider as one of several processes has them."""
    return RemoteKeys(Address(op.url, deadline=2), AGES, clock, LastGood(op.url, store, b"op"), since)


async def test_processes_share_what_one_has_fetched(tmp_path: Path) -> None:
    """Also the keys of a later set; the provider is asked once for each."""
    clock = Clock()
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        one, other = (shared(op, Store(tmp_path / "state.db"), clock) for _ in range(2))
        assert await key_for(one, {"kid": "one", "alg": "RS256"}, "RS256") == ONE
        assert await key_for(other, {"kid": "one", "alg": "RS256"}, "RS256") == ONE
        assert len(op.asked) == 1

        clock.now += 1
        op.publish(jwk(TWO, kid="two"))
        assert await key_for(other, {"kid": "two", "alg": "RS256"}, "RS256") == TWO
        assert await key_for(one, {"kid": "two", "alg": "RS256"}, "RS256") == TWO
        assert one.find({"kid": "one"}, "RS256") is None
        assert len(op.asked) == 2


async def test_processes_share_the_budget_of_strangers(tmp_path: Path) -> None:
    """However many there are, unknown keys cause no more fetches than in one."""
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        several = [shared(op, Store(tmp_path / "state.db"), Clock()) for _ in range(4)]
        for number in range(5):
            for keys in several:
                await key_for(keys, {"kid": f"strange{number}", "alg": "RS256"}, "RS256")
        assert len(op.asked) == AGES.burst


async def test_a_restart_in_an_outage_begins_with_the_last_set(tmp_path: Path) -> None:
    """Until it is too old."""
    clock = Clock()
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        await shared(op, Store(tmp_path / "state.db"), clock).refresh()
        op.status = 503
        restarted = shared(op, Store(tmp_path / "state.db"), clock, since=clock.now + 1)
        assert await key_for(restarted, {"kid": "one", "alg": "RS256"}, "RS256") == ONE
        clock.now += AGES.hard + 1
        with pytest.raises(Unavailable):
            await key_for(shared(op, Store(tmp_path / "state.db"), clock), {"kid": "one", "alg": "RS256"}, "RS256")


async def test_a_fetch_is_due_after_a_restart_and_not_after_a_reload(tmp_path: Path) -> None:
    """A restart is how an operator makes sure of the newest keys; a reload would let editors drive traffic."""
    clock = Clock()
    with provider() as op:
        op.publish(jwk(ONE, kid="one"))
        await shared(op, Store(tmp_path / "state.db"), clock).refresh()
        for since, asked in ((0.0, 1), (clock.now + 1, 2)):
            keys = shared(op, Store(tmp_path / "state.db"), clock, since)
            fresh = asyncio.ensure_future(keys.keep_fresh())
            await asyncio.sleep(0.2)
            fresh.cancel()
            assert len(op.asked) == asked
