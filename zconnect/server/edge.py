"""Where requests leave the protocols: the first step of the walk without a task, and the last net for its faults."""

import asyncio
import logging
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Sequence
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Any, NamedTuple, Protocol

from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.server.accesslog import AccessLog
from zconnect.server.clock import Clock
from zconnect.server.httpoptions import Limits
from zconnect.server.tunnel import Tunnel
from zconnect.server.turnedaway import TurnedAway
from zconnect.server.turns import Turns
from zconnect.values import Page, Request, Response

FAULT = error(
    "ZCON0801E",
    "The request {identifier} ({method} {path}) ended in a fault: {reason}.",
    "The caller got status 500. Report it with the stack that the log has.",
)

logger = logging.getLogger(__name__)

Walk = Coroutine[Any, Any, Response]
Early = Callable[[Request], Response | None]
Edit = Callable[[Request | None, Response], Response]


# Why a request is refused whose caller is not who a proxy says; it stands in `Request.known`, so that the walk leaves a record.
REFUSAL = "refusal"


class Handler(Protocol):
    """What answers requests: a runtime."""

    async def handle(self, request: Request) -> Response:
        """The answer."""
        ...

    async def refuse(self, request: Request, refusal: Refused) -> Response:
        """The answer to a request that has been refused already."""
        ...

    def entered(self) -> None:
        """A request begins."""
        ...

    def left(self) -> None:
        """A request has ended."""
        ...


class Drainable(Protocol):
    """An open connection."""

    def drain(self) -> None:
        """Close as soon as nothing is under way."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Halfway(NamedTuple):
    """A walk that waits for something."""

    walk: Walk
    awaited: object


class Edge:
    """What all connections of a port share; `runtime`, `limits` and the rest may be replaced between two requests.

    `edits` change every answer on its way out, in order; `early` may answer a request before the runtime sees it;
    `identify` finds out who sent it, with the fields that may claim it, where proxies stand between; `unpack` takes requests with a body.
    `page` judges the pages that offer WebSocket; `tunnels` are the WebSockets that are open. `name` is that of the port in messages.
    """

    def __init__(self, runtime: Handler, limits: Limits, clock: Clock, name: str = "") -> None:
        self.connections: set[Drainable] = set()
        self.runtime = runtime
        self.limits = limits
        self.clock = clock
        self.edits: tuple[Edit, ...] = ()
        self.early: tuple[Early, ...] = ()
        self.identify: Callable[[Request, Sequence[tuple[bytes, bytes]]], Request] | None = None
        self.unpack: Callable[[Request], Request] | None = None
        self.page: Callable[[Request], Page] = _foreign
        self.log: AccessLog | None = None
        self.http2 = True
        self.draining = False
        self.arriving = 0  # connections that were taken and are not open yet
        self.tasks: set[asyncio.Task[None]] = set()
        self.waiting: set[asyncio.Future[object]] = set()
        self.tunnels: set[Tunnel] = set()
        self.turned_away = TurnedAway(name)
        self.turns = Turns()
        self._loop = asyncio.get_running_loop()
        self._prefix = token_hex(4)
        self._number = count(1)

    def identifier(self) -> str:
        """A name for a request that no other has in the life of a server."""
        return f"{self._prefix}-{next(self._number):x}"

    @property
    def busy(self) -> bool:
        """Somebody is connected, or something is under way."""
        return bool(self.connections or self.tasks or self.waiting)

    def edited(self, request: Request | None, response: Response) -> Response:
        """The answer as it leaves this port."""
        for edit in self.edits:
            response = edit(request, response)
        return response

    def walk(self, runtime: Handler, request: Request) -> "Response | Halfway":
        """The first step of a request: an answer at once, or a walk that waits."""
        if request.known and (refusal := request.known.pop(REFUSAL, None)) is not None:
            self.turned_away.add(refusal.reason, request.peer.address)
            return begun(runtime.refuse(request, refusal), request)
        for answer in self.early:
            response = answer(request)
            if response is not None:
                return response
        return begun(runtime.handle(request), request)

    def leave(self) -> None:
        """Have all WebSockets closed: nothing else would end them."""
        for tunnel in tuple(self.tunnels):
            tunnel.leave()

    def work(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Carry on in a task, which the edge holds until its end."""
        task = self._loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def carry(self, halfway: Halfway, request: Request, then: Callable[[Response | None], None]) -> None:
        """Carry a walk on and hand over its answer, None where it was cancelled.

        It goes on in callbacks as long as it waits for futures, and in a task from the time it needs one: most walks wait
        once, for an application, and a task for that would cost more than the guard.
        """
        awaited = halfway.awaited
        if not isinstance(awaited, asyncio.Future):
            self.work(_in_task(halfway, request, then))
            return
        awaited._asyncio_future_blocking = False  # as a task does that has understood what it waits for
        self.waiting.add(awaited)
        awaited.add_done_callback(partial(self._go_on, halfway.walk, request, then))

    def _go_on(self, walk: Walk, request: Request, then: Callable[[Response | None], None], future: "asyncio.Future[object]") -> None:
        self.waiting.discard(future)
        try:
            step = begun(walk, request)
        except asyncio.CancelledError:
            then(None)
            return
        if isinstance(step, Response):
            then(step)
        else:
            self.carry(step, request, then)


def _foreign(request: Request) -> Page:
    """Nobody has said who may."""
    return Page.FOREIGN


async def _in_task(halfway: Halfway, request: Request, then: Callable[[Response | None], None]) -> None:
    try:
        response = await carried(halfway, request)
    except asyncio.CancelledError:
        then(None)
        raise
    then(response)


def begun(walk: Walk, request: Request) -> Response | Halfway:
    """Take the first step of a walk: its answer at once, or where it waits."""
    try:
        return Halfway(walk, walk.send(None))
    except StopIteration as done:
        response: Response = done.value
        return response
    except Exception as fault:
        return failure(request, fault)


async def carried(halfway: Halfway, request: Request) -> Response:
    """The answer of a walk that waits; runs in a task."""
    try:
        return await _carry(halfway.walk, halfway.awaited)
    except Exception as fault:
        return failure(request, fault)


@types.coroutine
def _carry(walk: Walk, awaited: object) -> Generator[object, None, Response]:
    """Hand the task what the walk already waits for, then walk on; a cancellation reaches the walk where it stands."""
    try:
        yield awaited
    except BaseException as raised:
        try:
            awaited = walk.throw(raised)
        except StopIteration as done:
            response: Response = done.value
            return response
        return (yield from _carry(walk, awaited))
    response = yield from walk
    return response


async def streamed(body: AsyncIterator[bytes], request: Request, send: Callable[[bytes], Awaitable[bool]]) -> bool:
    """Send a body piece by piece until its end or until `send` says no; whether it came to its end."""
    try:
        async for piece in body:
            if not await send(piece):
                return False
        return True
    except Exception as fault:
        failure(request, fault)
        return False


async def closed(body: AsyncIterator[bytes]) -> None:
    """End a body that may not have come to its end."""
    close = getattr(body, "aclose", None)
    if close is not None:  # a generator, or an iterator that has to be told, too
        try:
            await close()
        except Exception as fault:
            logger.debug("the end of an answer failed", exc_info=fault)


def failure(request: Request, fault: Exception) -> Response:
    """The answer to a request whose walk ended in a fault; the cause stays in the log."""
    if isinstance(fault, Refused):
        return fault.response
    told = FAULT(identifier=request.identifier, method=request.method, path=request.path, reason=type(fault).__name__)
    logger.error("%s", told, exc_info=fault)
    return Response(500)
