"""The body of a request while it comes in: read once, piece by piece, with the sender held back meanwhile."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from zconnect.errors import Refused
from zconnect.messages import warning

TOO_LARGE = warning(
    "ZCON0805W", "A request has more than {limit} bytes.", "Send less, or raise MessageSizeLimit of the endpoint's httpOptions."
)
BROKEN_OFF = warning(
    "ZCON0806W", "A request broke off before its end.", "Look at the caller and at what stands between: the connection ended."
)
TOO_SLOW = warning(
    "ZCON0807W",
    "A request was not sent within {seconds} seconds.",
    "Look at the caller's connection, or raise readTimeout of the endpoint's httpOptions.",
)


INFINITE = float("inf")
STEP = 4096  # bytes of a body that count as going on; less within readTimeout is standing still


class Source(Protocol):
    """The connection or stream a body comes from."""

    def wanted(self) -> None:
        """The body is about to be read for the first time."""
        ...

    def taken(self, size: int) -> None:
        """So many bytes have left the buffer."""
        ...


class Incoming:
    """A body that a protocol feeds and a service reads; `allowed` is how many bytes it may have, None for any number."""

    __slots__ = (
        "_failure",
        "_peeked",
        "_pieces",
        "_source",
        "_waiter",
        "allowed",
        "asked",
        "buffered",
        "complete",
        "length",
        "limit",
        "received",
    )

    def __init__(self, source: Source, length: int | None, allowed: int | None = None, limit: int | None = None) -> None:
        self._source = source
        self._pieces: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._failure: Refused | None = None
        self._peeked = b""
        self.asked = False
        self.allowed = allowed
        self.limit = limit
        self.length = length
        self.received = 0
        self.buffered = 0
        self.complete = False

    def feed(self, piece: bytes) -> None:
        """More has come in."""
        self.received += len(piece)
        if self.allowed is not None and self.received > self.allowed:
            self.fail(Refused(413, TOO_LARGE(limit=self.limit)))
        if self._failure is None and piece:  # an empty frame of HTTP/2 is no end, and any number of them is nothing
            self._pieces.append(piece)
            self.buffered += len(piece)
            self._wake()

    def end(self) -> None:
        """All has come in."""
        self.complete = self._failure is None
        self._wake()

    def fail(self, refusal: Refused) -> None:
        """It will not come to its end; a reader gets the refusal."""
        if not self.complete and self._failure is None:
            self._failure = refusal
            self._pieces.clear()
            self.buffered = 0
            self._wake()

    @property
    def failed(self) -> bool:
        """It will not come to its end."""
        return self._failure is not None

    @property
    def remaining(self) -> float:
        """How many bytes are still to come, infinite where nobody knows."""
        if self.complete:
            return 0
        return INFINITE if self.failed or self.length is None else self.length - self.received

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._read()

    async def _read(self) -> AsyncIterator[bytes]:
        while (piece := await self._next()) is not None:
            yield piece

    async def _next(self) -> bytes | None:
        """The next piece, or None at the end; raises what the body was failed with."""
        if self._peeked:
            piece, self._peeked = self._peeked, b""
            return piece
        if not self.asked:
            self.asked = True
            self._source.wanted()
        while not self._pieces:
            if self._failure is not None:
                raise self._failure
            if self.complete:
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece = self._pieces.popleft()
        self.buffered -= len(piece)
        self._source.taken(len(piece))
        return piece

    async def read(self) -> bytes:
        """The whole body at once."""
        pieces = []
        while (piece := await self._next()) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    async def peek(self) -> bytes:
        """The whole body at once, which stays there to be read."""
        self._peeked = await self.read()
        return self._peeked
