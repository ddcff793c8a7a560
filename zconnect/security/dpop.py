"""DPoP proofs (RFC 9449): whoever sends a request holds the private key that its access token is bound to."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from zconnect.security.httpsports import target_of
from zconnect.trust.compact import Compact
from zconnect.trust.token import PublicKey, jwk_thumbprint, key_of_jwk, sha256_text, verify_signature
from zconnect.values import Request

ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518, section 6; RFC 8037, section 2
_visible = re.compile(r"[!-~]+").fullmatch
# The key is the caller's choice, so its price must not be.
_LONGEST_RSA = 4096  # bits
_LARGEST_EXPONENT = 2**32


class Proof(NamedTuple):
    """A proof that is good for its request, if it was not used before.

    `key` is the thumbprint (RFC 7638) of the key that signed it; `ends` is seconds since the epoch, when it is too old for good.
    `nonce` is as it says.
    """

    key: str
    identifier: str
    ends: float
    nonce: object = None


def proved(request: Request, token: bytes, algorithms: Collection[str], age: float) -> Proof:
    """The proof of a request, judged in all but its use (section 4.3); raises ValueError or `TokenRefused`.

    `age` is how many seconds its caller's clock may differ and the proof have been under way.
    """
    fields = request.headers.all(b"dpop")
    if len(fields) != 1:
        raise ValueError(f"the request has {len(fields) or 'no'} header{'s' * (len(fields) > 1)} DPoP")
    compact = Compact.parse(fields[0].strip())
    kind, algorithm = compact.header.get("typ"), compact.header.get("alg")
    if not isinstance(kind, str) or kind.lower() != "dpop+jwt":
        raise ValueError("its typ is not dpop+jwt")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise ValueError(f"its alg is none of {', '.join(algorithms)}")
    key = _key(compact.header.get("jwk"))
    verify_signature(compact, algorithm, key, "itself")
    identifier, issued = _checked(compact.claims, request, token)
    if abs(request.arrived - issued) > age:
        raise ValueError(f"it was issued at {issued}, and it is {int(request.arrived)}")
    return Proof(jwk_thumbprint(key), identifier, issued + age, compact.claims.get("nonce"))


def _key(jwk: object) -> PublicKey:
    if not isinstance(jwk, dict):
        raise ValueError("its header has no jwk")
    if not _PRIVATE.isdisjoint(jwk):
        raise ValueError("its jwk is no public key")
    key = key_of_jwk(jwk)
    if isinstance(key, bytes):
        raise ValueError("its jwk is no public key")
    if isinstance(key, RSAPublicKey) and (key.key_size > _LONGEST_RSA or key.public_numbers().e > _LARGEST_EXPONENT):
        raise ValueError(f"its RSA key has more than {_LONGEST_RSA} bits, or an exponent beyond all usage")
    return key


def _checked(claims: Mapping[str, object], request: Request, token: bytes) -> tuple[str, float]:
    """Identifier and time of a proof that is for this request and token; raises ValueError."""
    identifier, issued, place = claims.get("jti"), claims.get("iat"), claims.get("htu")
    if not isinstance(identifier, str) or not identifier:
        raise ValueError("its jti is no text")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not abs(issued) < 2**63:
        raise ValueError("its iat is no time")
    if claims.get("htm") != request.method:
        raise ValueError("it is for another method (htm)")
    called = f"{request.scheme}://{request.authority}{target_of(request)}"
    if not isinstance(place, str) or not _visible(place) or _meant(place) != _meant(called):
        raise ValueError(f"it is not for {called.partition('?')[0]} (htu)")
    if claims.get("ath") != sha256_text(token):
        raise ValueError("it is for another access token (ath)")
    return identifier, issued


def _meant(address: str) -> tuple[object, ...]:
    """What an address means without query and fragment, however it is spelt (RFC 3986, section 6.2); raises ValueError."""
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if usual is None or not parts.hostname or "@" in parts.netloc:
        raise ValueError("its htu is no address of http")
    return parts.scheme, parts.hostname, parts.port or usual, *_segments(parts.path or "/")


def _segments(path: str) -> list[str]:
    found: list[str] = []
    segment = ""
    for segment in map(unquote, path.split("/")[1:]):
        if segment == "..":
            del found[-1:]
        elif segment != ".":
            found.append(segment)
    return [*found, ""] if segment in {".", ".."} else found
