"""One request of HTTP/2 and its answer: a stream of a connection that carries many."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from zconnect.errors import Refused
from zconnect.server.answer import Unsendable, announced, has_no_body, sendable
from zconnect.server.body import BROKEN_OFF, INFINITE, STEP, TOO_LARGE, TOO_SLOW, Incoming
from zconnect.server.claims import Fields
from zconnect.server.edge import Edge, Halfway, Handler, carried, closed, failure, streamed
from zconnect.server.head2 import read_head
from zconnect.server.httpoptions import FOR_EVER
from zconnect.server.malformed import MALFORMED
from zconnect.server.turnedaway import UNREAD
from zconnect.values import NO_BODY, Body, Peer, Request, Response

SLICE = 262144  # bytes that are handed on at once


class Link(Protocol):
    """The connection of a stream."""

    edge: Edge
    peer: Peer

    def send_head(self, stream: "Stream", status: int, fields: Fields, end: bool) -> None:
        """Begin the answer; `end` says that nothing follows."""
        ...

    def send_data(self, stream: "Stream", data: bytes, end: bool) -> int:
        """Send as much as the windows allow; how many bytes that were."""
        ...

    def flush(self) -> None:
        """Put what was sent on the wire."""
        ...

    async def room(self, stream: "Stream") -> None:
        """Wait until more can be sent."""
        ...

    def took(self, stream: "Stream", size: int) -> None:
        """So many bytes of a body are out of the way."""
        ...

    def ended(self, stream: "Stream", complete: bool) -> None:
        """The answer is out as a whole, or cannot be."""
        ...

    def abort(self) -> None:
        """Close it at once."""
        ...


class Stream:
    """A request under way, timed while it waits for the caller.

    `left`: how many bytes of the request are still to come; `gone`: nothing more can be sent.
    """

    def __init__(self, link: Link, number: int) -> None:
        self.number = number
        self.body: Incoming | None = None
        self.gone = False
        self.deadline = FOR_EVER
        self.task: asyncio.Task[None] | None = None
        self.left: float = 0
        self._answered = False
        self._expects = False
        self._link = link
        self._runtime: Handler | None = None
        self._sent = 0
        self._mark = 0
        self._goal, self._patience = 0, 0.0  # bytes to be sent within so many seconds of waiting
        self._streaming = False

    def begin(self, fields: Fields, complete: bool) -> None:
        """Answer the request with this head; `complete` says that it has no body."""
        self.left = 0 if complete else announced(fields) or INFINITE
        try:
            request = read_head(fields, self._link.edge, self._link.peer, self._incoming(fields))
        except Refused as refusal:
            self._turn_away(refusal.reason)
            return self._answer(None, refusal.response, refusal.body)
        self._runtime = self._link.edge.runtime
        self._runtime.entered()
        step = self._link.edge.walk(self._runtime, request)
        if isinstance(step, Response) and isinstance(step.body, bytes):
            self._answer(request, step, step.body)
        else:
            self.task = self._link.edge.work(self._carry_on(request, step))

    def _incoming(self, fields: Fields) -> Body:
        """The body that is to come; raises `Refused`."""
        length = announced(fields)
        if not self.left:
            if length:
                raise Refused(400, MALFORMED(reason="a body is announced and none comes"))
            return NO_BODY
        limit = self._link.edge.limits.message
        allowed = None if limit is None else limit - sum(len(name) + len(value) + 4 for name, value in fields)
        if allowed is not None and allowed < (length or 0):
            raise Refused(413, TOO_LARGE(limit=limit))
        self.body = Incoming(self, length, allowed, limit)
        self._expects = (b"expect", b"100-continue") in fields
        self._expect_more()
        return self.body

    # The request's body (Source)

    def wanted(self) -> None:
        """The body is about to be read; a caller who waits for that is told to send."""
        if self._expects and self.left and self.body is not None and not self.body.received:
            self._link.send_head(self, 100, [], False)
            self._link.flush()

    def taken(self, size: int) -> None:
        """Part of the body was read."""
        self._link.took(self, size)

    def received(self, data: bytes) -> None:
        """More of the body has come in."""
        self.left -= len(data)
        body = self.body
        if body is None or body.failed or self._answered:
            return self._link.took(self, len(data))
        before = body.buffered
        body.feed(data)
        if body.failed:
            self._link.took(self, before + len(data))
        elif body.received >= self._mark:
            self._expect_more()

    def complete(self) -> None:
        """The request has come to its end."""
        self.left = 0
        if self.body is not None:
            self.body.end()
        self._rest()

    def _expect_more(self) -> None:
        clock = self._link.edge.clock
        self._mark = (self.body.received if self.body else 0) + STEP
        self.deadline = clock.now + self._link.edge.limits.read
        clock.watch(self)

    def _rest(self) -> None:
        self.deadline = FOR_EVER
        self._link.edge.clock.forget(self)

    def expired(self) -> None:
        """The caller has let the stream wait for too long (of Timed)."""
        self._rest()
        if self._streaming or self._answered:
            self._turn_away(UNREAD(seconds=self._link.edge.limits.write))
            self.give_up()
        elif self.body is not None:
            if self.body.buffered:
                return self._expect_more()  # it is the service that does not read
            slow = Refused(408, TOO_SLOW(seconds=self._link.edge.limits.read))
            self._turn_away(slow.reason)
            self.body.fail(slow)

    def _turn_away(self, reason: object) -> None:
        self._link.edge.turned_away.add(reason, self._link.peer.address)

    def abort(self) -> None:
        """Close its connection at once (of Timed)."""
        self._link.abort()

    # The answer

    async def _carry_on(self, request: Request, step: Response | Halfway) -> None:
        """The rest of a request that has to wait for something; runs in a task."""
        try:
            response = step if isinstance(step, Response) else await carried(step, request)
        except asyncio.CancelledError:
            self.give_up()
            self._finish(request, Response(500), False)
            raise
        if isinstance(response.body, bytes):
            self._answer(request, response, response.body)
        else:
            await self._stream(request, response, response.body)

    def _answer(self, request: Request | None, response: Response, body: bytes) -> None:
        """Send a whole answer, what does not fit into the windows later."""
        response = self._link.edge.edited(request, response)
        if isinstance(response.body, bytes):
            body = response.body  # it may have been compressed
        silent = has_no_body(response.status) or (request is not None and request.method == "HEAD")
        length = announced(response.headers) if silent and not body else len(body)
        if silent:
            body = b""
        self._head(request, response, None if response.status == 204 else length, end=not body)
        if body and not self.gone:
            self._sent = self._link.send_data(self, body, True)
            if self._sent < len(body) and not self.gone:
                self._link.flush()
                self.task = self._link.edge.work(self._later(request, response, body))
                return
        self._finish(request, response, True)

    async def _later(self, request: Request | None, response: Response, body: bytes) -> None:
        """The rest of a whole answer, as the caller takes it; runs in a task."""
        try:
            while self._sent < len(body) and not self.gone:
                await self._room()
                piece = body[self._sent : self._sent + SLICE]
                self._sent += self._link.send_data(self, piece, self._sent + len(piece) == len(body))
                self._link.flush()
        finally:
            self._finish(request, response, self._sent == len(body))

    async def _stream(self, request: Request, response: Response, body: AsyncIterator[bytes]) -> None:
        """Send an answer as it comes, no faster than the caller takes it."""
        response = self._link.edge.edited(request, response)
        if not isinstance(response.body, bytes):
            body = response.body  # it may be compressed as it comes
        length = announced(response.headers)
        silent = has_no_body(response.status) or request.method == "HEAD"
        done = False
        self._streaming = True
        try:
            self._head(request, response, length, end=silent)
            self._link.flush()
            # Who has left before it began would be noticed at the first piece, which may never come.
            done = silent or (not self.gone and await streamed(body, request, self._piece) and length in {None, self._sent})
            if done and not silent and not self.gone:
                self._link.send_data(self, b"", True)
        finally:
            self._streaming = False
            await closed(body)
            self._finish(request, response, done)

    async def _piece(self, piece: bytes) -> bool:
        while piece and not self.gone:
            size = self._link.send_data(self, piece, False)
            self._sent += size
            piece = piece[size:]
            self._link.flush()
            if piece:
                await self._room()
        return not self.gone

    async def _room(self) -> None:
        """Wait for the caller to take what was sent; for so long his time is counted."""
        edge = self._link.edge
        if self._sent >= self._goal:  # one who takes a byte now and then stands still
            self._goal, self._patience = self._sent + STEP, edge.limits.write
        until = edge.clock.now + self._patience
        if self.body is None or self.body.complete or self.body.failed:
            self.deadline = until
            edge.clock.watch(self)
        self._streaming = True
        await self._link.room(self)
        self._patience = until - edge.clock.now
        self._rest()

    def _head(self, request: Request | None, response: Response, length: int | None, *, end: bool) -> None:
        if self.gone:
            return
        status = response.status
        try:
            fields = sendable(response.headers)
        except Unsendable as fault:
            status, fields, length, end = 500, [], 0, True
            if request is not None:
                failure(request, fault)
            self.gone = True
        if length is not None:
            fields.append((b"content-length", b"%d" % length))
        self._link.send_head(self, status, fields, end)

    def _finish(self, request: Request | None, response: Response, complete: bool) -> None:
        """The last byte of the answer is out, or never will be."""
        self._answered = True
        self._rest()
        if self._runtime is not None:
            self._runtime.left()
        if self._link.edge.log is not None and request is not None:
            self._link.edge.log.record(request, response, self._sent, self._link.peer)
        if self.body is not None:
            self._link.took(self, self.body.buffered)
            self.body.fail(Refused(400, BROKEN_OFF()))
        self._link.ended(self, complete)
        self._link.flush()

    def give_up(self) -> None:
        """The caller has given the stream up."""
        self.gone = True
        if self.body is not None:
            self.body.fail(Refused(400, BROKEN_OFF()))
        if self._streaming and self.task is not None:
            self.task.cancel()
