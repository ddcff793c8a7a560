"""IP ranges as Liberty writes them: `192.168.*.*`, `10.0.0.[5-9]`, `1080:0:0:0:8:800:200C:*`."""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple

_PIECE = re.compile(r"\*|[0-9A-Fa-f]{1,4}|\[\s*([0-9A-Fa-f]{1,4})\s*-\s*([0-9A-Fa-f]{1,4})\s*\]")


class Range(NamedTuple):
    """The numbers of the lowest and the highest address of a range; both belong to it."""

    low: int
    high: int


@lru_cache(maxsize=4096)
def number_of(address: str) -> int:
    """The number of an address; one that is IPv4 mapped into IPv6 is the IPv4 address (RFC 4291 section 2.5.5.2)."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return int(mapped or parsed)


def range_of(text: str) -> Range:
    """One range; raises ValueError where Liberty would drop the condition, and on host names, `127.1` and reversed ranges."""
    text = text.strip()
    if "*" not in text and "[" not in text:
        number = number_of(text)
        return Range(number, number)
    separator, base, count, top = (":", 16, 8, 0xFFFF) if ":" in text else (".", 10, 4, 0xFF)
    pieces = [piece.strip() for piece in text.split(separator)]
    if len(pieces) < 2 or len(pieces) > count:
        raise ValueError(f'"{text}" is not a range of IP addresses')
    if pieces[-1] == "*":
        pieces += ["*"] * (count - len(pieces))
    low, high = _bounds(text, pieces, base, top)
    if len(pieces) != count or low > high:
        raise ValueError(f'"{text}" is not a range of IP addresses')
    return Range(low, high)


def _bounds(text: str, pieces: list[str], base: int, top: int) -> tuple[int, int]:
    low = high = 0
    open_ended = False
    for piece in pieces:
        match = _PIECE.fullmatch(piece)
        if match is None or (open_ended and piece != "*"):
            raise ValueError(f'"{text}" is not a range of IP addresses: after * or [..] only * may follow')
        first, last = _piece(piece, match, base, top)
        if not 0 <= first <= last <= top:
            raise ValueError(f'"{piece}" in "{text}" is out of bounds')
        open_ended = open_ended or first != last or piece.startswith("[")
        low, high = low * (top + 1) + first, high * (top + 1) + last
    return low, high


def _piece(piece: str, match: "re.Match[str]", base: int, top: int) -> tuple[int, int]:
    if piece == "*":
        return 0, top
    first, last = match[1] or piece, match[2] or piece
    if base == 10 and any(len(number) > 1 and number.startswith("0") for number in (first, last)):
        raise ValueError(f'"{piece}" could be read as octal')
    return int(first, base), int(last, base)


def ranges_of(text: str) -> tuple[Range, ...]:
    """The ranges of a list that is separated by `|`; raises ValueError."""
    ranges = tuple(range_of(part) for part in text.split("|") if part)
    if not ranges:
        raise ValueError("no IP address is given")
    return ranges
