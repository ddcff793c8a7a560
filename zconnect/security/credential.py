"""Where in a request an access token stands, and what it looks like."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qs

from zconnect.security.challenges import Shape
from zconnect.values import Headers, Request

_FORM = b"application/x-www-form-urlencoded"
_SEGMENTS = 16  # Liberty walks through any number; a header line holds 8 KiB and more
_LONGEST = 16 * 1024
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/_-]")


def is_bearer(value: bytes) -> bool:
    """Whether a header value begins with the scheme `Bearer`, which may have any letter case."""
    return value[:7].lower() == b"bearer "


def stripped(value: bytes) -> bytes:
    """A header value without the scheme `Bearer`."""
    return value[7:] if is_bearer(value) else value


def named(headers: Headers, name: bytes) -> bytes | None:
    """The token in a header of its own, or in its numbered segments; None where there is none."""
    value = headers.get(name)
    if value is not None:
        return stripped(value).strip()
    count = headers.get(name + b"-segments") or b""
    if not re.fullmatch(rb"[0-9]{1,6}", count.strip()) or int(count) == 0:
        return None
    numbers = range(1, min(int(count), _SEGMENTS) + 1)
    text = b"".join((headers.get(b"%b-%d" % (name, number)) or b"").strip() for number in numbers)
    return stripped(text) or None


def cookies(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Names in lower case and values of all cookies; quotes round a value do not belong to it."""
    for known, header in headers.fields:
        for part in header.split(b";") if known == b"cookie" else ():
            name, _, value = part.partition(b"=")
            value = value.strip()
            quoted = len(value) > 1 and value[:1] == value[-1:] == b'"'
            yield name.strip().lower(), value[1:-1] if quoted else value


async def in_form(request: Request) -> bytes | None:
    """The token in the form parameter access_token (RFC 6750 section 2.2), never in the query; None where there is none."""
    if request.method.upper() != "POST" or request.headers.get(b"content-type") != _FORM:
        return None
    length = request.body.length
    if length is None or length > _LONGEST:
        return None
    values = parse_qs((await request.body.peek()).decode("ascii", "replace")).get("access_token")
    return values[0].encode() if values else None


def shape_of(token: bytes) -> Shape:
    """Whether a token has two parts or more and one of the first two is a JSON object."""
    parts = token.split(b".", 2)
    if len(parts) < 2 or len(token) > _LONGEST:
        return Shape.OPAQUE
    return Shape.JWT if any(map(_is_object, parts[:2])) else Shape.OPAQUE


def claimed(token: bytes) -> Mapping[str, object]:
    """What a token says, believed by nobody yet; nothing where it cannot be read."""
    parts = token.split(b".", 2)
    return (_object(parts[1]) if len(parts) > 1 and len(token) <= _LONGEST else None) or {}


def claimed_issuer(token: bytes) -> str | None:
    """The issuer that a token names."""
    issuer = claimed(token).get("iss")
    return issuer if isinstance(issuer, str) else None


@lru_cache(maxsize=128)
def _is_object(part: bytes) -> bool:
    """Whether a part is a JSON object; the headers of an issuer's tokens hardly ever differ."""
    return _object(part) is not None


def _object(part: bytes) -> dict[str, object] | None:
    """A part as JSON object, decoded as loosely as Liberty does it to tell what a token looks like."""
    text = _FOREIGN.sub(b"", part).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        value = json.loads(base64.b64decode(text + b"=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
