"""Tokens that may be used once."""

from pathlib import Path

import pytest

from zconnect.errors import Refused
from zconnect.runtime.store import Store
from zconnect.security.replay import UsedTokens


def test_a_token_is_used_once() -> None:
    """Issuer and jti together count, letter case included, and an empty jti is one."""
    used = UsedTokens(Store())
    assert used.use("op", "a", 100, 0)
    assert not used.use("op", "a", 100, 0)
    assert used.use("op", "A", 100, 0)
    assert used.use("op2", "a", 100, 0)
    assert used.use("op", "", 100, 0)
    assert not used.use("op", "", 100, 0)
    assert used.use("o", "pa", 100, 0)


def test_a_use_is_remembered_until_the_token_ends_for_good() -> None:
    """Recorded case 42: Liberty forgets at exp, so that the skew lets the token in again; here the end is exp and skew."""
    used = UsedTokens(Store())
    used.use("op", "a", 100, 0)
    assert not used.use("op", "a", 100, 99.9)
    assert used.use("op", "a", 200, 100)


def test_nothing_is_forgotten_for_want_of_room() -> None:
    """When the memory is full of tokens that could still be used, the next one is refused, and room comes with time."""
    used = UsedTokens(Store(), capacity=2)
    used.use("op", "a", 100, 0)
    used.use("op", "b", 50, 0)
    with pytest.raises(Refused) as caught:
        used.use("op", "c", 100, 0)
    assert caught.value.status == 503
    assert used.use("op", "c", 100, 60)
    assert not used.use("op", "a", 100, 60)


def test_processes_share_and_restarts_forget_nothing(tmp_path: Path) -> None:
    """Whoever opens the store of the server knows what was used."""
    one, other = (UsedTokens(Store(tmp_path / "state.db")) for _ in range(2))
    assert one.use("op", "a", 100, 0)
    assert not other.use("op", "a", 100, 0)
    assert not UsedTokens(Store(tmp_path / "state.db")).use("op", "a", 100, 0)


def test_what_cannot_be_remembered_is_refused(tmp_path: Path) -> None:
    """503: a token that nobody remembers could be used again."""
    (tmp_path / "state.db").mkdir()
    used = UsedTokens(Store(tmp_path / "state.db"))
    with pytest.raises(Refused) as caught:
        used.use("op", "b", 100, 0)
    assert caught.value.status == 503
