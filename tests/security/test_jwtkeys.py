"""The keys that a builder signs with."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.runtime.store import Store
from zconnect.security.jwtkeys import FixedKey, NoKey, RotatingKeys, Signer, signer, usual_algorithm
from zconnect.trust.compact import Compact
from zconnect.trust.entries import PrivateKey
from zconnect.trust.token import key_of_jwk, signed, verify_signature

PERIOD = 100.0


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_key_is_named_by_its_thumbprint() -> None:
    """RFC 7638: the same key has the same kid wherever it is published."""
    key = ec.generate_private_key(ec.SECP256R1())

    assert signer(key, "ES256") == signer(key, "ES256")
    assert signer(key, "ES256").kid != signer(ec.generate_private_key(ec.SECP256R1()), "ES256").kid
    assert await FixedKey(signer(key, "ES256")).published() == (signer(key, "ES256").jwk,)


async def test_a_secret_is_not_published() -> None:
    """Whoever can verify with it can sign with it."""
    assert await FixedKey(Signer("HS256", b"s" * 32)).published() == ()


async def test_a_missing_key_refuses() -> None:
    """503, and nothing is published."""
    keys = NoKey(error("TEST0001E", "Missing.", "Find it.")())

    with pytest.raises(Refused) as caught:
        await keys.current()
    assert caught.value.status == 503
    assert await keys.published() == ()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (ec.generate_private_key(ec.SECP256K1()), ""),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_the_kind_of_a_key_has_its_algorithm(key: PrivateKey, algorithm: str) -> None:
    """Where nobody chose one."""
    assert usual_algorithm(key) == algorithm


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "RS256", "PS256"])
async def test_generated_keys_suit_their_algorithm(algorithm: str) -> None:
    """What is published verifies what was signed."""
    keys = RotatingKeys(algorithm, 2048, PERIOD, Clock(), Store(), "b")
    current = await keys.current()
    (published,) = await keys.published()

    verify_signature(Compact.parse(signed({}, {"sub": "a"}, algorithm, current.key)), algorithm, key_of_jwk(published))
    assert published["kid"] == current.kid
    assert "d" not in published


async def test_generated_keys_take_turns() -> None:
    """A new one after its time; the one before it is published for one period more."""
    clock = Clock()
    keys = RotatingKeys("ES256", 2048, PERIOD, clock, Store(), "b")

    async def kids() -> list[object]:
        return [each["kid"] for each in await keys.published()]

    first = (await keys.current()).kid
    clock.now += PERIOD - 1
    assert (await keys.current()).kid == first
    assert await kids() == [first]

    clock.now += 1
    second = (await keys.current()).kid
    assert second != first
    assert await kids() == [second, first]

    clock.now += PERIOD
    third = (await keys.current()).kid
    assert await kids() == [third, second]


async def test_requests_that_come_together_make_one_key() -> None:
    """Generating is work, and two keys would be one too many."""
    keys = RotatingKeys("ES256", 2048, PERIOD, Clock(), Store(), "b")

    assert len({(await each).kid for each in asyncio.as_completed([keys.current() for _ in range(20)])}) == 1


async def test_processes_have_the_same_keys(tmp_path: Path) -> None:
    """What one signs another publishes, also when they come together; the file does not hold the keys in clear."""
    clock = Clock()
    stores = [Store(tmp_path / "state.db", secret=b"0123456789") for _ in range(3)]
    keys = [RotatingKeys("ES256", 2048, PERIOD, clock, store, "b") for store in stores]

    for _ in range(2):
        (kid,) = {signer.kid for signer in await asyncio.gather(*(each.current() for each in keys))}
        assert [published[0]["kid"] for published in [await each.published() for each in keys]] == [kid] * 3
        clock.now += PERIOD
    stores[0].close()
    assert b"ENCRYPTED PRIVATE KEY" in b"".join(path.read_bytes() for path in tmp_path.iterdir())


async def test_a_reload_keeps_the_keys_and_a_restart_does_not(tmp_path: Path) -> None:
    """As in Liberty, whose generated keys end with the server."""
    clock, file = Clock(), tmp_path / "state.db"
    before = await RotatingKeys("ES256", 2048, PERIOD, clock, Store(file, secret=b"0123456789"), "b").current()
    reloaded = await RotatingKeys("ES256", 2048, PERIOD, clock, Store(file, secret=b"0123456789"), "b").current()
    restarted = await RotatingKeys("ES256", 2048, PERIOD, clock, Store(file), "b").current()
    assert before.kid == reloaded.kid != restarted.kid
