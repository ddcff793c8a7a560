"""One request and its answer over ASGI: `receive` and `send` on the application's side, a Response on ours."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, MutableMapping
from typing import Any

from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.values import Request, Response

NO_ANSWER = error(
    "ZCON0621E", "The application {application} ended without an answer to the request {identifier}.", "It must send a response."
)
FAILED_LATER = error(
    "ZCON0622E",
    "The application {application} failed after it had answered the request {identifier}: {cause}.",
    "Look at the stack that follows.",
)

Message = MutableMapping[str, Any]

MOST_HELD = 64 * 1024  # bytes of body: until then an answer may still become a whole one, from then on its sender waits
GRACE = 5.0  # seconds that an application has to notice that its caller has gone

logger = logging.getLogger(__name__)


class CallerGone(OSError):
    """What an application gets that sends to a caller who has gone (ASGI 2.4)."""


class Exchange:
    """Lets an application answer: whole where it sends all without waiting in between, else as a stream that holds it back."""

    # How it begins; set on the object by those exchanges that come so far.
    _body: AsyncIterator[bytes] | None = None
    _taken = 0
    _whole = False  # the request's body has been received to its end
    _start: Message | None = None
    _started = False  # the answer streams, or is about to
    _size = 0
    _complete = False
    _gone = False
    _refusal: Refused | None = None
    _failure: BaseException | None = None
    _task: "asyncio.Task[None] | None" = None
    _over: asyncio.Event | None = None
    _sender: "asyncio.Future[None] | None" = None
    _reader: "asyncio.Future[None] | None" = None

    def __init__(self, request: Request, application: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Response] = self._loop.create_future()
        self._request = request
        self._application = application
        self._held: list[bytes] = []

    async def receive(self) -> Message:
        """The next event for the application."""
        if not self._whole and not self._gone:
            try:
                return await self._piece()
            except Refused as refusal:
                # To the application the sender of a broken body has gone; the caller gets the refusal.
                self._refusal = refusal
                self._leave()
        if not self._gone and not self._complete:
            self._over = self._over or asyncio.Event()
            await self._over.wait()
        return {"type": "http.disconnect"}

    async def _piece(self) -> Message:
        body = self._request.body
        piece = b""
        if body.length != 0:
            self._body = self._body or aiter(body)
            piece = await anext(self._body, b"")
            self._taken += len(piece)
        self._whole = not piece or self._taken == body.length
        return {"type": "http.request", "body": piece, "more_body": not self._whole}

    async def send(self, message: Message) -> None:
        """Take an event from the application; raises `CallerGone`, and `RuntimeError` on one out of turn."""
        if self._gone:
            raise CallerGone
        if message["type"] == "http.response.start" and self._start is None:
            if not isinstance(message["status"], int) or not 200 <= message["status"] <= 999:
                raise RuntimeError(f"{message['status']!r} is no status of an answer")
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None and not self._complete:
            await self._take(self._start, message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError(f"{message['type']} is out of turn")

    async def _take(self, start: Message, piece: bytes, more: bool) -> None:
        self._complete = not more
        if piece:
            self._held.append(bytes(piece))
            self._size += len(piece)
        if self._complete and self._over is not None:
            self._over.set()
        if self._answer.done():
            wake(self._reader)
        elif self._complete:
            self._answer.set_result(Response(start["status"], headers(start), b"".join(self._held)))
        elif not self._started:
            # Runs when the application waits for the first time: what it has sent until then may be all.
            self._started = True
            self._loop.call_soon(self._stream, start)
        while more and self._size > MOST_HELD:
            self._sender = self._loop.create_future()
            await self._sender
            if self._gone:
                raise CallerGone

    def _stream(self, start: Message) -> None:
        if not self._answer.done():
            self._answer.set_result(Response(start["status"], headers(start), self))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._held:
            if self._complete:
                raise StopAsyncIteration
            if self._failure is not None:
                raise self._failure
            self._reader = self._loop.create_future()
            await self._reader
        piece = b"".join(self._held)
        self._held.clear()
        self._size = 0
        wake(self._sender)
        return piece

    async def answered(self, task: "asyncio.Task[None]", over: "Callable[[asyncio.Task[None]], None]") -> Response:
        """The answer of the application that runs in `task`, whose end calls `over`; raises what it raises before it has one."""
        self._task = task
        self._at_end = over
        task.add_done_callback(self._ended)
        try:
            return await self._answer
        except asyncio.CancelledError:
            self._leave()
            raise

    async def aclose(self) -> None:
        """Nobody reads the answer any more."""
        if not self._complete or self._held:
            self._leave()

    def _leave(self) -> None:
        """Tell the application that its caller has gone, and cancel it if it goes on for long."""
        self._gone = True
        if self._task is not None:
            self._loop.call_later(GRACE, self._task.cancel)
        self._held.clear()
        wake(self._sender)
        if self._over is not None:
            self._over.set()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._at_end(task)
        cause = None if task.cancelled() else task.exception()
        if self._complete:
            if cause is not None and not self._gone:
                told = FAILED_LATER(application=self._application, identifier=self._request.identifier, cause=repr(cause))
                logger.error("%s", told, exc_info=cause)
            return
        nothing = NO_ANSWER(application=self._application, identifier=self._request.identifier)
        self._failure = self._refusal or cause or Refused(500, nothing)
        if self._answer.done():
            wake(self._reader)
        else:
            self._answer.set_exception(self._failure)


def wake(waiter: "asyncio.Future[None] | None") -> None:
    """Let go on who waits, if anybody does."""
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def headers(start: Message) -> tuple[tuple[bytes, bytes], ...]:
    """The header fields of an event that begins an answer."""
    return tuple([(bytes(name).lower(), bytes(value)) for name, value in start.get("headers", ())])
