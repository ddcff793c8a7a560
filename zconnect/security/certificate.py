"""The caller whom a TLS client certificate stands for."""

from functools import partial

from cryptography import x509
from cryptography.x509.oid import NameOID

from zconnect.roles import UserRegistry
from zconnect.security.authcache import LoginCache, remembered
from zconnect.values import Identity, Request


class ClientCertificate:
    """Authenticates by the client certificate of the connection; headers that claim to carry one are never read."""

    gives_cookie = True

    def __init__(self, registry: UserRegistry, cache: LoginCache | None) -> None:
        self._registry = registry
        self._cache = cache

    async def identify(self, request: Request) -> Identity | None:
        """The caller, or None where there is no certificate or the registry has no user for it."""
        if not request.peer.certificates:
            return None
        leaf = request.peer.certificates[0]
        return await remembered(self._cache, leaf, request.arrived, partial(self._login, leaf, request.arrived))

    async def _login(self, leaf: bytes, now: float) -> Identity | None:
        expires = x509.load_der_x509_certificate(leaf).not_valid_after_utc.timestamp()
        if not now < expires:  # the handshake checked it, but a connection may outlive its certificate
            return None
        name = await self._registry.user_of_certificate(leaf)
        if name is None:
            return None
        groups = await self._registry.groups_of(name)
        return Identity(name, self._registry.realm, await self._registry.unique_id(name), groups, mechanism="CLIENT_CERT", expires=expires)


def common_name(certificate: bytes) -> str | None:
    """The subject's CN, of several the one that RFC 4514 writes first; None without one, or where it is no text."""
    names = x509.load_der_x509_certificate(certificate).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    value = names[-1].value if names else None
    return value if isinstance(value, str) else None
