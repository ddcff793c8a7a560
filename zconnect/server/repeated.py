"""A header block that comes again byte for byte on one connection: it means what it meant, as in the table of HPACK for HTTP/2.

Where the request line comes again, too, the request is the one that it was; another line goes through the parser. A head that
a body follows is always read as a whole.
"""

from typing import NamedTuple

from zconnect.values import Request

_OF_THE_HEAD = Request._fields.index("arrived")  # fields of a request that its head and its connection decide
_new = tuple.__new__

LONGEST = 8192  # bytes: what an idle connection may hold for it


class Seen(NamedTuple):
    """The head that was read last, its block with the blank line, and what they came to: fields and Host, and the request."""

    head: bytes
    block: bytes
    fields: list[tuple[bytes, bytes]]
    host: bytes | None
    request: Request | None


def divided(data: bytes) -> tuple[bytes, bytes]:
    """A request line with a blank line of its own, and its header block; that is empty where `data` is not just one such head."""
    line, _, block = data.partition(b"\n")
    if line.endswith(b" HTTP/1.1\r") and block.find(b"\r\n\r\n") == len(block) - 4 and 4 < len(block) <= LONGEST:
        return line + b"\n\r\n", block
    return data, b""


def renewed(request: Request, arrived: float, identifier: str) -> Request:
    """The request of a head that has come again: the same, at another time and under another name."""
    return _new(Request, (*request[:_OF_THE_HEAD], arrived, identifier, request.known, None))
