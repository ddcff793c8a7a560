"""The word to stop."""

import asyncio
import os
import signal

import pytest

from zconnect.server.word import SIGNALS, Word


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_is_a_word(number: signal.Signals) -> None:
    """The exit code says which one it was."""
    word = Word()
    with word.signals():
        os.kill(os.getpid(), number)
        assert await word.spoken() == 128 + number
    assert word.by_signal


async def test_the_first_word_counts() -> None:
    """A signal behind a stop does not change how the process ends; a forced stop behind a stop is still forced."""
    word = Word()
    word.stop()
    word.signal(signal.SIGTERM)
    word.stop(forced=True)
    assert await word.spoken() == 0
    assert (word.by_signal, word.forced) == (False, True)


async def test_waiting_can_be_given_up() -> None:
    """The word can still be spoken then."""
    word = Word()
    waiting = asyncio.ensure_future(word.spoken())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    word.stop()
    assert await word.spoken() == 0
