"""What of a request and its answer passes on to a back end and back: pure functions, without a socket."""

import string
from collections.abc import Iterable
from urllib.parse import quote

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.values import Request

UNSAFE_PATH = warning(
    "ZCON0631W",
    "The path {path} was not passed to a back end, because some servers read it as a way out of {base}.",
    "No action is needed: no honest client sends such a path.",
)

# RFC 9110, 7.6.1: for one connection only; with them what the connection to the back end says for itself.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_OWN = frozenset({b"host", b"content-length", b"expect", b"x-request-id", b"forwarded", b"x-real-ip"})
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
# What a back end may believe about a caller because a proxy says so: a caller does not get to say it.
_CLAIMS = (b"x-forwarded-", b"$ws")

SAFE_IN_PATH = "/:@!$&'()*+,;=-._~"  # RFC 3986, 3.3

Fields = list[tuple[str, str]]


def request_fields(request: Request, forwarded: frozenset[bytes], authorization: str) -> Fields:
    """The header fields for the back end; `forwarded` are credentials of the caller that it shall see, `authorization` is our own."""
    bound = _HOP_BY_HOP | _named_by_connection(request.headers)
    fields = [
        (name.decode("latin-1"), _text(value))
        for name, value in request.headers
        if name not in bound
        and name not in _OWN
        and (name not in _CREDENTIALS or name in forwarded)
        and not name.startswith(_CLAIMS)
        and not (authorization and name == b"authorization")
    ]
    fields.append(("x-request-id", request.identifier))
    if authorization:
        fields.append(("authorization", authorization))
    return fields


def response_fields(raw: Iterable[tuple[bytes, bytes]], cookies: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The header fields for the caller; a back end that does not get his cookies sets him none, either."""
    fields = [(name.lower(), value) for name, value in raw]
    bound = _HOP_BY_HOP | _named_by_connection(fields)
    return tuple((name, value) for name, value in fields if name not in bound and (cookies or name != b"set-cookie"))


def _named_by_connection(fields: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    return {word.strip().lower() for name, value in fields if name == b"connection" for word in value.split(b",")}


def _text(value: bytes) -> str:
    """A header value as text that becomes the same bytes again where it is UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def target(base: str, subpath: str, query: str) -> str:
    """The URL of a call; `base` is encoded, `subpath` is decoded; raises `Refused` where it could leave `base`."""
    # Some servers take the parameters off a segment before they look at its dots: `..;x` is `..` to them.
    if any(segment.partition(";")[0] in (".", "..") for segment in subpath.split("/")) or "\\" in subpath:
        raise Refused(400, UNSAFE_PATH(path=subpath, base=base))
    path = quote(subpath, SAFE_IN_PATH)
    url = f"{base.rstrip('/')}{path}" if path else base
    return f"{url}?{quote(query, string.punctuation, 'latin-1', 'replace')}" if query else url
