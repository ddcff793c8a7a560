"""Slow password hashes beside the event loop."""

import asyncio

import pytest

from zconnect.config.passwords import Password, encode_hash
from zconnect.errors import Refused
from zconnect.security.hashing import Hashing, open_hashing

from .support import assembly

HASHED = Password(encode_hash("right"))
PLAIN = Password("right")


@pytest.mark.parametrize("known", [HASHED, PLAIN], ids=["hash", "plain"])
@pytest.mark.parametrize("others", [[HASHED], [PLAIN], [PLAIN, HASHED]], ids=["hash", "plain", "both"])
async def test_a_password_is_right_or_wrong_whatever_stands_beside_it(known: Password, others: list[Password]) -> None:
    """The decoy costs time and never decides."""
    async with assembly() as opened:
        hashing = await open_hashing(opened)
        decoy = hashing.decoy(others)
        assert await hashing.check(known, "right", decoy)
        assert not await hashing.check(known, "wrong", decoy)


def test_the_decoy_is_as_dear_as_the_dearest() -> None:
    """An unknown user is checked against a hash where there is one."""
    hashing = Hashing()
    assert hashing.decoy([PLAIN, HASHED]).is_hashed
    assert not hashing.decoy([PLAIN]).is_hashed
    assert not hashing.decoy([]).is_hashed


async def test_too_many_at_once_are_told_to_come_again() -> None:
    """A flood of logins gets 503 instead of a queue without end (N-1603)."""
    async with assembly() as opened:
        hashing = await open_hashing(opened)
        checks = [asyncio.ensure_future(hashing.check(HASHED, "wrong", HASHED)) for _ in range(80)]
        found = await asyncio.gather(*checks, return_exceptions=True)
        refused = [one for one in found if isinstance(one, Refused)]
        assert len(refused) == 16
        assert {503} == {one.status for one in refused}
        assert await hashing.check(HASHED, "right", HASHED)
