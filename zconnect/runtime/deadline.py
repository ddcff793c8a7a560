"""The limit of time on calls (asyncRequestTimeout): one coarse sweep for all, because a timer for each costs more than the walk."""

import asyncio
import time
import types
from collections.abc import Coroutine, Generator
from datetime import timedelta
from typing import Any

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.roles import Assembly, Service
from zconnect.values import Call, Response

OVERDUE = warning(
    "BAQR0433W",
    "The request was not answered within {milliseconds} milliseconds.",
    "Find out why the back end is slow, or raise asyncRequestTimeout of zosconnect_zosConnectManager.",
)

SWEEP = 0.25  # seconds: a call may overstay by so much


class _UnderWay:
    """A call under way: when it began, and what it waits for now."""

    __slots__ = ("awaited", "began", "overdue")

    def __init__(self, began: float) -> None:
        self.began = began
        self.awaited: object = None
        self.overdue = False


class Deadlines:
    """Calls under way, oldest first; the overdue ones are cancelled."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit.total_seconds()
        self._under_way: dict[_UnderWay, None] = {}

    def limited(self, service: Service) -> Service:
        """A service that answers in time or raises `Refused` with 503."""
        return _Limited(service, self)

    async def sweep(self) -> None:
        """Cancel what is overdue, for ever."""
        while True:
            await asyncio.sleep(SWEEP)
            oldest_allowed = time.monotonic() - self._limit
            for call in tuple(self._under_way):
                if call.began > oldest_allowed:
                    break
                if isinstance(call.awaited, asyncio.Future):
                    call.overdue = True
                    call.awaited.cancel()

    @types.coroutine
    def within(self, work: Coroutine[Any, Any, Response]) -> Generator[object, object, Response]:
        """Do the work, and know what it waits for: that is what can be cancelled, with a task or without."""
        under_way = _UnderWay(time.monotonic())
        self._under_way[under_way] = None
        step, value = work.send, None
        try:
            while True:
                under_way.awaited = awaited = step(value)
                try:
                    yield awaited
                except BaseException as raised:
                    step, value = work.throw, raised
                else:
                    step, value = work.send, None
        except StopIteration as done:
            response: Response = done.value
            return response
        except asyncio.CancelledError:
            if not under_way.overdue:
                raise
            raise Refused(503, OVERDUE(milliseconds=round(self._limit * 1000))) from None
        finally:
            del self._under_way[under_way]


class _Limited:
    """A service under a limit of time."""

    def __init__(self, service: Service, deadlines: Deadlines) -> None:
        self._service = service
        self._deadlines = deadlines

    async def invoke(self, call: Call) -> Response:
        return await self._deadlines.within(self._service.invoke(call))


def open_deadlines(assembly: Assembly, limit: timedelta) -> Deadlines:
    """The deadlines of a runtime, swept until it is closed."""
    deadlines = Deadlines(limit)
    assembly.begin(deadlines.sweep())
    return deadlines
