"""The keys that verify the tokens of one client: a shared secret, a certificate, or the key set of the provider."""

from collections.abc import Mapping
from logging import getLogger
from typing import Protocol

from zconnect.messages import error
from zconnect.roles import Assembly
from zconnect.security.oidc import OpenidConnectClient
from zconnect.trust.token import VerificationKey, suits

logger = getLogger(__name__)

UNSUITABLE = error(
    "ZCON0424E",
    "The key of the OpenID Connect client {client} cannot verify {algorithm}, so no token is accepted.",
    "For HS algorithms use a secret as long as the hash (32, 48 or 64 bytes), else a key of the kind and curve of the algorithm.",
)
NO_CERTIFICATE = error(
    "ZCON0425E",
    "The OpenID Connect client {client} finds no certificate {alias} in the key store {store}, so no token is accepted.",
    "Correct trustStoreRef and trustAliasName, or set jwkEndpointUrl.",
)


class SigningKeys(Protocol):
    """Where a client finds the key for a token."""

    @property
    def generation(self) -> int:
        """Another number than before means that keys have gone or changed."""
        ...

    async def find(self, header: Mapping[str, object], now: float) -> VerificationKey | None:
        """The key for a token with this header, or None; raises `Unavailable` when keys cannot be had at all."""
        ...


class OneKey:
    """A key that is configured here; what a token says about its key does not matter."""

    generation = 0

    def __init__(self, key: VerificationKey | None) -> None:
        self._key = key

    async def find(self, header: Mapping[str, object], now: float) -> VerificationKey | None:
        """The key, or None where none is usable."""
        return self._key


async def open_signing_keys(settings: OpenidConnectClient, assembly: Assembly) -> SigningKeys:
    """The keys of a client; a client without a usable key refuses every token."""
    if settings.signature_algorithm == "none" or settings.inbound_propagation == "none":
        return OneKey(None)
    if settings.signature_algorithm.startswith("HS"):
        return OneKey(_suitable(settings, _secret(settings)))
    raise NotImplementedError


def _secret(settings: OpenidConnectClient) -> bytes | None:
    """The bytes of sharedKey, else of clientSecret."""
    password = settings.shared_key or settings.client_secret
    return password.text.encode() or None if password else None


def _suitable(settings: OpenidConnectClient, key: VerificationKey | None) -> VerificationKey | None:
    if key is None or suits(key, settings.signature_algorithm):
        return key
    UNSUITABLE.log(logger, client=settings.name, algorithm=settings.signature_algorithm)
    return None
