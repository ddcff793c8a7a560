"""The receiving half of a connection of HTTP/2: floods are kept out, and who sends much is read in turns with the others."""

import asyncio

from h2.errors import ErrorCodes

from zconnect.server.edge import Edge
from zconnect.server.frames import Flood, Frames
from zconnect.values import Peer


class Receiving:
    """What comes in, handed to `take` in portions.

    `ending` says that the connection has said goodbye, `lost` that it is closed, `stalled` that the caller does not read;
    sending something of use raises `frames.spare`.
    """

    transport: asyncio.Transport
    peer: Peer

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.frames = Frames(edge.limits, edge.clock.now)
        self.ending = False
        self.lost = False
        self.stalled = False
        self._late = b""  # what waits for its turn
        self._portion = 0  # bytes of it for the next one

    def take(self, data: bytes) -> None:
        """Act on what has come in."""
        raise NotImplementedError

    def close(self, code: ErrorCodes | None) -> None:
        """Say goodbye and close."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        """Bytes have come in (of asyncio)."""
        if self._late:
            self._late += data
        elif not self.ending and self._is_little(data):
            self.take(data)

    def _is_little(self, data: bytes) -> bool:
        """Whether this may be taken at once; if not, it waits for its turn, or the connection ends."""
        try:
            portion, little = self.frames.admit(data, self.edge.clock.now)
        except Flood as flood:
            self.turn_away(flood.reason)
            self.close(flood.code)
            return False
        if not little:
            self._late, self._portion = data, portion
            self.transport.pause_reading()
            self.edge.turns.wait(self._next)
        return little

    def _next(self) -> None:
        """The turn of what waits."""
        data, rest = self._late[: self._portion], self._late[self._portion :]
        self._late = b""
        for piece in (data, rest):
            if piece and not self.ending and (piece is data or self._is_little(piece)):
                self.take(piece)
        self.read_on()

    def read_on(self) -> None:
        """Read again where nothing is against it."""
        if not (self._late or self.stalled or self.ending or self.lost):
            self.transport.resume_reading()

    def turn_away(self, reason: object) -> None:
        """This connection is closed for what its caller does."""
        self.edge.turned_away.add(reason, self.peer.address)
