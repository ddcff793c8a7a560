"""An offer of WebSocket (RFC 6455, 4.2.1): is it one, and may its page make it?"""

import base64
import binascii
import re
from collections.abc import Iterator

from wsproto.utilities import generate_accept_token

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.values import Call, Page, Request, Tunnel

BAD_OFFER = warning("ZCON0620W", "A caller offers {application} a WebSocket, but not as RFC 6455 has it: {reason}.", "Look at the caller.")
FOREIGN = warning(
    "ZCON0626W",
    "A page of {origin} may not open a WebSocket to {application}.",
    "If it should, allow its origin in a cors element for the path; where callers log in without a token, with allowCredentials.",
)

_token = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch


def checked(call: Call, tunnel: Tunnel, application: str) -> bytes:
    """The value of Sec-WebSocket-Accept; raises `Refused`.

    Browsers send cookies, passwords and certificates along for any page that opens a WebSocket, and ask nobody.
    """
    request, identity = call.request, call.identity
    if request.headers.all(b"sec-websocket-version") != [b"13"]:
        told = BAD_OFFER(application=application, reason="its version is not 13")
        raise Refused(426, told, headers=((b"sec-websocket-version", b"13"),))
    keys = request.headers.all(b"sec-websocket-key")
    if len(keys) != 1 or not _is_key(keys[0]):
        raise Refused(400, BAD_OFFER(application=application, reason="it has not one Sec-WebSocket-Key of 16 bytes"))
    sent_along = identity is not None and identity.mechanism != "BEARER"
    if tunnel.page is Page.FOREIGN or (tunnel.page is Page.ADMITTED and sent_along):
        origin = (request.headers.get(b"origin") or b"").decode("latin-1")
        raise Refused(403, FOREIGN(origin=origin, application=application))
    return generate_accept_token(keys[0])


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except binascii.Error:
        return False


def subprotocols(request: Request) -> list[str]:
    """What the caller offers, in his order."""

    def words() -> Iterator[str]:
        for field in request.headers.all(b"sec-websocket-protocol"):
            yield from (word.strip() for word in field.decode("latin-1").split(","))

    return [word for word in words() if _token(word)]
