"""The keys that a <jwtBuilder> signs with: one of a key store, a shared secret, or generated ones that take turns."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

from zconnect.errors import Refused, Unavailable
from zconnect.messages import Told
from zconnect.roles import Store
from zconnect.trust.entries import PRIVATE_KEYS, PrivateKey
from zconnect.trust.token import jwk_of_key, jwk_thumbprint

_CURVES: Mapping[str, type[ec.EllipticCurve]] = MappingProxyType({"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1})
_SPACE = "signing keys"


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
    kid = jwk_thumbprint(key.public_key())
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
    """Generated keys; each is used for `period` seconds and stays published for one period more.

    All processes of the server have the same, by `name` in the `store`, encrypted with a secret that ends with the server.
    """

    def __init__(self, algorithm: str, rsa_bits: int, period: float, clock: Callable[[], float], store: Store, name: str) -> None:
        self._algorithm = algorithm
        self._rsa_bits = rsa_bits
        self._period = period
        self._clock = clock
        self._store = store
        self._name = f"{name} {algorithm} {rsa_bits}".encode()
        self._made: list[tuple[float, Signer]] = []  # newest first: until when it is used, and the key
        self._making: asyncio.Task[None] | None = None

    async def current(self) -> Signer:
        """The key for the next token, generated if it is time; raises `Refused` (503) where the store cannot be used."""
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
            while not self._made or self._clock() >= self._made[0][0]:
                await self._agree(self._clock())
        except Unavailable as missing:
            raise Refused(503, missing.told) from missing
        finally:
            self._making = None

    async def _agree(self, now: float) -> None:
        """Take over the keys of the store, or put a new one there, unless another process is faster."""
        saved = self._store.read(_SPACE, self._name, now)
        kept = await asyncio.to_thread(self._unsealed, saved) if saved else []
        if not kept or now >= kept[0][0]:
            kept = [(now + self._period, await asyncio.to_thread(self._generated)), *kept[:1]]
            row = await asyncio.to_thread(self._sealed, kept)
            if not self._store.replace(_SPACE, self._name, saved, row, now + 2 * self._period, now):
                return
        self._made = [(until, signer(key, self._algorithm)) for until, key in kept]

    def _sealed(self, keys: Sequence[tuple[float, PrivateKey]]) -> bytes:
        how = BestAvailableEncryption(self._store.secret)
        return json.dumps([(until, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()) for until, key in keys]).encode()

    def _unsealed(self, row: bytes) -> list[tuple[float, PrivateKey]]:
        """The keys of a row; none where they are of another run of the server."""
        try:
            keys = [(until, load_pem_private_key(text.encode(), self._store.secret)) for until, text in json.loads(row)]
        except ValueError:
            return []
        return [(until, key) for until, key in keys if isinstance(key, PRIVATE_KEYS)]

    def _generated(self) -> PrivateKey:
        curve = _CURVES.get(self._algorithm)
        return ec.generate_private_key(curve()) if curve else rsa.generate_private_key(65537, self._rsa_bits)
