"""A set of verification keys (RFC 7517) as one document gave it: which of them are usable, and which one a token means."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha1
from logging import getLogger
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from zconnect.messages import warning
from zconnect.trust.compact import json_object
from zconnect.trust.token import ALGORITHMS, VerificationKey, key_of_jwk, suits

logger = getLogger(__name__)

UNUSABLE = warning(
    "ZCON0330W", "The key {kid} of {source} is not used: {reason}.", "Have it removed or corrected if tokens are signed with it."
)

MOST_KEYS = 1000


class Key(NamedTuple):
    """A usable key; empty texts where the document does not say."""

    kid: str
    algorithm: str
    thumbprint: str
    key: VerificationKey

    def fits(self, algorithm: str) -> bool:
        """Whether it may verify this algorithm."""
        return self.algorithm in ("", algorithm) and suits(self.key, algorithm)

    @property
    def identity(self) -> tuple[str, str, str, bytes]:
        """What two keys have in common if they are the same."""
        key = self.key if isinstance(self.key, bytes) else self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.kid, self.algorithm, self.thumbprint, key


class KeyTable:
    """Usable keys; never changed once made."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = tuple({key.identity: key for key in keys}.values())
        self._by_kid: dict[str, list[Key]] = {}
        self._by_thumbprint: dict[str, list[Key]] = {}
        for key in self.keys:
            if key.kid:
                self._by_kid.setdefault(key.kid, []).append(key)
            if key.thumbprint:
                self._by_thumbprint.setdefault(key.thumbprint, []).append(key)
        kids = ((kid, algorithm, _only(keys, algorithm)) for kid, keys in self._by_kid.items() for algorithm in ALGORITHMS)
        self._meant = {(kid, algorithm): key for kid, algorithm, key in kids if key is not None}

    def same_as(self, other: "KeyTable") -> bool:
        """Whether both have the same keys."""
        return {key.identity for key in self.keys} == {key.identity for key in other.keys}

    def fitting(self, algorithm: str) -> int:
        """How many keys may verify an algorithm."""
        return sum(key.fits(algorithm) for key in self.keys)

    def find(self, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
        """The one key that a token's header means: by kid alone if it has one, else by x5t, else the only one there is.

        Keys that may not verify the algorithm do not count; where more than one is left, none is meant.
        """
        kid, thumbprint = header.get("kid"), header.get("x5t")
        candidates: Iterable[Key]
        if kid is not None and kid != "":
            return self._meant.get((kid, algorithm)) if isinstance(kid, str) else None
        if thumbprint is not None:
            candidates = self._by_thumbprint.get(thumbprint, ()) if isinstance(thumbprint, str) else ()
        else:
            candidates = self.keys
        return _only(candidates, algorithm)


def _only(keys: Iterable[Key], algorithm: str) -> VerificationKey | None:
    """The one key among these that may verify an algorithm; None where there is none, or more than one."""
    fitting = [each.key for each in keys if each.fits(algorithm)]
    return fitting[0] if len(fitting) == 1 else None


def read_keys(document: bytes, source: str, *, symmetric: bool = False) -> KeyTable:
    """The keys of a JWK set or of a single JWK; raises ValueError where it is neither.

    A key that cannot be used is left out with a warning and disturbs no other. `symmetric` allows `oct` keys, which may
    never come over a network.
    """
    whole = json_object(document)
    listed = [whole] if "kty" in whole else whole.get("keys")
    if not isinstance(listed, list):
        raise ValueError("it is no JSON Web Key set")
    if len(listed) > MOST_KEYS:
        raise ValueError(f"it has more than {MOST_KEYS} keys")
    keys = []
    for each in listed:
        try:
            keys.append(_usable(each, symmetric))
        except ValueError as problem:
            UNUSABLE.log(logger, kid=_short(each), source=source, reason=problem)
    return KeyTable(keys)


def _short(jwk: object) -> str:
    return str(jwk.get("kid", "without kid"))[:64] if isinstance(jwk, dict) else "that is no object"


def _usable(jwk: object, symmetric: bool) -> Key:
    if not isinstance(jwk, dict):
        raise ValueError("it is no object")
    if jwk.get("use", "sig") != "sig":
        raise ValueError("its use is not sig")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("its key_ops do not have verify")
    if jwk.get("kty") == "oct" and not symmetric:
        raise ValueError("a shared secret is not taken from a published set")
    kid, algorithm = jwk.get("kid", ""), jwk.get("alg", "")
    if not isinstance(kid, str) or not isinstance(algorithm, str):
        raise ValueError("its kid or alg is no text")
    key = Key(kid, algorithm, _thumbprint(jwk), key_of_jwk(jwk))
    if not any(key.fits(each) for each in ALGORITHMS):
        raise ValueError("no signature algorithm may use it; it is too short, or its alg is another's")
    return key


def _thumbprint(jwk: Mapping[str, object]) -> str:
    """The x5t of a key, as it stands there or reckoned from its certificate."""
    stated, certificates = jwk.get("x5t", ""), jwk.get("x5c")
    if isinstance(stated, str) and stated:
        return stated
    if isinstance(certificates, list) and certificates and isinstance(certificates[0], str):
        return urlsafe_b64encode(sha1(b64decode(certificates[0], validate=True)).digest()).rstrip(b"=").decode()
    return ""
