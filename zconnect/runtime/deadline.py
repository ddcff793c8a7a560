"""The limit of time on calls (asyncRequestTimeout): one coarse sweep for all, because a timer for each costs more than the walk."""

import asyncio
import time
from datetime import timedelta

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


class Deadlines:
    """Calls under way with the time at which each began, oldest first; the overdue ones are cancelled."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit.total_seconds()
        self._begun: dict[asyncio.Task[object], float] = {}
        self._overdue: set[asyncio.Task[object]] = set()

    def limited(self, service: Service) -> Service:
        """A service that answers in time or raises `Refused` with 503."""
        return _Limited(service, self)

    async def sweep(self) -> None:
        """Cancel what is overdue, for ever."""
        while True:
            await asyncio.sleep(SWEEP)
            oldest_allowed = time.monotonic() - self._limit
            for task, begun in self._begun.items():
                if begun > oldest_allowed:
                    break
                if task not in self._overdue:
                    self._overdue.add(task)
                    task.cancel()

    async def invoke(self, service: Service, call: Call) -> Response:
        """Call a service within the limit; from here on the request runs inside a task."""
        task = asyncio.current_task()
        if task is None:
            await asyncio.sleep(0)  # lets the edge carry the walk on inside a task
            task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a call was not carried on inside a task")
        self._begun[task] = time.monotonic()
        try:
            return await service.invoke(call)
        except asyncio.CancelledError:
            if task not in self._overdue:
                raise
            task.uncancel()
            raise Refused(503, OVERDUE(milliseconds=round(self._limit * 1000))) from None
        finally:
            del self._begun[task]
            self._overdue.discard(task)


class _Limited:
    """A service under a limit of time."""

    def __init__(self, service: Service, deadlines: Deadlines) -> None:
        self._service = service
        self._deadlines = deadlines

    async def invoke(self, call: Call) -> Response:
        return await self._deadlines.invoke(self._service, call)


def open_deadlines(assembly: Assembly, limit: timedelta) -> Deadlines:
    """The deadlines of a runtime, swept until it is closed."""
    deadlines = Deadlines(limit)
    assembly.begin(deadlines.sweep())
    return deadlines
