"""Access tokens that are good in the hands of one caller alone: bound to a client certificate (RFC 8705) or to a key (RFC 9449)."""

import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

from zconnect.config.schema import Element, attr, element
from zconnect.messages import Told, error, info, warning
from zconnect.roles import Assembly
from zconnect.security.challenges import TokenRejected
from zconnect.security.dpop import ALGORITHMS, Proof, proved
from zconnect.security.nonces import Nonces
from zconnect.security.replay import UsedTokens
from zconnect.trust.compact import TokenRefused
from zconnect.trust.token import sha256_text
from zconnect.values import Request

UNUSABLE = error(
    "ZCON0430E",
    "The OpenID Connect client {client} refuses the access token, because it cannot see to what its cnf claim binds it: {reason}.",
    "Have the provider bind tokens to a client certificate (x5t#S256, RFC 8705) or a key (jkt, RFC 9449), or not at all.",
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
BAD_PROOF = error(
    "ZCON0433E",
    "The DPoP proof of the access token for the OpenID Connect client {client} is not good: {reason}.",
    "Make a proof for each request, with the key that the token is bound to (RFC 9449); compare the clocks and the address.",
)
NO_PROOF = error(
    "ZCON0434E",
    "The OpenID Connect client {client} refuses the access token, because it is bound to a key, and {missing}.",
    "Send it as Authorization: DPoP, with a proof in the header DPoP; without dpop=supported such tokens are not taken.",
)
USED_PROOF = error(
    "ZCON0435E",
    "The OpenID Connect client {client} refuses the access token, because its DPoP proof has been used before.",
    "Make a proof for each request; if the caller did, somebody else has sent what he heard.",
)
NONCE_WANTED = info(
    "ZCON0641I",
    "The DPoP proof of the access token for the OpenID Connect client {client} has no nonce, or one that is not good any more; "
    "the caller is told which to use.",
)
NO_PROOFS = warning(
    "ZCON0643W",
    "The OpenID Connect client {client} has dpopNonceAge, which has no effect, because dpop is off and no proof is taken.",
    "Set dpop to supported or required.",
)
FULL = error(
    "ZCON0436E",
    "So many DPoP proofs were used that another one could not be remembered.",
    "Find out who sends them, or set dpopProofAge lower.",
)

_CAPACITY = 1_000_000  # 16,000 proofs a second, at the usual age
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url


def _algorithm(text: str) -> None:
    if text not in ALGORITHMS:
        raise ValueError(f"it is none of {', '.join(ALGORITHMS)}")


def _some_time(value: timedelta) -> None:
    if value < timedelta(seconds=1):
        raise ValueError("no proof is that new; write a unit, for example 60s")


def _some_time_or_none(value: timedelta) -> None:
    if value:
        _some_time(value)


@element
class BoundToken(Element):
    """The attributes that decide what a caller must prove besides having a token."""

    certificate_bound_tokens: Literal["supported", "required"] = attr(
        default="supported",
        guard=True,
        doc="A token bound to a client certificate (RFC 8705) is good on connections with that alone; required: no other token is good",
    )
    dpop: Literal["off", "supported", "required"] = attr(
        default="off",
        guard=True,
        doc="Whether tokens that are bound to a key come as Authorization: DPoP with a proof (RFC 9449); required: no other token is good; "
        "off: those that are bound to a key are refused",
    )
    dpop_signing_algorithms: tuple[str, ...] = attr(
        default=("ES256", "EdDSA", "PS256", "RS256"), guard=True, check=_algorithm, doc="The algorithms that proofs may be signed with"
    )
    dpop_proof_age: timedelta = attr(
        default=timedelta(minutes=1),
        guard=True,
        check=_some_time,
        doc="How old a proof may be, or how far ahead its caller's clock",
    )
    dpop_nonce_age: timedelta = attr(
        default=timedelta(0),
        guard=True,
        check=_some_time_or_none,
        doc="How old the nonce of a proof may be (RFC 9449, section 9), so that no proof is made long before it is used; "
        "0: proofs need none",
    )

    @property
    def takes_proofs(self) -> bool:
        """Whether the scheme DPoP is known."""
        return self.dpop != "off"

    @property
    def proof_algorithms(self) -> tuple[str, ...]:
        """The algorithms of proofs that are taken."""
        return self.dpop_signing_algorithms if self.takes_proofs else ()


class Confirmation(NamedTuple):
    """What a token is bound to: SHA-256 thumbprints in base64url of a certificate (x5t#S256) and a key (jkt), empty without one."""

    certificate: str = ""
    key: str = ""


UNBOUND = Confirmation()


class Possession:
    """Holds tokens to what they are bound to, for one client."""

    def __init__(self, client: str, settings: BoundToken, used: UsedTokens, nonces: Nonces | None) -> None:
        self._client = client
        self._by_certificate = settings.certificate_bound_tokens == "required"
        self._dpop = settings.dpop
        self._algorithms = settings.dpop_signing_algorithms
        self._age = settings.dpop_proof_age.total_seconds()
        self._used = used
        self._nonces = nonces

    def token_of(self, authorization: bytes) -> bytes | None:
        """The token of the scheme DPoP, or None where it is another, or none that is taken."""
        return authorization[5:].strip() if self._dpop != "off" and authorization[:5].lower() == b"dpop " else None

    def proof(self, token: bytes, request: Request) -> Proof:
        """The proof that came with a token; raises `TokenRejected` on one that is not good."""
        try:
            proof = proved(request, token, self._algorithms, self._age)
        except TokenRefused as refused:
            raise self._bad_proof(BAD_PROOF(client=self._client, reason=refused.told)) from refused
        except ValueError as problem:
            raise self._bad_proof(BAD_PROOF(client=self._client, reason=problem)) from problem
        if self._nonces is not None:
            if not self._nonces.good(proof.nonce, request.arrived):
                told = NONCE_WANTED(client=self._client)
                raise TokenRejected(told, recorded=False, error="use_dpop_nonce", nonce=self._nonces.newest(request.arrived))
            request.known[self] = proof.nonce
        return proof

    def next_nonce(self, request: Request) -> str:
        """The nonce for proofs to come, where that of this one is not the newest (section 8.2); else empty."""
        if self._nonces is None or self not in request.known:
            return ""
        newest = self._nonces.newest(request.arrived)
        return "" if newest == request.known[self] else newest

    def confirmation(self, claims: Mapping[str, object]) -> Confirmation:
        """What the claims of a good token bind it to (RFC 7800, section 3.1); raises `TokenRejected` on what is not understood."""
        if "cnf" not in claims:
            return UNBOUND
        bound = claims["cnf"]
        if not isinstance(bound, dict) or not bound or not {"x5t#S256", "jkt"}.issuperset(bound):
            raise TokenRejected(UNUSABLE(client=self._client, reason="it holds something else than x5t#S256 and jkt, or nothing"))
        if not all(isinstance(each, str) and _THUMBPRINT.fullmatch(each) for each in bound.values()):
            raise TokenRejected(UNUSABLE(client=self._client, reason="it holds no thumbprint"))
        return Confirmation(bound.get("x5t#S256", ""), bound.get("jkt", ""))

    def shown(self, confirmation: Confirmation, request: Request) -> bool:
        """Whether the connection of a request shows all that must be shown, so that no proof is needed."""
        return not confirmation.key and self._dpop != "required" and self._certified(confirmation, request)

    def check(self, confirmation: Confirmation, request: Request, proof: Proof | None) -> None:
        """Use up the proof; raises `TokenRejected` where a token is not in the hands of the caller that it is for."""
        if not self._certified(confirmation, request):
            if not confirmation.certificate:
                raise TokenRejected(NOT_BOUND(client=self._client, attribute="certificateBoundTokens"))
            raise TokenRejected(OTHER_CERTIFICATE(client=self._client, shown="another" if request.peer.certificates else "none"))
        if not confirmation.key:
            if proof is not None or self._dpop == "required":
                raise TokenRejected(NOT_BOUND(client=self._client, attribute="dpop"))
            return
        if proof is None or proof.key != confirmation.key:
            missing = "its proof is of another one" if proof else "no proof was sent, or none is taken"
            raise TokenRejected(NO_PROOF(client=self._client, missing=missing))
        if not self._used.use(proof.key, proof.identifier, proof.ends, request.arrived):
            raise self._bad_proof(USED_PROOF(client=self._client))

    def _certified(self, confirmation: Confirmation, request: Request) -> bool:
        """Whether the certificate of the connection is the right one (RFC 8705, section 3.1), where there must be one."""
        if not confirmation.certificate:
            return not self._by_certificate
        certificates = request.peer.certificates
        return bool(certificates) and sha256_text(certificates[0]) == confirmation.certificate

    def _bad_proof(self, told: Told) -> TokenRejected:
        return TokenRejected(told, error="invalid_dpop_proof")


def open_possession(client: str, settings: BoundToken, assembly: Assembly) -> Possession:
    """What holds the tokens of a client to their callers; proofs that were used are known to all processes."""
    used = UsedTokens(assembly.store, _CAPACITY, "used proofs", FULL)
    if settings.dpop != "off":
        used.count(time.time())  # what cannot be remembered stops the start, not the first request
    age = settings.dpop_nonce_age.total_seconds()
    return Possession(client, settings, used, Nonces(assembly.store.secret, client, age) if age else None)
