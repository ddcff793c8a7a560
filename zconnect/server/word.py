"""The word to stop: who spoke it, and how the process is to end."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Word:
    """Spoken once, by a client of the command port or by a signal."""

    def __init__(self) -> None:
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.by_signal = False
        self.forced = False

    def stop(self, *, forced: bool = False) -> None:
        """Stop because a client said so; a forced stop waits for no request."""
        self.forced = self.forced or forced
        self._speak(0)

    def signal(self, number: int) -> None:
        """Stop because the process was told to; the exit code says by which signal."""
        self.by_signal = self.by_signal or not self._code.done()
        self._speak(128 + number)

    def _speak(self, code: int) -> None:
        if not self._code.done():
            self._code.set_result(code)

    async def spoken(self) -> int:
        """The exit code, once the word has been spoken."""
        return await asyncio.shield(self._code)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Take the signals that end a process as the word."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.signal, number)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
