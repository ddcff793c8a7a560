"""The workers of a server: as many as the configuration says, all with the same configuration; one that dies is replaced."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import ExitStack, asynccontextmanager

from zconnect.config.configuration import Configuration
from zconnect.errors import Unavailable
from zconnect.messages import audit, error
from zconnect.security.remembered import Memories
from zconnect.server.hand import BROKEN, PATIENCE, Broken, Hand, hired
from zconnect.server.listen import Endpoints
from zconnect.server.orders import Beginning, Word
from zconnect.server.workers import Workers

logger = logging.getLogger(__name__)

SERVING = audit("ZCON0865I", "Requests are answered by {count} processes: {pids}.")
DIED = error("ZCON0866E", "The worker process {pid} {how}; another one takes its place.", "See in the logs what it was doing.")
REPLACED = audit("ZCON0869I", "The worker process {pid} has taken the place of the one that ended.")

_QUICK = 10.0  # seconds; after each death within so many the next hiring is later
_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between a death and the next hiring


class Crew:
    """The endpoints of the leading process and the workers that share them; `beginning` is what each worker is told first."""

    def __init__(self, endpoints: Endpoints, beginning: Beginning) -> None:
        self._endpoints = endpoints
        self._beginning = beginning
        self._hands: list[Hand] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._quick_deaths = 0
        self._configuration = Configuration(())
        self._turn = asyncio.Lock()  # a hiring and a change of the configuration do not mix
        self._ending = False

    @property
    def _missing(self) -> int:
        """How many workers there should be beside those that there are."""
        return 0 if self._ending else self._configuration.one(Workers).number - 1 - len(self._hands)

    @asynccontextmanager
    async def change(self, configuration: Configuration) -> AsyncIterator[None]:
        """Put a configuration in force in all processes, or in none.

        Before the block, which puts it in force in this process, all workers make its runtime; raises `Unavailable` where one
        cannot. After the block they serve from it; where the block raises they go on as before.
        """
        async with self._turn:
            before, self._configuration = self._configuration, configuration
            with ExitStack() as undone:
                undone.callback(self._go_back, before)
                for hand in await asyncio.gather(*(hired(self._beginning) for _ in range(self._missing))):
                    self._join(hand)
                await self._prepare(configuration)
                yield
                undone.pop_all()
            await self._each(Word.COMMIT, *self._ports())
            while self._missing < 0:
                self._beside(_dismissed(self._hands.pop()))

    def _go_back(self, configuration: Configuration) -> None:
        self._configuration = configuration

    async def _prepare(self, configuration: Configuration) -> None:
        """Raises `Unavailable` where a worker says that it cannot; one that does not answer is replaced."""
        hands = tuple(self._hands)  # the dead leave meanwhile
        answers = await asyncio.gather(*(hand.tell(Word.PREPARE, configuration) for hand in hands), return_exceptions=True)
        for hand, answer in zip(hands, answers, strict=True):
            if isinstance(answer, Broken):
                hand.kill()
            elif answer is not None:
                raise answer

    def _ports(self) -> tuple[tuple[str, ...], tuple[socket.socket, ...]]:
        """The names of the open ports and their sockets."""
        sockets = self._endpoints.sockets
        return tuple(sockets), tuple(sockets.values())

    async def _each(self, word: Word, data: object = None, sockets: Sequence[socket.socket] = ()) -> None:
        """Have all workers do something."""
        await asyncio.gather(*(self._order(hand, word, data, sockets) for hand in self._hands))

    async def _order(self, hand: Hand, word: Word, data: object = None, sockets: Sequence[socket.socket] = ()) -> bool:
        """Have a worker do something; one that cannot is ended, and so replaced by one that can."""
        try:
            await hand.tell(word, data, sockets)
        except (Unavailable, Broken) as cause:
            BROKEN.log(logger, pid=hand.process.pid, word=word, reason=cause)
            hand.kill()
            return False
        return True

    def _join(self, hand: Hand) -> None:
        self._hands.append(hand)
        self._beside(self._watch(hand))

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, hand: Hand) -> None:
        """Replace a worker when it has died."""
        code = await hand.process.wait()
        if self._ending or hand not in self._hands:
            return
        self._hands.remove(hand)
        DIED.log(logger, pid=hand.process.pid, how=f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}")
        self._quick_deaths = self._quick_deaths + 1 if time.monotonic() - hand.hired < _QUICK else 0
        await asyncio.sleep(_PAUSES[min(self._quick_deaths, len(_PAUSES) - 1)])
        await self._replace()

    async def _replace(self) -> None:
        async with self._turn:
            if self._missing <= 0:
                return
            try:
                fresh = await hired(self._beginning)
            except Unavailable as missing:
                missing.told.log(logger)
                self._beside(self._try_later())
                return
            self._join(fresh)
            if await self._order(fresh, Word.PREPARE, self._configuration) and await self._order(fresh, Word.COMMIT, *self._ports()):
                REPLACED.log(logger, pid=fresh.process.pid)

    async def _try_later(self) -> None:
        await asyncio.sleep(_PAUSES[-1])
        await self._replace()

    def tell_ready(self) -> None:
        """Say which processes serve, where there are several."""
        if self._hands:
            pids = [os.getpid(), *(hand.process.pid for hand in self._hands)]
            SERVING.log(logger, count=len(pids), pids=", ".join(map(str, pids)))

    def ids(self) -> Sequence[str]:
        """The endpoints that have a port."""
        return self._endpoints.ids()

    async def pause(self, ids: Sequence[str]) -> None:
        """Close the ports of these endpoints in all processes."""
        await self._endpoints.pause(ids)
        await self._each(Word.PAUSE, ids)

    async def resume(self, ids: Sequence[str]) -> None:
        """Open them again."""
        await self._endpoints.resume(ids)
        names, sockets = self._ports()
        await self._each(Word.RESUME, (ids, names), sockets)

    async def dump(self) -> None:
        """Have all workers write the stacks of their threads."""
        await self._each(Word.DUMP)

    async def forget(self, memories: Memories) -> None:
        """Have all workers forget what they remember of callers."""
        await self._each(Word.FORGET, memories)

    async def drain(self, seconds: float) -> bool:
        """Close all ports, finish what is under way and end the workers; whether that was done in time."""
        self._ending = True
        leaving, self._hands = self._hands, []
        ended = await asyncio.gather(self._endpoints.drain(seconds), *(hand.stop(seconds) for hand in leaving))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return all(ended)


async def _dismissed(hand: Hand) -> None:
    await hand.stop(PATIENCE)
