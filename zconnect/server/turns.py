"""Work that one caller makes more of than others: one piece of it in each turn of the event loop, so that nobody waits for long."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """A queue of pieces of work; between two of them everything else goes on."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def wait(self, work: Callable[[], None]) -> None:
        """Do this when its turn has come."""
        self._waiting.append(work)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        work = self._waiting[0]
        try:
            work()
        finally:
            self._waiting.popleft()
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._next)
