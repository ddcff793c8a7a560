"""What a DPoP proof must hold that nobody can know beforehand (RFC 9449, sections 8 and 9), so that none is made long before it is used."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256


class Nonces:
    """The nonces of one client: the newest one is another after half of the `age`, in seconds, that each is good for.

    They are made of the time and a `secret` of all processes, so that nobody has to remember any.
    """

    def __init__(self, secret: bytes, client: str, age: float) -> None:
        self._key = hmac.digest(secret, b"DPoP nonce of " + client.encode(), sha256)
        self._half = age / 2

    def newest(self, now: float) -> str:
        """The one to be used at a time in seconds since the epoch."""
        return self._of(int(now // self._half))

    def good(self, nonce: object, now: float) -> bool:
        """Whether it is the newest one, or that before."""
        current = int(now // self._half)
        return isinstance(nonce, str) and any(
            hmac.compare_digest(nonce.encode("utf-8", "replace"), self._of(span).encode()) for span in (current, current - 1)
        )

    def _of(self, span: int) -> str:
        return urlsafe_b64encode(hmac.digest(self._key, span.to_bytes(8, "big"), sha256)[:18]).decode()
