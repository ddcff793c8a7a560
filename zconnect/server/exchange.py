"""One exchange of HTTP/1.1: a request's walk through the runtime and its answer's way onto the wire."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial

from zconnect.errors import Refused
from zconnect.server.answer import CLOSE, KEEP_ALIVE, Unsendable, announced, has_no_body, head, is_last
from zconnect.server.body import BROKEN_OFF
from zconnect.server.edge import Edge, Halfway, closed, failure, streamed
from zconnect.server.message import Exchange
from zconnect.server.outgoing import Outgoing
from zconnect.server.tunnel import SWITCHING, Tunnel
from zconnect.values import Peer, Response

SLICE = 131072  # bytes of a whole answer that are written at once; the rest waits until the caller has read
LEFT_OVER = 65536  # bytes of a body that nobody read and that are worth a reused connection

logger = logging.getLogger(__name__)


class Answering:
    """The answering half of a connection, which the reading half drives: at most one exchange is under way.

    `current` is that exchange; `stalled` says that the caller does not read, `lost` that he is gone; `pieces` counts what
    was written of answers that come in pieces.
    """

    transport: asyncio.Transport
    peer: Peer

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.limits = edge.limits
        self.current: Exchange | None = None
        self.stalled = False
        self.lost = False
        self.pieces = 0
        self._count = 0
        self._runtime = edge.runtime
        self._streaming: asyncio.Task[None] | None = None
        self._resumed: asyncio.Future[None] | None = None
        self._unwritten: deque[bytes] = deque()
        self._written: Callable[[int], None] | None = None

    def finished(self, keep: bool, sent: int) -> None:
        """An answer with a body of `sent` bytes is out; `keep` says whether the connection may carry another request."""
        raise NotImplementedError

    def go_on(self) -> None:
        """The caller may be served again."""
        raise NotImplementedError

    def begin(self, exchange: Exchange) -> None:
        """Answer a request: at once if nothing has to be waited for, else when its walk has come to an end."""
        self.current = exchange
        self._count += 1
        runtime = self._runtime = self.edge.runtime
        runtime.entered()
        step = self.edge.walk(runtime, exchange.request)
        if isinstance(step, Halfway):
            self.edge.carry(step, exchange.request, partial(self._answered, exchange))
        elif isinstance(step.body, bytes):
            self._answer(exchange, step, step.body)
        else:
            self.edge.work(self._stream(exchange, step, step.body))

    def _answered(self, exchange: Exchange, response: Response | None) -> None:
        """The answer to a request that had to wait for it; None where its walk was cancelled."""
        if response is None:
            self.transport.abort()
            self._finish(exchange, Response(500), 0, False)
        elif isinstance(response.body, bytes):
            self._answer(exchange, response, response.body)
            if not self.lost:
                self.go_on()
        else:
            self.edge.work(self._stream(exchange, response, response.body))

    def _answer(self, exchange: Exchange, response: Response, body: bytes) -> None:
        """Write a whole answer at once."""
        if self.edge.edits:
            response = self.edge.edited(exchange.request, response)
            if isinstance(response.body, bytes):
                body = response.body  # it may have been compressed
        status, fields, _ = response
        keep = self._keeps(exchange) and not is_last(status, fields)
        length: int | None = len(body)
        if has_no_body(status) or exchange.request.method == "HEAD":
            length = None if status == 204 else announced(fields) or len(body) or None
            body = b""
        framing = b"" if length is None else b"content-length: %d\r\n" % length
        if status == 426 and exchange.tunnel is not None:
            framing += SWITCHING  # RFC 9110, 15.5.22
        if not keep or exchange.request.version != "1.1":
            framing += self._persistence(exchange, keep)
        if not self.lost:
            try:
                block = head(status, fields, framing, self.edge.clock.date)
            except Unsendable as fault:
                keep, block, body = False, self._bare(exchange, fault), b""
            if len(body) <= SLICE:
                self.transport.write(block + body)
            else:
                size = len(body)
                return self._write_slowly(block, body, lambda left: self._finish(exchange, response, size - left, keep))
        self._finish(exchange, response, len(body), keep)

    def _write_slowly(self, block: bytes, body: bytes, then: Callable[[int], None]) -> None:
        """Write a large answer as the caller reads it; `then` gets the number of bytes that he left.

        Written at once, he would seem to stand still until he has the last byte.
        """
        self._unwritten.extend(body[start : start + SLICE] for start in range(0, len(body), SLICE))
        self._written = then
        self.transport.write(block)
        self._write_on()

    def _write_on(self) -> None:
        while self._unwritten and not (self.stalled or self.lost):
            self.transport.write(self._unwritten.popleft())
        if self._written is not None and (self.lost or not self._unwritten):
            then, self._written = self._written, None
            left = sum(map(len, self._unwritten))
            self._unwritten.clear()
            then(left)

    async def _stream(self, exchange: Exchange, response: Response, body: AsyncIterator[bytes]) -> None:
        """Write an answer as it comes, no faster than the caller reads; a caller who leaves ends it."""
        response = self.edge.edited(exchange.request, response)
        if not isinstance(response.body, bytes):
            body = response.body  # it may be compressed as it comes
        outgoing = Outgoing(exchange.request, response)
        keep = self._keeps(exchange) and not outgoing.until_close and not is_last(response.status, response.headers)
        framing = outgoing.framing if outgoing.switches else outgoing.framing + self._persistence(exchange, keep)
        tunnel = exchange.tunnel if outgoing.switches else None
        end: bytes | None = None
        self._streaming = asyncio.current_task()
        try:
            self._write(head(response.status, response.headers, framing, self.edge.clock.date))
            if tunnel is not None:
                self._open(tunnel)
            # Who has left before it began would be noticed at the first piece, which may never come.
            if not self.lost and (outgoing.silent or await streamed(body, exchange.request, partial(self._send, outgoing))):
                end = outgoing.end()
        except Unsendable as fault:
            keep, end = False, self._bare(exchange, fault)
        finally:
            self._streaming = None
            await closed(body)
            if tunnel is not None:
                self.edge.tunnels.discard(tunnel)
                tunnel.fail(Refused(400, BROKEN_OFF()))
            self._write(end or b"")
            if end is None:
                self.transport.abort()
            self._finish(exchange, response, outgoing.sent, keep and end is not None)
        if not self.lost:
            self.go_on()

    def _open(self, tunnel: Tunnel) -> None:
        """The caller speaks WebSocket from now on; not for long where his server has begun to stop or was configured anew meanwhile."""
        self.edge.tunnels.add(tunnel)
        if self.edge.draining or self._runtime is not self.edge.runtime:
            tunnel.leave()

    def _bare(self, exchange: Exchange, fault: Exception) -> bytes:
        """The answer where the one that was meant cannot be sent."""
        return head(failure(exchange.request, fault).status, (), b"content-length: 0\r\n" + CLOSE, self.edge.clock.date)

    def _write(self, data: bytes) -> None:
        if data and not self.lost:
            self.transport.write(data)

    async def _send(self, outgoing: Outgoing, piece: bytes) -> bool:
        """Write a piece; False where it is of no use to go on."""
        framed = outgoing.framed(piece)
        if framed is None or self.lost:
            return False
        self._write(framed)
        self.pieces += 1
        if self.stalled:
            self._resumed = asyncio.get_running_loop().create_future()
            await self._resumed
        return not self.lost

    def _keeps(self, exchange: Exchange) -> bool:
        """The connection may carry another request behind this answer."""
        limits = self.limits
        if not exchange.keep or not limits.keep_alive or self.edge.draining:
            return False
        if limits.requests is not None and self._count >= limits.requests:
            return False
        body = exchange.body
        return body is None or body.complete or body.remaining <= (0 if exchange.expects and not body.asked else LEFT_OVER)

    def _persistence(self, exchange: Exchange, keep: bool) -> bytes:
        if exchange.request.version == "1.1":
            return b"" if keep else CLOSE
        return KEEP_ALIVE if keep else b""

    def _finish(self, exchange: Exchange, response: Response, sent: int, keep: bool) -> None:
        """The last byte of an answer is out."""
        self._runtime.left()
        self.current = None
        if self.edge.log is not None:
            self.edge.log.record(exchange.request, response, sent, self.peer)
        if exchange.body is not None:
            exchange.body.fail(Refused(400, BROKEN_OFF()))
        if not self.lost:
            self.finished(keep, sent)

    @property
    def streaming(self) -> bool:
        """An answer is on its way in pieces."""
        return self._streaming is not None

    def gone(self) -> None:
        """The connection is closed; an answer that is still coming is ended."""
        self.lost = True
        self._write_on()
        if self._streaming is not None:
            self._streaming.cancel()

    def pause_writing(self) -> None:
        """The caller does not read (of asyncio)."""
        self.stalled = True

    def resume_writing(self) -> None:
        """The caller reads again (of asyncio)."""
        self.stalled = False
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
        self._write_on()
        if not self.lost:
            self.go_on()
