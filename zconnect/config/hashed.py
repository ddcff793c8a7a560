"""{hash}: passwords that can be checked and not read back (PBKDF2 in Liberty's tag-length-value form)."""

import hashlib
import hmac
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from types import MappingProxyType

MOST_ITERATIONS = 10_000_000  # some seconds; a hash that asks for more would stop every login
LONGEST_DIGEST = 1024  # bytes

_DIGESTS: Mapping[str, str] = MappingProxyType({f"PBKDF2WithHmacSHA{size}".lower(): f"sha{size}" for size in (1, 224, 256, 384, 512)})
_ALGORITHM, _ITERATIONS, _SALT, _DIGEST, _BITS = 0x10, 0x20, 0x30, 0x40, 0x50


@dataclass(frozen=True, slots=True, repr=False)
class Hashed:
    """A hash and how it was made; the defaults are what an older writer leaves out."""

    salt: bytes
    digest: bytes
    algorithm: str = "PBKDF2WithHmacSHA1"
    iterations: int = 6384
    bits: int = 256

    def matches(self, candidate: str) -> bool:
        """Whether the candidate is what was hashed."""
        return hmac.compare_digest(self.digest, self.of(candidate))

    @property
    def rounds(self) -> int:
        """How often the digest function runs for a candidate: a long output repeats all iterations (RFC 8018 section 5.2)."""
        return self.iterations * -(-self.bits // (8 * hashlib.new(_DIGESTS[self.algorithm.lower()]).digest_size))

    def of(self, text: str) -> bytes:
        """The digest of a text, made in the same way."""
        return pbkdf2_hmac(_DIGESTS[self.algorithm.lower()], text.encode("utf-8", "replace"), self.salt, self.iterations, self.bits // 8)


def read_hash(data: bytes) -> Hashed:
    """A hash as written; raises `ValueError` where it is none."""
    if data[:1] != b"\x01":
        raise ValueError("its version of hash is not known")
    found: dict[int, bytes] = {}
    at = 1
    while at < len(data):
        tag, at = data[at], at + 1
        length = 4
        if tag not in (_ITERATIONS, _BITS):
            length, at = int.from_bytes(data[at : at + 4], "big"), at + 4
        found[tag] = data[at : at + length]
        if len(found[tag]) != length:
            raise ValueError("it is not complete")
        at += length
    return _checked(found)


def _checked(found: Mapping[int, bytes]) -> Hashed:
    if not {_SALT, _DIGEST} <= set(found) <= {_ALGORITHM, _ITERATIONS, _SALT, _DIGEST, _BITS}:
        raise ValueError("it has no salt or digest, or something unknown")
    plain = Hashed(found[_SALT], found[_DIGEST])
    hashed = Hashed(
        salt=plain.salt,
        digest=plain.digest,
        algorithm=found[_ALGORITHM].decode("ascii", "replace") if _ALGORITHM in found else plain.algorithm,
        iterations=int.from_bytes(found[_ITERATIONS], "big") if _ITERATIONS in found else plain.iterations,
        bits=int.from_bytes(found[_BITS], "big") if _BITS in found else plain.bits,
    )
    if hashed.algorithm.lower() not in _DIGESTS:
        raise ValueError("its algorithm is not known")
    if not (0 < hashed.iterations <= MOST_ITERATIONS and 0 < hashed.bits <= LONGEST_DIGEST * 8):
        raise ValueError("its number of iterations or bits is out of range")
    return hashed


def encode_hash(
    text: str, *, algorithm: str = "PBKDF2WithHmacSHA512", iterations: int = 210_000, bits: int = 256, salt: bytes | None = None
) -> str:
    """The text as {hash}, with 128 bytes of random salt unless one is given; raises `ValueError` for an unknown algorithm."""
    salt = os.urandom(128) if salt is None else salt
    hashed = _checked(
        {
            _ALGORITHM: algorithm.encode(),
            _ITERATIONS: iterations.to_bytes(4, "big"),
            _BITS: bits.to_bytes(4, "big"),
            _SALT: salt,
            _DIGEST: b"",
        }
    )
    plain = Hashed(b"", b"")
    parts = [b"\x01"]
    if algorithm != plain.algorithm:
        parts.append(_field(_ALGORITHM, algorithm.encode()))
    if iterations != plain.iterations:
        parts.append(bytes([_ITERATIONS]) + iterations.to_bytes(4, "big"))
    if bits != plain.bits:
        parts.append(bytes([_BITS]) + bits.to_bytes(4, "big"))
    parts += [_field(_SALT, salt), _field(_DIGEST, hashed.of(text))]
    return "{hash}" + b64encode(b"".join(parts)).decode()


def _field(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + len(value).to_bytes(4, "big") + value
