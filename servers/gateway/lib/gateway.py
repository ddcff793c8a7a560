"""Callers whom a gateway has logged in: it names each of them in a header that only gateway and server can sign.

    X-Gateway-Caller: BASE64URL(JSON) . BASE64URL(HMAC-SHA256(key, BASE64URL(JSON) LF method LF target))

The JSON has `user`, `groups`, `time` (seconds since the epoch) and `nonce`. The signature covers method and target as well, so that the
header of one request is of no use for another; it is good for some seconds, and once.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

from zconnect.errors import Refused
from zconnect.roles import Store
from zconnect.values import Identity, Request

SPACE = "gateway headers"  # in the database that all processes of the server share


class SignedHeader:
    """The interceptor; its properties are `header`, `key`, `realm` and `seconds`."""

    def __init__(self, properties: Mapping[str, str], store: Store) -> None:
        self.header = properties["header"].lower().encode()
        self.key = properties["key"].encode()
        self.realm = properties["realm"]
        self.seconds = float(properties.get("seconds", "30"))
        self.store = store
        if len(self.key) < 32:
            raise ValueError("key has less than 32 characters, so it could be guessed")

    async def identify(self, request: Request) -> Identity | None:
        """The caller whom the header names; None where there is none. Raises `Refused` (401) on a header that is not believed."""
        values = request.headers.all(self.header)
        if not values:
            return None
        if len(values) > 1:
            raise refused("it comes more than once")
        payload, _, signature = values[0].partition(b".")
        expected = self.signature(payload, request)
        if not hmac.compare_digest(signature, expected):
            raise refused("its signature is wrong")
        claims = json.loads(urlsafe_b64decode(payload))
        ends = claims["time"] + self.seconds
        if not claims["time"] - self.seconds <= request.arrived < ends:
            raise refused("it is too old, or from the future")
        if not self.store.replace(SPACE, sha256(expected).digest(), None, b"", ends, request.arrived):
            raise refused("it was used before")
        return Identity(claims["user"], self.realm, claims["user"], frozenset(claims["groups"]))

    def signature(self, payload: bytes, request: Request) -> bytes:
        """What the gateway must have written behind the point."""
        signed = b"\n".join((payload, request.method.encode(), request.target.encode()))
        return urlsafe_b64encode(hmac.digest(self.key, signed, sha256)).rstrip(b"=")


def refused(cause: str) -> Refused:
    """The answer to a header that is not believed; only log and audit say why."""
    return Refused(401, f"The header of the gateway is not believed: {cause}.", headers=[(b"www-authenticate", b"Gateway")])
