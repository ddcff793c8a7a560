"""What a request's target means: one decoding and one normalisation at the edge, so that guards and applications see the same path.

The rules, in the order in which they act:

1. Only visible ASCII without `#` and `\\` may stand in a target (RFC 3986 knows nothing else).
2. An absolute-form target must name the authority of Host and the scheme of the connection.
3. In each segment, parameters (`;` and what follows) are cut, then `%XX` is decoded once; a broken escape is refused.
4. A decoded `/`, `\\`, control character or text that is no UTF-8 is refused: it would mean something else further on.
5. Empty and `.` segments vanish, `..` takes the segment before it along and never leaves the root (RFC 3986, 5.2.4).
"""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.server.malformed import MALFORMED

BAD_TARGET = warning(
    "ZCON0803W",
    "The request target is not acceptable: {reason}.",
    "Send an absolute path with correct percent-encoding, without encoded slashes, backslashes and control characters.",
)
NOT_SERVED = warning("ZCON0810W", "A request has {what}, which this server does not do.", "Send it in another way.")
BAD_HOST = warning("ZCON0804W", "The Host of a request is not acceptable: {reason}.", "Send one Host header with a name or address.")

UNSERVED = frozenset({"CONNECT", "TRACE"})

# A path that already is what normalisation would make of it: the common case, decided by one match.
_plain = re.compile(rb"(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*/?").fullmatch
_visible = re.compile(rb"[!\"$-\[\]-~]*").fullmatch
_query = re.compile(rb"[!\"$-~]*").fullmatch
_broken_escape = re.compile(rb"%(?![0-9A-Fa-f]{2})").search
_unsafe = re.compile(rb"[\x00-\x1f\x7f/\\]").search
_absolute = re.compile(rb"(?i:(https?)://)([^/?]*)(.*)").fullmatch
_authority = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?").fullmatch


class Target(NamedTuple):
    """A target as read; `authority` is empty but for the absolute form."""

    path: str
    query: str
    authority: str = ""


def read_target(raw: bytes, method: str, scheme: str) -> Target:
    """The meaning of a request target; raises `Refused` with 400."""
    if not raw.startswith(b"/"):
        return _other_form(raw, method, scheme)
    path, _, query = raw.partition(b"?")
    if query and not _query(query):
        raise _refused("the query has characters that are not allowed")
    return Target(path.decode() if path and _plain(path) else normal(path), query.decode())


def _other_form(raw: bytes, method: str, scheme: str) -> Target:
    if raw == b"*" and method == "OPTIONS":
        return Target("*", "")
    absolute = _absolute(raw)
    if absolute is None:
        raise _refused("it is neither a path nor an http address")
    if absolute[1].lower().decode() != scheme:
        raise _refused("its scheme is not that of the connection")
    rest = absolute[3] if absolute[3].startswith(b"/") else b"/" + absolute[3]
    return read_target(rest, method, scheme)._replace(authority=read_authority(absolute[2]))


def normal(raw: bytes) -> str:
    """A path decoded once, without parameters and dot segments; `raw` begins with a slash; raises `Refused` with 400."""
    if not _visible(raw):
        raise _refused("the path has characters that are not allowed")
    if _broken_escape(raw):
        raise _refused("a percent sign is not followed by two hexadecimal digits")
    path: list[str] = []
    last = ""
    for segment in raw.split(b"/")[1:]:
        last = _decoded(segment.partition(b";")[0])
        if last == "..":
            del path[-1:]
        elif last not in {"", "."}:
            path.append(last)
    slash = "/" if path and last in {"", ".", ".."} else ""
    return "/" + "/".join(path) + slash


def _decoded(segment: bytes) -> str:
    if b"%" not in segment:
        return segment.decode()
    plain = unquote_to_bytes(segment)
    if _unsafe(plain):
        raise _refused("a slash, backslash or control character is encoded in it")
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise _refused("it is not UTF-8") from None


def read_authority(raw: bytes) -> str:
    """A host with an optional port, as sent; raises `Refused` with 400."""
    if not _authority(raw):
        raise Refused(400, BAD_HOST(reason="it is no name or address with an optional port"))
    return raw.decode()


def check_version(version: str, *, chunked: bool) -> None:
    """HTTP/1.1 and 1.0 are served, and 1.0 knows no transfer encoding; raises `Refused` with 505 or 400."""
    if version not in {"1.1", "1.0"}:
        raise Refused(505, NOT_SERVED(what=f"version {version} of HTTP"))
    if chunked and version == "1.0":
        raise Refused(400, MALFORMED(reason="HTTP/1.0 has no transfer encoding"))


def read_host(host: bytes | None, absolute: str, version: str) -> str:
    """The authority that a request is for: what Host says, and an absolute-form target must say the same; raises `Refused` with 400."""
    if host is None:
        if version == "1.1":
            raise Refused(400, BAD_HOST(reason="there is none"))
        return absolute
    authority = read_authority(host)
    if absolute and absolute.lower() != authority.lower():
        raise Refused(400, BAD_HOST(reason="the target names another one"))
    return authority


def _refused(reason: str) -> Refused:
    return Refused(400, BAD_TARGET(reason=reason))


def unserved(method: str) -> Refused:
    """The answer to CONNECT and TRACE; the body of a 403 is text, as in Liberty."""
    told = NOT_SERVED(what=f"method {method}")
    if method == "CONNECT":
        return Refused(405, told)
    return Refused(403, told, headers=((b"content-type", b"text/plain"),), body=b"Error 403: TRACE is not served here.\n")
