"""Where verification keys come from (the socket `KeySet`), and those that stand in the configuration: a certificate, a secret, a text."""

import time
from collections.abc import Callable, Mapping
from logging import getLogger
from typing import Protocol

from cryptography.x509 import Certificate

from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.trust.keytable import Key, KeyTable, read_keys
from zconnect.trust.token import PublicKey, VerificationKey, suits

logger = getLogger(__name__)

ENDED = error("ZCON0343E", "The certificate {name} that verifies tokens is outside its dates, so no token is accepted.", "Replace it.")
NO_KEY_SET = error("ZCON0344E", "The JSON Web Key in the configuration cannot be used: {reason}.", "Correct jsonWebKey.")


class KeySet(Protocol):
    """A source of verification keys."""

    @property
    def generation(self) -> int:
        """Another number than before means that a key has changed or gone."""
        ...

    def find(self, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
        """The key that a token's header means among those at hand, or None."""
        ...

    async def refresh_for(self, header: Mapping[str, object]) -> None:
        """Get newer keys because `find` had none, if that may help; raises `Unavailable` where there are none to judge by."""
        ...


async def key_for(keys: KeySet, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
    """The key for a token, after a refresh if need be; raises `Unavailable`."""
    key = keys.find(header, algorithm)
    if key is None:
        await keys.refresh_for(header)
        key = keys.find(header, algorithm)
    return key


class FixedKeys:
    """Keys that stand in the configuration; with `any_kid` what a token says about its key does not matter."""

    generation = 0

    def __init__(self, table: KeyTable, any_kid: bool = False) -> None:
        self._table = table
        self._any_kid = any_kid

    def find(self, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
        """The key, or None where it does not suit."""
        return self._table.find({} if self._any_kid else header, algorithm)

    async def refresh_for(self, header: Mapping[str, object]) -> None:
        """There are no others."""


class CertificateKey:
    """The public key of a certificate, within its dates; kid and x5t of a token do not matter."""

    generation = 0

    def __init__(self, name: str, certificate: Certificate, clock: Callable[[], float] = time.time) -> None:
        self._name = name
        self._clock = clock
        self._begins = certificate.not_valid_before_utc.timestamp()
        self._ends = certificate.not_valid_after_utc.timestamp()
        key = certificate.public_key()
        self._key = key if isinstance(key, PublicKey) else None
        self._told = False

    def find(self, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
        """The key, or None where it does not suit or the certificate is outside its dates."""
        if self._begins <= self._clock() <= self._ends:
            return self._key if self._key is not None and suits(self._key, algorithm) else None
        if not self._told:
            self._told = True
            ENDED.log(logger, name=self._name)
        return None

    async def refresh_for(self, header: Mapping[str, object]) -> None:
        """There are no others; a replaced key store makes a new runtime."""


def secret_keys(secret: bytes) -> KeySet:
    """A shared secret for HS algorithms; too short a one suits none."""
    return FixedKeys(KeyTable([Key("", "", "", secret)]), any_kid=True)


def text_keys(text: str) -> KeySet:
    """A JWK or JWK set as text; raises `Unavailable` where it is none."""
    try:
        return FixedKeys(read_keys(text.encode(), "the configuration", symmetric=True))
    except ValueError as problem:
        raise Unavailable(NO_KEY_SET(reason=problem)) from None
