"""What a caller is told when a token is not accepted: Liberty's challenges and bodies, the same for every bad token."""

from enum import Enum
from typing import NamedTuple

from zconnect.errors import Refused
from zconnect.messages import Told, error

NO_TOKEN = error(
    "ZCON0408E", "The request carries no access token.", "Send a token of the provider as Authorization: Bearer (RFC 6750 section 2.1)."
)


class Shape(Enum):
    """What a credential looks like; it decides which challenge is given, not whether it is believed."""

    OPAQUE = "opaque"
    JWT = "jwt"


class TokenRejected(Exception):
    """A token is not accepted; `told` says why.

    `recorded`: with `supported`, CWWKS1740W is written as well. `sent`: Liberty's body says SEND_401, else that the client failed.
    `error` is that of RFC 9449, empty where nothing was sent; `nonce` is the one to be used (section 9), empty without.
    """

    def __init__(self, told: Told, *, recorded: bool = True, sent: bool = True, error: str = "invalid_token", nonce: str = "") -> None:
        super().__init__(told)
        self.told = told
        self.recorded = recorded
        self.sent = sent
        self.error = error
        self.nonce = nonce


_JSON = (b"content-type", b"application/json;charset=UTF-8")
_FAILED = b'{"error_description":"OpenID Connect client failed the request...","error":401}'
_SENT = b'{"error_description":"OpenID Connect client returned with status: SEND_401","error":401}'
_CHALLENGE = b"www-authenticate"
NONCE = b"dpop-nonce"
_BARE = (b"www-authenticate", b'Bearer realm="oauth"')
_OPAQUE = (b"www-authenticate", b'Bearer realm="oauth", error="invalid_token", error_description="Check access token"')
_JWT = (b"www-authenticate", b'Bearer realm="jwt", error="invalid_token", error_description="Check JWT token"')


def required(reason: Told, shape: Shape, *, sent: bool) -> Refused:
    """The answer where a good token is the only way in; `sent` as in `TokenRejected`."""
    return Refused(401, reason, headers=(_JWT if shape is Shape.JWT else _OPAQUE, _JSON), body=_SENT if sent else _FAILED)


def login_needed(reason: Told) -> Refused:
    """The answer of a client that would log the caller in at the provider, and cannot."""
    return Refused(401, reason, headers=(_BARE, _JSON), body=_SENT)


class Challenges(NamedTuple):
    """What a client says beyond Liberty's challenge.

    `algorithms` are those of DPoP proofs, with blanks between them; empty without. Where `bearer` is false, no other token is any
    good. `metadata` is the address of the resource's description (RFC 9728), empty without one.
    """

    algorithms: str = ""
    bearer: bool = True
    metadata: str = ""

    def added(self, refusal: Refused, error: str = "", nonce: str = "") -> Refused:
        """The same refusal with a challenge for DPoP (RFC 9449, section 7.1) and with where to read more (RFC 9728, section 5.1)."""
        if not self.algorithms and not self.metadata:
            return refusal
        more = f', resource_metadata="{self.metadata}"'.encode() if self.metadata else b""
        fields = [(name, value + more) if name == _CHALLENGE else (name, value) for name, value in refusal.headers]
        if self.algorithms:
            said = f', error="{error}"' if error else ""
            bearers = fields if self.bearer else [field for field in fields if field[0] != _CHALLENGE]
            nonces = [(NONCE, nonce.encode())] if nonce else []
            fields = [(_CHALLENGE, f'DPoP algs="{self.algorithms}"{said}'.encode() + more), *bearers, *nonces]
        return Refused(refusal.status, refusal.reason, headers=fields, body=refusal.body)
