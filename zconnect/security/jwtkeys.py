"""The keys that a <jwtBuilder> signs with: one of a key store, a shared secret, or generated ones that take turns."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from zconnect.errors import Refused
from zconnect.messages import Told
from zconnect.trust.entries import PrivateKey
from zconnect.trust.token import jwk_of_key

_CURVES: Mapping[str, type[ec.EllipticCurve]] = MappingProxyType({"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1})


class Signer(NamedTuple):
    """A key ready to sign; `kid` is empty and `jwk` None for a shared secret, which nobody publishes."""

    algorithm: str
    key: PrivateKey | bytes
    kid: str = ""
    jwk: Mapping[str, object] | None = None


class SigningKeys(Protocol):
    """What a builder signs with."""

    async def current(self) -> Signer:
        """The key for the next token."""
        ...

    async def published(self) -> tuple[Mapping[str, object], ...]:
        """The JSON Web Keys that verify what was signed."""
        ...


def signer(key: PrivateKey, algorithm: str) -> Signer:
    """A private key with its published form, named by its thumbprint (RFC 7638)."""
    members = jwk_of_key(key.public_key())
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    return Signer(algorithm, key, kid, {**members, "kid": kid, "use": "sig", "alg": algorithm})


def usual_algorithm(key: PrivateKey) -> str:
    """The algorithm of a key where nobody chose one."""
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return next((algorithm for algorithm, curve in _CURVES.items() if isinstance(key.curve, curve)), "")
    return "EdDSA"


class FixedKey:
    """One key for good."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def current(self) -> Signer:
        """The key."""
        return self._signer

    async def published(self) -> tuple[Mapping[str, object], ...]:
        """Its published form, if it has one."""
        return (self._signer.jwk,) if self._signer.jwk else ()


class NoKey:
    """What a builder has whose key is missing."""

    def __init__(self, why: Told) -> None:
        self._why = why

    async def current(self) -> Signer:
        """Raise `Refused` (503)."""
        raise Refused(503, self._why)

    async def published(self) -> tuple[Mapping[str, object], ...]:
        """Nothing."""
        return ()


class RotatingKeys:
    """Generated keys; each is used for `period` seconds and stays published for one period more."""

    def __init__(self, algorithm: str, rsa_bits: int, period: float, clock: Callable[[], float]) -> None:
        self._algorithm = algorithm
        self._rsa_bits = rsa_bits
        self._period = period
        self._clock = clock
        self._made: list[tuple[float, Signer]] = []  # newest first: until when it is used, and the key
        self._making: asyncio.Task[None] | None = None

    async def current(self) -> Signer:
        """The key for the next token, generated if it is time."""
        await asyncio.sleep(0)  # from here on the request has a task
        if not self._made or self._clock() >= self._made[0][0]:
            if self._making is None:
                self._making = asyncio.get_running_loop().create_task(self._make())
            await asyncio.shield(self._making)
        return self._made[0][1]

    async def published(self) -> tuple[Mapping[str, object], ...]:
        """The present key and the one before it, unless that has had its time."""
        await self.current()
        oldest = self._clock() - self._period
        return tuple(signer.jwk for until, signer in self._made if signer.jwk and until > oldest)

    async def _make(self) -> None:
        try:
            key = await asyncio.to_thread(self._generated)
            self._made = [(self._clock() + self._period, signer(key, self._algorithm)), *self._made[:1]]
        finally:
            self._making = None

    def _generated(self) -> PrivateKey:
        curve = _CURVES.get(self._algorithm)
        return ec.generate_private_key(curve()) if curve else rsa.generate_private_key(65537, self._rsa_bits)
