"""A response as bytes of HTTP/1.1: status line, header fields, framing."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType

STATUS_LINES: Mapping[int, bytes] = MappingProxyType(
    {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE = b"connection: Close\r\n"
KEEP_ALIVE = b"connection: Keep-Alive\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
LAST_CHUNK = b"0\r\n\r\n"

# What describes the connection and not the answer (RFC 9110, 7.6.1): the edge writes these itself.
_OURS = frozenset({b"connection", b"content-length", b"date", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})

# Errors behind which a caller goes on: he comes back with a password, or with a teapot.
_LEARNT = frozenset({401, 418})


class Unsendable(Exception):
    """A header field of an answer holds a line break or a NUL, which would begin something else on the wire."""


def head(status: int, fields: Iterable[tuple[bytes, bytes]], framing: bytes, date: bytes) -> bytes:
    """The head of a response; `framing` and `date` are whole lines; raises `Unsendable`."""
    block, dated = _block(status, tuple(fields))
    return b"%b%b%b\r\n" % (block, framing, b"" if dated else date)


@lru_cache(maxsize=64)
def _block(status: int, fields: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, bool]:
    """Status line and fields, and whether a date is among them: answers are more alike than requests."""
    dated = False
    parts = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
    for name, value in fields:
        if name in _OURS:
            if name != b"date":
                continue
            dated = True
        parts += (name, b": ", value, b"\r\n")
    block = b"".join(parts)
    lines = len(parts) // 4 + 1
    if block.count(b"\n") != lines or block.count(b"\r") != lines or b"\0" in block:
        raise Unsendable
    return block, dated


def sendable(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields of an answer for HTTP/2, without those that the edge writes itself; raises `Unsendable`."""
    kept = [(name.lower(), value.strip()) for name, value in fields if name not in _OURS or name == b"date"]
    if any(mark in name or mark in value for name, value in kept for mark in (b"\n", b"\r", b"\0")):
        raise Unsendable
    return kept


def date_field(line: bytes) -> tuple[bytes, bytes]:
    """The Date line of HTTP/1.1 as a field of HTTP/2."""
    name, _, value = line.rstrip().partition(b": ")
    return name, value


def has_no_body(status: int) -> bool:
    """An answer with this status ends with its head (RFC 9110, 6.4.1)."""
    return status < 200 or status == 204 or status == 304


def is_last(status: int, fields: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Whether an answer ends its connection: by its own word, and as an error of which the caller is not expected to learn (Liberty)."""
    return (status >= 400 and status not in _LEARNT) or (b"connection", b"close") in fields


def announced(fields: Iterable[tuple[bytes, bytes]]) -> int | None:
    """The length that an answer itself gives for its body, or None."""
    value = next((value for name, value in fields if name == b"content-length"), b"")
    return int(value) if value.isdigit() else None
