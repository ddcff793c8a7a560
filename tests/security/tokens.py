"""Tokens and signing keys that the tests of this room make."""

import base64
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from .support import NOW

SECRET = "0123456789abcdef0123456789abcdef"
ISSUER = "https://op.example"
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, kid: str | None = "k1", **members: str) -> dict[str, Any]:
    """The public half of a key as JWK (RFC 7517)."""
    maker = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    found = json.loads(maker.to_jwk(key.public_key()))
    return {
        **{name: found[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in found},
        **({"kid": kid} if kid else {}),
        **members,
    }


def token(
    key: Any = SECRET,
    *,
    alg: str = "HS256",
    kid: str | None = None,
    header: dict[str, Any] | None = None,
    drop: tuple[str, ...] = (),
    **claims: Any,
) -> str:
    """A token for alice that holds for ten minutes from NOW on, with changes; it may hold what no good maker lets through."""
    whole = {"iss": ISSUER, "sub": "alice", "iat": NOW - 5, "exp": NOW + 600} | claims
    fields = {"alg": alg, **({"kid": kid} if kid else {}), **(header or {})}
    signed = f"{_part(fields)}.{_part({name: value for name, value in whole.items() if name not in drop})}"
    algorithm = jwt.get_algorithm_by_name(alg)
    signature = b"" if alg == "none" else algorithm.sign(signed.encode(), algorithm.prepare_key(key))
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _part(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def tampered(text: str) -> str:
    """The token with another signature of the same form."""
    head, _, signature = text.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
