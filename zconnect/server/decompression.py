"""Request bodies that come compressed, unpacked while they are read (AutoDecompression; RFC 9110, 8.4)."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple

from zconnect.errors import Refused
from zconnect.messages import error, warning
from zconnect.server.body import TOO_LARGE
from zconnect.values import Body, Headers, Request

TOO_DENSE = error(
    "CWWKT0034E",
    "A request body grew to more than {ratio} times its size more often than {tolerance} times.",
    "Look at the caller; if he is honest, raise decompressionRatioLimit or decompressionTolerance of the endpoint's httpOptions.",
)
BROKEN = warning("ZCON0817W", "A request body is not the {encoding} that its Content-Encoding says.", "Look at the caller.")

SLICE = 32768  # bytes of a body whose growth is looked at together
STEP = 65536  # bytes that are unpacked at once

_RAW = -15
_WINDOWS: Mapping[bytes, int] = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class Growth(NamedTuple):
    """How much bodies may grow: `ratio` times, more than that `tolerance` times; at most to `limit` bytes."""

    ratio: int
    tolerance: int
    limit: int | None


def unpacking(growth: Growth) -> Callable[[Request], Request]:
    """A request whose body is unpacked where it is compressed in a known way; its head says nothing of that."""

    def unpack(request: Request) -> Request:
        encodings = [value.lower() for value in request.headers.all(b"content-encoding")]
        if len(encodings) != 1 or encodings[0] not in _WINDOWS:
            return request
        fields = [field for field in request.headers if field[0] not in {b"content-encoding", b"content-length"}]
        return request._replace(headers=Headers(fields), body=Unpacked(request.body, encodings[0], growth))

    return unpack


class Unpacked:
    """A compressed body, read once as what it was made from."""

    length: int | None = None

    def __init__(self, body: Body, encoding: bytes, growth: Growth) -> None:
        self.received = 0
        self._body = body
        self._encoding = encoding
        self._growth = growth
        self._dense = 0
        self._peeked = b""
        self._pieces = self._unpacked()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._peeked:
            peeked, self._peeked = self._peeked, b""
            yield peeked
        async for piece in self._pieces:
            yield piece

    async def read(self) -> bytes:
        """The whole body at once."""
        return b"".join([piece async for piece in self])

    async def peek(self) -> bytes:
        """The whole body at once, which stays there to be read."""
        self._peeked = await self.read()
        return self._peeked

    async def _unpacked(self) -> AsyncIterator[bytes]:
        """The pieces; raises `Refused` (400, 413)."""
        unpacker = None
        async for whole in self._body:
            for start in range(0, len(whole), SLICE):
                packed = whole[start : start + SLICE]
                before, allowed = self.received, self._growth.ratio * len(packed)
                more = bool(packed)
                while more:
                    if unpacker is None:
                        unpacker = zlib.decompressobj(self._window(packed))
                    elif unpacker.eof:
                        unpacker = self._next_member()
                    piece = self._piece(unpacker, packed)
                    packed = unpacker.unconsumed_tail or unpacker.unused_data
                    more = bool(packed) or (len(piece) == STEP and not unpacker.eof)
                    if piece:
                        yield piece
                    if more:
                        await asyncio.sleep(0)  # a body that grows much would keep all other requests waiting
                self._weigh(self.received - before > allowed)
        if unpacker is None or not unpacker.eof:
            raise self._broken()

    def _piece(self, unpacker: "zlib._Decompress", packed: bytes) -> bytes:
        try:
            piece = unpacker.decompress(packed, STEP)
        except zlib.error:
            raise self._broken() from None
        self.received += len(piece)
        limit = self._growth.limit
        if limit is not None and self.received > limit:
            raise Refused(413, TOO_LARGE(limit=limit))
        return piece

    def _window(self, packed: bytes) -> int:
        """The kind of zlib's window; some send deflate without the head that the standard asks for."""
        raw = self._encoding == b"deflate" and packed[0] & 0x0F != 8
        return _RAW if raw else _WINDOWS[self._encoding]

    def _next_member(self) -> "zlib._Decompress":
        """Behind the end of a gzip another one may follow (RFC 1952, 2.2)."""
        if self._encoding == b"deflate":
            raise self._broken()
        return zlib.decompressobj(_WINDOWS[self._encoding])

    def _weigh(self, dense: bool) -> None:
        self._dense += dense
        if self._dense > self._growth.tolerance:
            raise Refused(413, TOO_DENSE(ratio=self._growth.ratio, tolerance=self._growth.tolerance))

    def _broken(self) -> Refused:
        return Refused(400, BROKEN(encoding=self._encoding.decode()))
