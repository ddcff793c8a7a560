"""Access tokens that are good in the hands of one caller alone: those bound to a client certificate (RFC 8705)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal, NamedTuple

from zconnect.config.schema import Element, attr, element
from zconnect.messages import error
from zconnect.security.challenges import TokenRejected
from zconnect.values import Request

UNUSABLE = error(
    "ZCON0430E",
    "The OpenID Connect client {client} refuses the access token, because it cannot see to what its cnf claim binds it: {reason}.",
    "Have the provider bind tokens to a client certificate (x5t#S256, RFC 8705), or not at all.",
)
OTHER_CERTIFICATE = error(
    "ZCON0431E",
    "The OpenID Connect client {client} refuses the access token, which is bound to a certificate, because the connection has {shown}.",
    "Send the token with the certificate that it was got with. If the caller did, let TLS ask for certificates "
    "(clientAuthenticationSupported of ssl), or believe the proxy that passes them on (zconnect_tlsTerminator).",
)
NOT_BOUND = error(
    "ZCON0432E",
    "The OpenID Connect client {client} refuses the access token, because it is not bound as {attribute} requires.",
    "Have the provider bind its tokens, or set the attribute to supported.",
)

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url


@element
class BoundToken(Element):
    """The attributes that decide what a caller must prove besides having a token."""

    certificate_bound_tokens: Literal["supported", "required"] = attr(
        default="supported",
        guard=True,
        doc="A token bound to a client certificate (RFC 8705) is good on connections with that alone; required: no other token is good",
    )


class Confirmation(NamedTuple):
    """What a token is bound to: the SHA-256 thumbprint of a certificate in base64url, empty without one."""

    certificate: str = ""


UNBOUND = Confirmation()


class Possession:
    """Holds tokens to what they are bound to, for one client."""

    def __init__(self, client: str, settings: BoundToken) -> None:
        self._client = client
        self._by_certificate = settings.certificate_bound_tokens == "required"

    def confirmation(self, claims: Mapping[str, object]) -> Confirmation:
        """What the claims of a good token bind it to (RFC 7800, section 3.1); raises `TokenRejected` on what is not understood."""
        if "cnf" not in claims:
            return UNBOUND
        bound = claims["cnf"]
        if not isinstance(bound, dict) or set(bound) != {"x5t#S256"}:
            raise self._unusable("it is not x5t#S256 alone")
        certificate = bound["x5t#S256"]
        if not isinstance(certificate, str) or not _THUMBPRINT.fullmatch(certificate):
            raise self._unusable("it is no thumbprint")
        return Confirmation(certificate)

    def shown(self, confirmation: Confirmation, request: Request) -> bool:
        """Whether the connection of a request shows all that must be shown."""
        if confirmation.certificate:
            return confirmation.certificate == _thumbprint(request)
        return not self._by_certificate

    def check(self, confirmation: Confirmation, request: Request) -> None:
        """Raise `TokenRejected` where a token is not in the hands of the caller that it is for."""
        if self.shown(confirmation, request):
            return
        if not confirmation.certificate:
            raise TokenRejected(NOT_BOUND(client=self._client, attribute="certificateBoundTokens"))
        raise TokenRejected(OTHER_CERTIFICATE(client=self._client, shown="another" if request.peer.certificates else "none"))

    def _unusable(self, reason: str) -> TokenRejected:
        return TokenRejected(UNUSABLE(client=self._client, reason=reason))


def _thumbprint(request: Request) -> str:
    """That of the caller's certificate (RFC 8705, section 3.1), empty without one."""
    certificates = request.peer.certificates
    return urlsafe_b64encode(sha256(certificates[0]).digest()).rstrip(b"=").decode() if certificates else ""
