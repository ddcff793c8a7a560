"""The head of a request in HTTP/2, which h2 has checked as a list of fields, as a request of ours."""

import re
import time

from zconnect.errors import Refused
from zconnect.server.claims import Fields, parted
from zconnect.server.edge import Edge
from zconnect.server.httpoptions import Limits
from zconnect.server.malformed import LIMIT, MALFORMED, TWO_CREDENTIALS
from zconnect.server.target import BAD_HOST, NOT_SERVED, UNSERVED, read_authority, read_target, unserved
from zconnect.values import NO_BODY, Body, Headers, Peer, Request

# What httptools takes in HTTP/1.1, in this spelling alone: `trace` would be TRACE to a back end that minds no case.
_REGISTERED = (
    "ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH"
    " POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE"
)
METHODS = frozenset(_REGISTERED.split())
_control = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search  # h2 looks for NUL, CR and LF alone (RFC 9110, 5.5)


def read_head(fields: Fields, edge: Edge, peer: Peer, body: Body) -> Request:
    """The request that a head stands for (RFC 9113, 8.3.1); raises `Refused`."""
    special = {name: value for name, value in fields if name.startswith(b":")}
    plain, claims = parted(field for field in fields if not field[0].startswith(b":"))
    _check(fields, plain, edge.limits)
    if len(plain) + len(claims) > edge.limits.headers:
        raise Refused(400, LIMIT(attribute="limitNumHeaders", limit=edge.limits.headers))
    scheme = "https" if peer.secure else "http"
    method = special.get(b":method", b"").decode("latin-1")
    if method not in METHODS:
        raise Refused(501, MALFORMED(reason="the method is unknown"))
    if method in UNSERVED:
        raise unserved(method)
    if special.get(b":scheme") != scheme.encode():
        raise Refused(400, MALFORMED(reason="its scheme is not that of the connection"))
    raw = special.get(b":path", b"")
    path, query, elsewhere = read_target(raw, method, scheme)
    if elsewhere:
        raise Refused(400, MALFORMED(reason="its path is a whole address"))
    if body is NO_BODY and not any(name == b"content-length" for name, _ in plain):
        plain.insert(0, (b"content-length", b"0"))  # Liberty says so to the application
    headers = Headers(plain)
    authority = special.get(b":authority") or headers.get(b"host")
    if authority is None:
        raise Refused(400, BAD_HOST(reason="there is none"))
    request = Request(
        method,
        raw.decode(),
        path,
        query,
        headers,
        body,
        peer,
        scheme,
        read_authority(authority),
        "2.0",
        time.time(),
        edge.identifier(),
        {},
    )
    if body is not NO_BODY and edge.unpack:
        request = edge.unpack(request)
    return edge.identify(request, claims) if edge.identify else request


def _check(fields: Fields, plain: Fields, limits: Limits) -> None:
    """What is refused in HTTP/1.1 and what h2 lets pass."""
    if any(max(len(name), len(value)) > limits.field for name, value in fields):
        raise Refused(400, LIMIT(attribute="limitFieldSize", limit=limits.field))
    if _control(b"".join([value for _, value in plain])):
        raise Refused(400, MALFORMED(reason="a control character is in a field"))
    if sum(name == b"content-length" for name, _ in plain) > 1:
        raise Refused(400, MALFORMED(reason="its length is announced twice"))
    if sum(name == b"authorization" for name, _ in plain) > 1:
        raise Refused(400, MALFORMED(reason=TWO_CREDENTIALS))
    if any(name == b"expect" and value.lower() != b"100-continue" for name, value in plain):
        raise Refused(417, NOT_SERVED(what="an expectation other than 100-continue"))
