"""Looks at the frames of HTTP/2 before h2 does, so that what is too large or too much is stopped early; tells h2 our limits.

h2 buffers a frame of any length before it finds it too long, and does its full work for each of a thousand frames that mean nothing.
"""

from functools import lru_cache

import hpack.hpack
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.settings import SettingCodes, Settings
from hpack.huffman_table import decode_huffman

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.server.httpoptions import Limits

TOO_MUCH = warning(
    "ZCON0837W", "A connection of HTTP/2 has {what}.", "Look at the caller: connections of this kind are closed, because they only cost."
)

DEFAULT_WINDOW = 65535  # bytes (RFC 9113, 6.9.2)
_HEAD = 9  # bytes of the head of a frame
_PREFACE = 24  # bytes before the first one
_DATA, _HEADERS, _SETTINGS, _CONTINUATION = 0, 1, 4, 9
_END_HEADERS, _PADDED = 4, 8

SPARE = 1000  # frames that bring nothing and may come in a row; one that brings something earns more of them
AGAIN = 20  # as many again in each second
SETTINGS = 100  # settings in one frame; the protocol knows ten
TURN = 64  # frames that are looked at in one turn of the loop, so that others have theirs
HEAVY = 16384  # bytes of a head for which a turn is needed; unpacking takes a microsecond a byte
KNOWN, KNOWN_BYTES = 128, 8192  # texts in Huffman code that are remembered, each of at most so many bytes
_CONFIGURATION = H2Configuration(client_side=False, header_encoding=None, validate_outbound_headers=False)

_known = lru_cache(maxsize=KNOWN)(decode_huffman)


def _remembered(text: bytes) -> bytes:
    """What a text in Huffman code says (RFC 7541, section 5.2)."""
    return _known(text) if len(text) <= KNOWN_BYTES else decode_huffman(text)


# Callers send their tokens as literals, again and again: to decode one of 700 letters each time would be half the price of a request.
hpack.hpack.decode_huffman = _remembered  # type: ignore[attr-defined,assignment]


class Flood(Refused):
    """A connection must end; `code` is what the caller is told."""

    def __init__(self, what: str, code: ErrorCodes = ErrorCodes.ENHANCE_YOUR_CALM) -> None:
        super().__init__(400, TOO_MUCH(what=what))
        self.code = code


class Frames:
    """The frames of one connection as they come in; `spare` may be raised by whoever sends something of use."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.spare: float = SPARE
        self._limits = limits
        self._since = now
        self._rest = _PREFACE  # bytes of the frame under way that are still to come
        self._begun = b""  # the head of a frame, of which a part has come
        self._block = 0  # bytes of the head of a request so far

    def admit(self, data: bytes, now: float) -> tuple[int, bool]:
        """How many bytes belong to one turn, and whether that is so little that nobody needs to wait for it; raises `Flood`."""
        joined, before = self._begun + data, len(self._begun)
        at, size, weight = self._rest, len(joined), 0
        while at + _HEAD <= size and weight < TURN:
            length = int.from_bytes(joined[at : at + 3], "big")
            if length > self._limits.frame:
                raise Flood("a frame that is too long", ErrorCodes.FRAME_SIZE_ERROR)
            weight += self._weigh(joined[at + 3], joined[at + 4], length, now)
            at += _HEAD + length
        if at >= size or weight >= TURN:
            self._begun, self._rest = b"", max(0, at - size)
            return min(at, size) - before, weight < TURN
        self._begun, self._rest = joined[at:], 0
        return len(data), True

    def _weigh(self, kind: int, flags: int, length: int, now: float) -> int:
        """What a frame costs in its turn; raises `Flood`."""
        if kind in {_HEADERS, _CONTINUATION}:
            return self._weigh_head(kind, flags, length, now)
        if kind == _DATA and length and not (flags & _PADDED and length <= 256):
            self.spare += length >> 8
        else:
            self._spend(now)
            if kind == _SETTINGS and length > 6 * SETTINGS:
                raise Flood("too many settings")
        return 1

    def _weigh_head(self, kind: int, flags: int, length: int, now: float) -> int:
        if kind == _HEADERS:
            self.spare += 8
            self._block = 0
        else:
            self._spend(now)
        self._block += length
        if self._block > self._limits.head:
            raise Flood("a head longer than maxHeaderBlockSize")
        return 1 + (self._block >> 8 if flags & _END_HEADERS and self._block > HEAVY else 0)

    def _spend(self, now: float) -> None:
        """One more frame that brings nothing: pings, settings, windows, priorities, resets, empty data, what is unknown."""
        self.spare = min(SPARE, self.spare + (now - self._since) * AGAIN) - 1
        self._since = now
        if self.spare < 0:
            raise Flood("too many frames that bring nothing")


def opened(limits: Limits) -> H2Connection:
    """A connection of h2 under our limits."""
    connection = H2Connection(_CONFIGURATION)
    values = {SettingCodes.MAX_HEADER_LIST_SIZE: limits.head, SettingCodes.ENABLE_PUSH: 0}
    connection.local_settings = Settings(client=False, initial_values=values | told(limits))
    connection.max_inbound_frame_size = limits.frame
    connection.decoder.max_header_list_size = limits.head
    return connection


def told(limits: Limits) -> dict[SettingCodes, int]:
    """What the caller is told: the limits that Liberty tells, and the window where it is not the default."""
    values = {SettingCodes.MAX_CONCURRENT_STREAMS: limits.streams, SettingCodes.MAX_FRAME_SIZE: limits.frame}
    return values if limits.stream_window == DEFAULT_WINDOW else values | {SettingCodes.INITIAL_WINDOW_SIZE: limits.stream_window}
