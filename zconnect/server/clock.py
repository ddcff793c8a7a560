"""One coarse clock for all connections: the time, the Date line and the sweep that ends what is overdue."""

import asyncio
import time
from email.utils import formatdate
from heapq import nsmallest
from typing import Protocol

from zconnect.server.httpoptions import FOR_EVER

SWEEP = 1.0  # seconds; a time limit may be overstayed by so much


class Timed(Protocol):
    """Something that must go on before its `deadline` (on the scale of `Clock.now`)."""

    deadline: float

    def expired(self) -> None:
        """The deadline has passed."""
        ...

    def abort(self) -> None:
        """Close its connection at once."""
        ...


class Clock:
    """`now` in seconds of the monotonic clock and `date` as a whole header line; both at most one sweep old."""

    def __init__(self) -> None:
        self.now = 0.0
        self.date = b""
        self._watched: set[Timed] = set()
        self.tick()

    def tick(self) -> None:
        """Set the clock and end what is overdue."""
        self.now = time.monotonic()
        self.date = b"date: %b\r\n" % formatdate(usegmt=True).encode()
        for timed in [timed for timed in self._watched if timed.deadline < self.now]:
            timed.expired()

    def watch(self, timed: Timed) -> None:
        """Have `expired` called when its deadline has passed."""
        self._watched.add(timed)

    def forget(self, timed: Timed) -> None:
        """It has ended by itself."""
        self._watched.discard(timed)

    def hurry(self, count: int) -> int:
        """Close the connections of those nearest to their deadline, because others need what they hold; how many that were."""
        waiting = nsmallest(count, (timed for timed in self._watched if timed.deadline < FOR_EVER), key=lambda timed: timed.deadline)
        for timed in waiting:
            timed.abort()
        return len(waiting)

    async def run(self) -> None:
        """Tick, for ever."""
        while True:
            await asyncio.sleep(SWEEP)
            self.tick()
