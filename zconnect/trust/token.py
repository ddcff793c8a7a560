"""JSON Web Tokens (RFC 7515, 7519): the signature and the rules for claims; pure functions, the only file that knows a JOSE library."""

import base64
import json
import math
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import Algorithm, get_default_algorithms
from jwt.exceptions import PyJWTError

from zconnect.messages import Told, error
from zconnect.trust.compact import Compact, TokenRefused
from zconnect.trust.entries import PrivateKey

UNUSABLE_CLAIM = error("ZCON0313E", "The claim {claim} of the token is not {expected}.", "Have the issuer correct the claim.")
NO_EXPIRY = error("ZCON0314E", "The token for the client {client} has no exp claim.", "Have the issuer limit the life of its tokens.")
WRONG_KEY = error(
    "ZCON0315E", "The key for the client {client} cannot verify {algorithm}.", "Configure a key of the kind that signatureAlgorithm needs."
)

OUTSIDE_ITS_TIME = error(
    "CWWKS1773E",
    "The token for the client {client} is outside its time: it is now {now}, the token ends {exp} and was issued {iat}.",
    "Get a new token; if it is new, compare the clocks or raise clockSkew.",
)
WRONG_AUDIENCE = error(
    "CWWKS1774E",
    "The token for the client {client} is for the audience {aud}, which is none of {audiences}.",
    "Request a token for this server, or correct the attribute audiences.",
)
BAD_SIGNATURE = error(
    "CWWKS1776E", "The signature of the token for the client {client} does not verify with {algorithm}.", "Check the issuer and its keys."
)
OTHER_ALGORITHM = error(
    "CWWKS1777E",
    "The token for the client {client} is signed with {found}, but {algorithm} is required.",
    "Make signatureAlgorithm and the issuer agree.",
)
NO_SIGNATURE = error(
    "CWWKS1778E", "The token for the client {client} has no signature, but {algorithm} is required.", "Have the issuer sign its tokens."
)
NO_AUDIENCE = error(
    "CWWKS1779E",
    "The token for the client {client} has no aud claim, but one of {audiences} is required.",
    "Request a token for this server, or correct the attribute audiences.",
)
NOT_YET = error(
    "CWWKS1780E", "The token for the client {client} holds from {nbf} on, and it is {now}.", "Wait, compare the clocks, or raise clockSkew."
)
WRONG_ISSUER = error(
    "CWWKS1781E",
    "The token for the client {client} was issued by {iss}, and trusted is {issuers}.",
    "Correct issuerIdentifier, or use a token of the trusted issuer.",
)
ISSUER_FORBIDDEN = error(
    "CWWKS1782E",
    "The token for the client {client} has the issuer {iss}, but disableIssChecking wants tokens without one.",
    "Set disableIssChecking to false and name the issuer.",
)
LOGOUT_EVENT = error("CWWKS1786E", "The token for the client {client} is a logout token by its event {event}.", "Send an access token.")

ALL_AUDIENCES = "ALL_AUDIENCES"

_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

SHORTEST_RSA = 2048  # bits; NIST SP 800-131A

# CVE-2017-15361 (ROCA): primes that a chip made in a hurry are powers of 65537 in the field of every small prime, and so is their product.
_SMALL = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131)
_ROCA = tuple((small, frozenset(pow(65537, power, small) for power in range(small))) for small in _SMALL)

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey
VerificationKey: TypeAlias = PublicKey | bytes


class _Need(NamedTuple):
    """What a signature algorithm needs of a key."""

    kinds: tuple[type, ...]
    curve: str = ""
    octets: int = 0
    bits: int = 0


_EDWARDS = _Need((Ed25519PublicKey, Ed448PublicKey))
_NEEDS: Mapping[str, _Need] = MappingProxyType(
    {f"{family}{size}": _Need((RSAPublicKey,), bits=SHORTEST_RSA) for family in ("RS", "PS") for size in (256, 384, 512)}
    # RFC 7518, section 3.2: a key as long as the hash at least.
    | {f"HS{size}": _Need((bytes,), octets=size // 8) for size in (256, 384, 512)}
    # RFC 7518, section 3.4: each algorithm has its one curve.
    | {
        name: _Need((EllipticCurvePublicKey,), curve)
        for name, curve in (("ES256", "secp256r1"), ("ES384", "secp384r1"), ("ES512", "secp521r1"))
    }
    | {"EdDSA": _EDWARDS}
)
_ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({name: found for name, found in get_default_algorithms().items() if name in _NEEDS})
ALGORITHMS = frozenset(_NEEDS)
_FAMILIES: Mapping[str, str] = MappingProxyType({"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA", "oct": "HS256"})
_PUBLIC = frozenset({"kty", "n", "e", "crv", "x", "y", "k"})


def suits(key: VerificationKey, algorithm: str) -> bool:
    """Whether a key is of the kind, curve and length that an algorithm needs."""
    if not _is_kind(type(key), algorithm):
        return False
    need, sure = _NEEDS[algorithm], cast(Any, key)  # of that kind
    if need.bits:
        return bool(sure.key_size >= need.bits)
    if need.curve:
        return bool(sure.curve.name == need.curve)
    return not need.octets or len(sure) >= need.octets


@lru_cache
def _is_kind(kind: type, algorithm: str) -> bool:
    """Whether keys of a class may serve an algorithm; asked for each token, and these classes answer slowly."""
    return algorithm in _NEEDS and issubclass(kind, _NEEDS[algorithm].kinds)


def verify_signature(compact: Compact, algorithm: str, key: VerificationKey, client: str = "") -> None:
    """Prove that the holder of a key signed a token with the one algorithm that is configured; raises `TokenRefused`."""
    if not compact.signature:
        raise TokenRefused(NO_SIGNATURE(client=client, algorithm=algorithm))
    if compact.header.get("alg") != algorithm:
        raise TokenRefused(OTHER_ALGORITHM(client=client, found=compact.header.get("alg"), algorithm=algorithm))
    if not suits(key, algorithm):
        raise TokenRefused(WRONG_KEY(client=client, algorithm=algorithm))
    if not _ALGORITHMS[algorithm].verify(compact.signing_input, key, compact.signature):
        raise TokenRefused(_bad_signature(client, algorithm))


@lru_cache
def _bad_signature(client: str, algorithm: str) -> Told:
    """Always the same of one client, and what a flood of forged tokens has most of."""
    return BAD_SIGNATURE(client=client, algorithm=algorithm)


def key_of_jwk(jwk: Mapping[str, object]) -> VerificationKey:
    """The public key (for `oct` the secret) that a JSON Web Key describes (RFC 7517, 8037); raises ValueError."""
    family = _FAMILIES.get(str(jwk.get("kty")))
    if family is None:
        raise ValueError(f"its kty is {jwk.get('kty')}")
    public = {name: value for name, value in jwk.items() if name in _PUBLIC}  # a private part is none of our business
    try:
        key = _ALGORITHMS[family].from_jwk(public)
    except (PyJWTError, TypeError, KeyError, UnsupportedAlgorithm) as problem:
        raise ValueError(f"it is damaged ({type(problem).__name__})") from None
    if isinstance(key, RSAPublicKey):
        modulus = key.public_numbers().n
        if modulus % 2 == 0:
            raise ValueError("its modulus is even")
        if all(modulus % small in powers for small, powers in _ROCA):
            raise ValueError("it can be factored (CVE-2017-15361, ROCA)")
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey | bytes):
        raise ValueError("it is no public key")
    return key


def jwk_of_key(key: PublicKey) -> dict[str, object]:
    """A public key as a JSON Web Key, without kid and use."""
    family = next(name for name, kind in _FAMILIES.items() if isinstance(key, _NEEDS[kind].kinds))
    return {name: value for name, value in _ALGORITHMS[_FAMILIES[family]].to_jwk(key, as_dict=True).items() if name in _PUBLIC}


def jwk_thumbprint(key: PublicKey) -> str:
    """The SHA-256 thumbprint of a public key (RFC 7638) in base64url."""
    return sha256_text(json.dumps(jwk_of_key(key), sort_keys=True, separators=(",", ":")).encode())


def sha256_text(data: bytes) -> str:
    """SHA-256 in base64url, as thumbprints and hashes of tokens are written."""
    return base64.urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()


def signed(header: Mapping[str, object], claims: Mapping[str, object], algorithm: str, key: PrivateKey | bytes) -> str:
    """A token in compact form; `header` gets `alg`. Raises ValueError where the key does not suit the algorithm."""
    public = key if isinstance(key, bytes) else key.public_key()
    if not suits(public, algorithm):
        raise ValueError(f"the key cannot sign {algorithm}")
    signing_input = b".".join(
        base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).rstrip(b"=")
        for part in ({**header, "alg": algorithm}, claims)
    )
    signature = _ALGORITHMS[algorithm].sign(signing_input, key)
    return f"{signing_input.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class TokenSettings(Protocol):
    """What the claims of a token are held against; `clock_skew` counts in whole seconds, `name` is the client's in messages."""

    @property
    def name(self) -> str: ...
    @property
    def issuers(self) -> Collection[str]: ...
    @property
    def disable_iss_checking(self) -> bool: ...
    @property
    def audiences(self) -> Collection[str]: ...
    @property
    def clock_skew(self) -> timedelta: ...


def check_claims(claims: Mapping[str, object], settings: TokenSettings, now: float, origins: Collection[str] = ()) -> None:
    """Hold the claims against the rules, in Liberty's order; raises `TokenRefused`.

    `now` is in seconds since the epoch. `origins` are the addresses of this server (`https://host:port`, and without the
    port where it is the default one); they decide where no audiences are configured.
    """
    _check_issuer(claims, settings)
    check_audience(claims, settings, origins)
    _check_time(claims, settings, now)
    events = claims.get("events")
    if events is not None and (not isinstance(events, dict) or _LOGOUT in events):
        raise TokenRefused(LOGOUT_EVENT(client=settings.name, event=_LOGOUT))
    if "exp" not in claims:
        raise TokenRefused(NO_EXPIRY(client=settings.name))


def _check_issuer(claims: Mapping[str, object], settings: TokenSettings) -> None:
    issuer = claims.get("iss")
    if settings.disable_iss_checking:
        if "iss" in claims and issuer != "":
            raise TokenRefused(ISSUER_FORBIDDEN(client=settings.name, iss=issuer))
    elif not isinstance(issuer, str) or issuer not in settings.issuers:
        raise TokenRefused(WRONG_ISSUER(client=settings.name, iss=issuer, issuers=", ".join(settings.issuers) or "nobody"))


def check_audience(claims: Mapping[str, object], settings: TokenSettings, origins: Collection[str]) -> None:
    """Hold the claim aud alone against the rules; raises `TokenRefused`."""
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else None
    if isinstance(audience, str) and audience in settings.audiences:
        return
    if ("aud" in claims and named is None) or not all(isinstance(each, str) for each in named or ()):
        raise TokenRefused(UNUSABLE_CLAIM(claim="aud", expected="a text or a list of texts"))
    if ALL_AUDIENCES in settings.audiences:
        return
    if not named:
        if settings.audiences:
            raise TokenRefused(NO_AUDIENCE(client=settings.name, audiences=", ".join(settings.audiences)))
    elif settings.audiences:
        if not any(each in settings.audiences for each in named):
            raise TokenRefused(WRONG_AUDIENCE(client=settings.name, aud=", ".join(named), audiences=", ".join(settings.audiences)))
    elif not any(each == origin or each.startswith(f"{origin}/") for each in named for origin in origins):
        raise TokenRefused(WRONG_AUDIENCE(client=settings.name, aud=", ".join(named), audiences=", ".join(origins) or "no audience"))


def _check_time(claims: Mapping[str, object], settings: TokenSettings, now: float) -> None:
    """Strictly inside iat and exp, each widened by the skew; an absent iat is the beginning of time, an absent exp its end."""
    skew = settings.clock_skew.days * 86400 + settings.clock_skew.seconds
    issued, ends = _instant(claims, "iat", 0.0), _instant(claims, "exp", math.inf)
    if issued > ends or not issued < now + skew or not now - skew < ends:
        raise TokenRefused(OUTSIDE_ITS_TIME(client=settings.name, now=int(now), exp=claims.get("exp"), iat=claims.get("iat")))
    begins = _instant(claims, "nbf", 0.0)
    if begins > now + skew:
        raise TokenRefused(NOT_YET(client=settings.name, nbf=claims.get("nbf"), now=int(now)))


def _instant(claims: Mapping[str, object], claim: str, absent: float) -> float:
    """A NumericDate (RFC 7519, section 2) within 63 bits, in seconds since the epoch."""
    if claim not in claims:
        return absent
    value = claims[claim]
    if type(value) is int and 0 <= value < 2**63:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**63:
        raise TokenRefused(UNUSABLE_CLAIM(claim=claim, expected="a number of seconds"))
    return value
