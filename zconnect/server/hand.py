"""One worker as the leading process sees it."""

import asyncio
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from zconnect.errors import Unavailable
from zconnect.messages import Told, error
from zconnect.server.orders import Beginning, Line, Word

BROKEN = error(
    "ZCON0867E",
    "The worker process {pid} did not do what it was told ({word}): {reason}.",
    "See its messages in the logs; where memory is short, lower count of zconnect_workers.",
)

NOT_HIRED = error(
    "ZCON0868E",
    "No worker process can be started: {reason}.",
    "See whether memory or processes are short, or lower count of zconnect_workers.",
)

PATIENCE = 60.0  # seconds that a worker may need for what it is told
_LATE = 5.0  # seconds that a worker may need to end, beyond those that its requests have


class Broken(Exception):
    """A worker does not answer."""


class Hand:
    """A process that does what it is told, one order after the other; `hired` is when, monotonic."""

    def __init__(self, process: asyncio.subprocess.Process, line: Line) -> None:
        self.process = process
        self.hired = time.monotonic()
        self._line = line
        self._busy = asyncio.Lock()

    async def tell(self, word: Word, data: object = None, sockets: Sequence[socket.socket] = (), limit: float = PATIENCE) -> None:
        """Have it do something; raises `Unavailable` where it says that it cannot, and `Broken` where it does not answer."""
        async with self._busy:
            try:
                answer = await asyncio.to_thread(self._told, word, data, sockets, limit)
            except (OSError, EOFError) as cause:
                raise Broken(str(cause) or type(cause).__name__) from cause
        if isinstance(answer, Told):
            raise Unavailable(answer)

    def _told(self, word: Word, data: object, sockets: Sequence[socket.socket], limit: float) -> object:
        self._line.limit(limit)
        self._line.send((word, data), sockets)
        return self._line.receive().data

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def stop(self, seconds: float) -> bool:
        """Let it finish what is under way within so many seconds, and wait until it is gone; whether it has finished."""
        finished = True
        try:
            async with asyncio.timeout(seconds + _LATE):
                await self.tell(Word.STOP, seconds, limit=seconds + _LATE)
                await self.process.wait()
        except (TimeoutError, Broken, Unavailable):
            finished = False
            self.kill()
            await self.process.wait()
        self._line.close()
        return finished


async def hired(beginning: Beginning) -> Hand:
    """A new worker that knows its server; raises `Unavailable`."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = (sys.executable, "-P", "-m", "zconnect.server.worker", str(theirs.fileno()))
        try:
            process = await asyncio.create_subprocess_exec(*command, pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL)
        except OSError as cause:
            ours.close()
            raise Unavailable(NOT_HIRED(reason=cause.strerror)) from cause
    hand = Hand(process, Line(ours))
    try:
        await hand.tell(Word.BEGIN, beginning)
    except Broken as cause:
        hand.kill()
        await process.wait()
        raise Unavailable(BROKEN(pid=process.pid, word=Word.BEGIN, reason=cause)) from cause
    return hand
