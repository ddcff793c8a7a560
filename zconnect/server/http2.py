"""A connection of HTTP/2: h2 frames and guards the protocol, the limits and the requests are ours."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import cast

from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated as Terminated
from h2.events import DataReceived, Event, RemoteSettingsChanged, RequestReceived, StreamEnded, StreamReset, WindowUpdated
from h2.exceptions import H2Error, ProtocolError
from hyperframe.frame import GoAwayFrame, SettingsFrame

from zconnect.messages import warning
from zconnect.server.answer import date_field
from zconnect.server.claims import Fields
from zconnect.server.edge import Edge
from zconnect.server.frames import DEFAULT_WINDOW, TOO_MUCH, opened, told
from zconnect.server.httpoptions import FOR_EVER
from zconnect.server.peer import peer_of
from zconnect.server.receiving import Receiving
from zconnect.server.stream import Stream
from zconnect.server.turnedaway import SILENT, UNREAD

BROKEN = warning("ZCON0842W", "A caller does not keep to HTTP/2: {reason}.", "Look at the caller: the connection was closed.")

GOODBYE = 2.0  # seconds for the last frames and the end of TLS

LEFT_OVER = 1 << 20  # bytes of a body that nobody reads and that may still come; a reset makes some callers drop the answer


class Http2Connection(Receiving, asyncio.Protocol):
    """One connection; each of its streams is a request."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge)
        self.deadline = FOR_EVER
        self._limits = edge.limits
        self._h2 = opened(edge.limits)
        self._streams: dict[int, Stream] = {}
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._resets: deque[float] = deque()
        self._refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open (of asyncio)."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self.peer = peer_of(transport)
        self._h2.initiate_connection()
        self._h2.clear_outbound_data_buffer()  # h2 would write out all its settings, also those that are the defaults
        self.transport.write(SettingsFrame(0, {int(code): value for code, value in told(self._limits).items()}).serialize())
        extra = self._limits.connection_window - DEFAULT_WINDOW
        if extra > 0:
            self._h2.increment_flow_control_window(extra)
        self.edge.connections.add(self)
        self.edge.clock.watch(self)
        self.deadline = self.edge.clock.now + self._limits.first
        self.flush()

    def take(self, data: bytes) -> None:
        """Act on what has come in (of Receiving)."""
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as error:
            self.turn_away(BROKEN(reason=error))
            return self.close(None)  # h2 has said goodbye
        for event in events:
            self._happened(event)
        self.flush()

    def _happened(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._requested(event)
        elif isinstance(event, DataReceived):
            self._data(event)
        elif isinstance(event, StreamEnded):
            stream = self._streams.get(event.stream_id or 0)
            if stream is not None:
                stream.complete()
        elif isinstance(event, StreamReset):
            self._reset(event)
        elif isinstance(event, WindowUpdated | RemoteSettingsChanged):
            self._wake()
        elif isinstance(event, Terminated):
            self.close()

    def _requested(self, event: RequestReceived) -> None:
        if self.ending:
            return
        number = event.stream_id or 0
        # Streams that were reset may still be at work: they count, or resetting would be a way round the limit.
        if len(self._streams) >= self._limits.streams or self.edge.draining:
            return self._refuse(number)
        self.deadline = FOR_EVER
        stream = self._streams[number] = Stream(self, number)
        stream.begin(event.headers, event.stream_ended is not None)

    def _refuse(self, number: int) -> None:
        self._refused += 1
        if self._limits.refused_streams and self._refused > self._limits.refused_streams:
            self.turn_away(TOO_MUCH(what="more streams than it may have, again and again"))
            return self.close(ErrorCodes.ENHANCE_YOUR_CALM)
        self._reset_stream(number, ErrorCodes.REFUSED_STREAM)

    def _data(self, event: DataReceived) -> None:
        data, size = event.data or b"", event.flow_controlled_length or 0
        stream = self._streams.get(event.stream_id or 0)
        if stream is None:
            self._acknowledge(event.stream_id or 0, size)
        else:
            self._acknowledge(stream.number, size - len(data))
            stream.received(data)

    def _reset(self, event: StreamReset) -> None:
        """A stream was given up; too many of these in a short time are an attack (CVE-2023-44487, CVE-2025-8671)."""
        stream = self._streams.get(event.stream_id or 0)
        if stream is not None:
            stream.give_up()
            self._wake()
        now = self.edge.clock.now
        self._resets.append(now)
        while self._resets and self._resets[0] < now - self._limits.resets_within:
            self._resets.popleft()
        if self._limits.resets and len(self._resets) > self._limits.resets:
            self.turn_away(TOO_MUCH(what="more resets than maxResetFrames"))
            self.close(ErrorCodes.ENHANCE_YOUR_CALM)

    # What streams ask of their connection (Link)

    def send_head(self, stream: Stream, status: int, fields: Fields, end: bool) -> None:
        """Begin an answer."""
        head = [(b":status", b"%d" % status), *fields]
        if not any(name == b"date" for name, _ in fields):
            head.append(date_field(self.edge.clock.date))
        try:
            self._h2.send_headers(stream.number, head, end_stream=end)
        except H2Error:
            stream.gone = True

    def send_data(self, stream: Stream, data: bytes, end: bool) -> int:
        """Send what the windows allow."""
        try:
            return self._send(stream.number, data, end)
        except H2Error:
            stream.gone = True
            return 0

    def _send(self, number: int, data: bytes, end: bool) -> int:
        if self.stalled and data:
            return 0
        self.frames.spare += len(data) >> 8
        frame = self._h2.max_outbound_frame_size
        size = min(self._h2.local_flow_control_window(number), len(data))
        if not data or size == len(data) <= frame:
            self._h2.send_data(number, data, end_stream=end)
            return len(data)
        for start in range(0, size, frame):
            piece = data[start : min(start + frame, size)]
            self._h2.send_data(number, piece, end_stream=end and start + len(piece) == len(data))
        return max(size, 0)

    def flush(self) -> None:
        """Put what h2 has made on the wire."""
        data = self._h2.data_to_send()
        if data and not self.lost:
            self.transport.write(data)

    async def room(self, stream: Stream) -> None:
        """Wait until more of a stream can be sent."""
        while not stream.gone and (self.stalled or self._window(stream.number) <= 0):
            waiter = self._waiting[stream.number] = asyncio.get_running_loop().create_future()
            await waiter

    def _window(self, number: int) -> int:
        try:
            return self._h2.local_flow_control_window(number)
        except H2Error:
            return 1  # sending will tell

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for waiter in waiting.values():
            if not waiter.done():
                waiter.set_result(None)

    def took(self, stream: Stream, size: int) -> None:
        """Let the caller send as many bytes again."""
        self._acknowledge(stream.number, size)
        self.flush()

    def _acknowledge(self, number: int, size: int) -> None:
        if size and not self.ending:
            self._h2.acknowledge_received_data(size, number)

    def ended(self, stream: Stream, complete: bool) -> None:
        """An answer is out, or cannot be; much that is left of the request is not wanted any more (RFC 9113, 8.1)."""
        self._streams.pop(stream.number, None)
        if not self.ending and (stream.left > LEFT_OVER or not complete):
            self._reset_stream(stream.number, ErrorCodes.NO_ERROR if complete else ErrorCodes.INTERNAL_ERROR)
        if not self._streams and not self.ending:
            self.deadline = self.edge.clock.now + self._limits.idle2
            if self.edge.draining:
                self.close()

    def _reset_stream(self, number: int, code: ErrorCodes) -> None:
        try:
            self._h2.reset_stream(number, code)
        except H2Error:
            pass  # the caller was quicker

    # Ending

    def expired(self) -> None:
        """The deadline has passed (of Timed)."""
        self.deadline = FOR_EVER
        if self.ending or self.stalled:
            if not self.ending:
                self.turn_away(UNREAD(seconds=self._limits.write))
            self.transport.abort()
        else:
            if not self._h2.highest_inbound_stream_id:
                self.turn_away(SILENT(seconds=self._limits.first))
            self.close()

    def close(self, code: ErrorCodes | None = ErrorCodes.NO_ERROR) -> None:
        """Say goodbye and close; answers that are still coming are given up."""
        if self.ending:
            return
        if code is not None:
            self._h2.close_connection(code)
        self.ending = True
        self.flush()
        self.deadline = self.edge.clock.now + GOODBYE
        if self.transport.can_write_eof():
            with suppress(OSError):  # the caller may have gone
                self.transport.write_eof()  # closing now could reset the connection and lose what was said
        else:
            self.transport.close()

    def drain(self) -> None:
        """Take no new streams, and close when the last one has ended (of Drainable)."""
        if self.ending or not self._streams:
            return self.close()
        # h2 counts a GOAWAY as the end; the frame that announces it must be written past it (RFC 9113, 6.8).
        self.flush()
        self.transport.write(GoAwayFrame(0, last_stream_id=self._h2.highest_inbound_stream_id).serialize())

    def abort(self) -> None:
        """Close at once (of Drainable)."""
        self.transport.abort()

    def pause_writing(self) -> None:
        """The caller does not read (of asyncio): he is not read either, or his pings would fill the memory."""
        self.stalled = True
        self.transport.pause_reading()
        self.deadline = self.edge.clock.now + self._limits.write

    def resume_writing(self) -> None:
        """The caller reads again (of asyncio)."""
        self.stalled = False
        self.deadline = FOR_EVER if self._streams else self.edge.clock.now + self._limits.idle2
        self.read_on()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed (of asyncio)."""
        self.lost = self.ending = True
        self.deadline = FOR_EVER
        self.edge.connections.discard(self)
        self.edge.clock.forget(self)
        for stream in tuple(self._streams.values()):
            stream.give_up()
        self._wake()
