"""A connection of HTTP/1.1: requests are read one after another, each within its limits of time, and answered in order."""

import asyncio
from typing import cast

from zconnect.errors import Refused
from zconnect.server.answer import CLOSE, CONTINUE, head
from zconnect.server.body import BROKEN_OFF, STEP, TOO_SLOW
from zconnect.server.edge import Edge
from zconnect.server.exchange import Answering
from zconnect.server.httpoptions import FOR_EVER
from zconnect.server.malformed import Unheard
from zconnect.server.message import Reader
from zconnect.server.peer import PREFACE, peer_of, speaks_http2
from zconnect.server.turnedaway import SILENT, UNREAD

LINGER = 2.0  # seconds for which a caller who still sends may go on, so that the answer is not lost to a reset
LINGER_BYTES = 4 << 20
AT_ONCE = 16384  # bytes of an answer that the system takes at once, however slow the caller is


class Http1Connection(Answering, asyncio.Protocol):
    """One connection; it hands over to HTTP/2 where the client speaks that."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge)
        self.arrived = False
        self.deadline = FOR_EVER
        self._fresh = True
        self._ending = False
        self._held = False
        self._mark = 0
        self._turn = 0
        self._seen = 0
        self._discarded = 0
        self._half_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open, its handshake done (of asyncio)."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self.edge.arriving -= 1
        self.arrived = True
        if speaks_http2(transport):
            return self._hand_over(b"")
        self.peer = peer_of(transport)
        self._reader = Reader(self.edge, self.peer, self)
        self.deadline = self.edge.clock.now + self.limits.first
        self.edge.connections.add(self)
        self.edge.clock.watch(self)

    def _hand_over(self, data: bytes) -> None:
        """Let HTTP/2 take the connection."""
        from zconnect.server.http2 import Http2Connection  # a fifteenth of a start, and many servers never need it

        self._leave()
        other = Http2Connection(self.edge)
        self.transport.set_protocol(other)
        other.connection_made(self.transport)
        if data:
            other.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Bytes have come in (of asyncio)."""
        if self._ending:
            return self._pass_over(data)
        if self._fresh:
            self._fresh = False
            if self.edge.http2 and data.startswith(PREFACE[:16]):
                return self._hand_over(data)
        reader = self._reader
        reader.feed(data)
        if reader.queue:
            self._pump()
        if not self._ending:
            if reader.queue or reader.buffered > self.limits.buffer:
                self._hold()
            self._time()

    def _pump(self) -> None:
        """Begin what waits, until something has to be waited for."""
        queue = self._reader.queue
        while queue and self.current is None and not (self.stalled or self._ending):
            waiting = queue.popleft()
            if isinstance(waiting, Refused):
                self._refuse(waiting)
            else:
                self.begin(waiting)

    def go_on(self) -> None:
        """An answer is out, or the caller reads again (of Answering)."""
        if self._reader.queue:
            self._pump()
        if self._held:
            self._release()
        self._time()

    def _refuse(self, refusal: Refused) -> None:
        """Answer what is no acceptable request, and close."""
        self.edge.turned_away.add(refusal.reason, self.peer.address)
        if isinstance(refusal, Unheard):
            return self._close()
        status, fields, _ = self.edge.edited(None, refusal.response)
        framing = b"content-length: %d\r\n%b" % (len(refusal.body), CLOSE)
        self.transport.write(head(status, fields, framing, self.edge.clock.date) + refusal.body)
        self._linger()

    def finished(self, keep: bool, sent: int) -> None:
        """An answer is out (of Answering)."""
        if keep:
            self._reader.declined()
        if not keep or (self._half_closed and not self._reader.queue):
            # TLS does not say whether something still waits to be sent.
            waits = sent > AT_ONCE if self.peer.secure else self.transport.get_write_buffer_size()
            self._end(self.limits.write if waits else LINGER)

    # The body of a request (Source)

    def wanted(self) -> None:
        """The body is about to be read; a caller who waits for it is told to send."""
        exchange = self.current
        if exchange is not None and exchange.expects and exchange.body is not None and not exchange.body.received and not self.lost:
            self.transport.write(CONTINUE)

    def taken(self, size: int) -> None:
        """Part of the body was read."""
        if self._held:
            self._release()

    def _hold(self) -> None:
        if not self._held:
            self._held = True
            self.transport.pause_reading()

    def _release(self) -> None:
        """Read on where what waits has become little."""
        if not (self.lost or self._reader.queue) and self._reader.buffered <= self.limits.buffer:
            self._held = False
            self.transport.resume_reading()
            self._time()

    # Times

    def _time(self) -> None:
        """Set the deadline for what is waited for now."""
        if self._ending or self.stalled:
            return
        reader = self._reader
        if reader.turns != self._turn:
            self._turn = reader.turns
            self._mark = 0  # something else is waited for
        if reader.at_rest:
            self._mark = 0
            if self.current is not None:
                self.deadline = self.edge.clock.now + self.limits.write if self._half_closed else FOR_EVER
            elif self._count:
                self.deadline = self.edge.clock.now + self.limits.idle
        elif self._held:
            self.deadline = FOR_EVER
        elif reader.receiving is None:
            if not self._mark or self.deadline == FOR_EVER:
                self._mark = 1
                self.deadline = self.edge.clock.now + self.limits.read
        elif reader.receiving.received >= self._mark or self.deadline == FOR_EVER:
            self._mark = reader.receiving.received + STEP
            self.deadline = self.edge.clock.now + self.limits.read

    def expired(self) -> None:
        """The deadline has passed (of Timed)."""
        self.deadline = FOR_EVER
        if self._ending or self.stalled:
            if not self._ending:
                self.edge.turned_away.add(UNREAD(seconds=self.limits.write), self.peer.address)
            self.transport.abort()
        elif self._half_closed and self.current is not None:
            self._ask_after()
        elif self._reader.at_rest:
            if not self._count:
                self.edge.turned_away.add(SILENT(seconds=self.limits.first), self.peer.address)
            self._close()
        else:
            refusal = Refused(408, TOO_SLOW(seconds=self.limits.read))
            self._reader.broken(refusal)
            if self.current is None:
                self._refuse(refusal)
            else:
                self.edge.turned_away.add(refusal.reason, self.peer.address)

    def _ask_after(self) -> None:
        """One who closed his side may have gone: only an answer in pieces that goes on shows that he has not."""
        if self.streaming and self.pieces == self._seen:
            self.transport.abort()
        self._seen = self.pieces
        self.deadline = self.edge.clock.now + self.limits.write

    def pause_writing(self) -> None:
        """The caller does not read (of asyncio)."""
        super().pause_writing()
        self.deadline = self.edge.clock.now + self.limits.write

    # Ending

    def _pass_over(self, data: bytes) -> None:
        """Nobody waits for this; the caller is only given time to read the answer."""
        self._discarded += len(data)
        if self._discarded > LINGER_BYTES:
            self.transport.abort()

    def _end(self, seconds: float) -> None:
        """No further request is read; what the caller still sends is passed over, lest a reset overtake the answer.

        `seconds` are for reading the answer.
        """
        if self._reader.at_rest and not self._held:
            self._close(seconds)
        else:
            self._linger(seconds)

    def _linger(self, seconds: float = LINGER) -> None:
        self._ending = True
        self._reader.queue.clear()
        self.deadline = self.edge.clock.now + seconds
        if self._held:
            self._held = False
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _close(self, seconds: float = LINGER) -> None:
        self._ending = True
        self.deadline = self.edge.clock.now + seconds
        self.transport.close()

    def drain(self) -> None:
        """Close as soon as nothing is under way (of Drainable)."""
        if self.current is None and self._reader.at_rest and not self._ending:
            self._close()

    def abort(self) -> None:
        """Close at once (of Drainable)."""
        self.transport.abort()

    def eof_received(self) -> bool:
        """The caller will send no more (of asyncio).

        What he has asked is still answered where TLS does not forbid that; an answer that is already coming in pieces
        ends, because one who has left looks the same.
        """
        self._half_closed = True
        self._reader.broken(Refused(400, BROKEN_OFF()))
        self.deadline = min(self.deadline, self.edge.clock.now + self.limits.write)
        return self.current is not None and not (self._ending or self.peer.secure or self.streaming)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed (of asyncio)."""
        self.gone()
        self._leave()
        self._reader.broken(Refused(400, BROKEN_OFF()), closed=True)

    def _leave(self) -> None:
        self.deadline = FOR_EVER
        self.edge.connections.discard(self)
        self.edge.clock.forget(self)
