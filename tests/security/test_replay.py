"""Tokens that may be used once."""

import pytest

from tests.security.support import assembly
from zconnect.errors import Refused
from zconnect.security.replay import UsedTokens, open_used_tokens


def test_a_token_is_used_once() -> None:
    """Issuer and jti together count, letter case included, and an empty jti is one."""
    used = UsedTokens()
    assert used.use("op", "a", 100, 0)
    assert not used.use("op", "a", 100, 0)
    assert used.use("op", "A", 100, 0)
    assert used.use("op2", "a", 100, 0)
    assert used.use("op", "", 100, 0)
    assert not used.use("op", "", 100, 0)
    assert used.use("o", "pa", 100, 0)


def test_a_use_is_remembered_until_the_token_ends_for_good() -> None:
    """Recorded case 42: Liberty forgets at exp, so that the skew lets the token in again; here the end is exp and skew."""
    used = UsedTokens()
    used.use("op", "a", 100, 0)
    assert not used.use("op", "a", 100, 99.9)
    assert used.use("op", "a", 200, 100)


def test_nothing_is_forgotten_for_want_of_room() -> None:
    """When the memory is full of tokens that could still be used, the next one is refused, and room comes with time."""
    used = UsedTokens(capacity=2)
    used.use("op", "a", 100, 0)
    used.use("op", "b", 50, 0)
    with pytest.raises(Refused) as caught:
        used.use("op", "c", 100, 0)
    assert caught.value.status == 503
    assert used.use("op", "c", 100, 60)
    assert not used.use("op", "a", 100, 60)


async def test_a_reload_forgets_nothing() -> None:
    """Whoever opens the memory again, in this runtime or a later one of the server, has the same."""
    async with assembly() as runtime:
        before, after = await open_used_tokens(runtime), await open_used_tokens(runtime)
        before.use("op", "a", 100, 0)
        assert not after.use("op", "a", 100, 0)
