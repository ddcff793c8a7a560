"""The keys for the tokens of one client: a shared secret, a certificate or the key set of the provider verifies, a private key opens."""

from logging import getLogger

from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.roles import Assembly
from zconnect.security.oidc import NO_KEY_ADDRESS, OpenidConnectClient
from zconnect.security.provider import provider_context
from zconnect.trust.encryption import Decryption
from zconnect.trust.fetch import Address, basic_credentials
from zconnect.trust.jwks import open_remote_keys
from zconnect.trust.keyset import CertificateKey, FixedKeys, KeySet, secret_keys, text_keys
from zconnect.trust.keystore import KeyStore
from zconnect.trust.keytable import KeyTable
from zconnect.trust.tls import outbound_tls
from zconnect.trust.token import suits

logger = getLogger(__name__)

SHORT_SECRET = error(
    "ZCON0424E",
    "The secret of the OpenID Connect client {client} is too short for {algorithm}, so no JSON Web Token is accepted.",
    "Agree on a secret as long as the hash at least: 32, 48 or 64 bytes (RFC 7518 section 3.2).",
)
NO_CERTIFICATE = error(
    "ZCON0425E",
    "The OpenID Connect client {client} finds no certificate {alias} in the key store {store}, so no token is accepted.",
    "Correct trustStoreRef and trustAliasName, or set jwkEndpointUrl.",
)
KEYS_MISSING = error(
    "ZCON0426E",
    "The OpenID Connect client {client} has no keys, so no token is accepted: {cause}",
    "Mend the cause.",
)
NO_DECRYPTION = error(
    "ZCON0455E",
    "The OpenID Connect client {client} cannot open encrypted tokens with the private key {alias}, so it refuses them: {cause}.",
    "Correct keyManagementKeyAlias, and the key store of sslRef.",
)

_NO_KEYS = FixedKeys(KeyTable(()))  # no token is accepted


async def open_signing_keys(settings: OpenidConnectClient, assembly: Assembly) -> KeySet:
    """The keys of a client; what cannot be had is logged, and the client then refuses every token."""
    if settings.signature_algorithm == "none" or not settings.judges_tokens:
        return _NO_KEYS
    try:
        if settings.signature_algorithm.startswith("HS"):
            return _shared(settings)
        if settings.jwk_endpoint_url.strip():
            if not settings.has_key_address:
                raise Unavailable(NO_KEY_ADDRESS(client=settings.name, url=settings.jwk_endpoint_url))
            trust = (settings.ssl or outbound_tls(assembly), settings.host_name_verification_enabled)
            return open_remote_keys(assembly, await _address(settings, assembly), trust)
        if settings.json_web_key.strip():
            return text_keys(settings.json_web_key)
        return await _certified(settings, settings.trust_store, assembly)
    except Unavailable as missing:
        KEYS_MISSING.log(logger, client=settings.name, cause=missing.told)
        return _NO_KEYS


async def open_decryption(settings: OpenidConnectClient, assembly: Assembly) -> Decryption | None:
    """What opens encrypted tokens: the private key keyManagementKeyAlias in the key store of sslRef; what cannot be had is logged."""
    alias = settings.key_management_key_alias.strip()
    if not alias or not settings.judges_tokens:
        return None
    try:
        tls = settings.ssl or outbound_tls(assembly)
        keys = (await assembly.opened(tls)).keys if tls else None
        entry = keys.key(alias) if keys else None
        if entry is None:
            raise ValueError(f"the key store {keys.id} has none of that name" if keys else "no key store is configured")
        return Decryption(entry.key)
    except Unavailable as missing:
        NO_DECRYPTION.log(logger, client=settings.name, alias=alias, cause=missing.told)
    except ValueError as problem:
        NO_DECRYPTION.log(logger, client=settings.name, alias=alias, cause=problem)
    return None


def _shared(settings: OpenidConnectClient) -> KeySet:
    """The bytes of sharedKey, else of clientSecret; an empty one is none."""
    given = (each for each in (settings.shared_key, settings.client_secret) if each and (each.is_hashed or each.text))
    password = next(given, None)
    secret = password.text.encode() if password and not password.is_hashed else b""
    if not suits(secret, settings.signature_algorithm):
        SHORT_SECRET.log(logger, client=settings.name, algorithm=settings.signature_algorithm)
        return _NO_KEYS
    return secret_keys(secret)


async def _certified(settings: OpenidConnectClient, store: KeyStore | None, assembly: Assembly) -> KeySet:
    alias = settings.trust_alias_name.strip()
    certificate = (await assembly.opened(store)).certificate(alias) if store and alias else None
    if certificate is None:
        NO_CERTIFICATE.log(logger, client=settings.name, alias=alias or "(trustAliasName)", store=store.id if store else "(trustStoreRef)")
        return _NO_KEYS
    return CertificateKey(alias, certificate)


async def _address(settings: OpenidConnectClient, assembly: Assembly) -> Address:
    """Where the key set is, with the credentials and the TLS settings to ask for it."""
    url = settings.jwk_endpoint_url.strip()
    user, secret = settings.jwk_client_id.strip(), settings.jwk_client_secret
    headers = {"Authorization": basic_credentials(user, secret.text)} if user and secret else {}
    return Address(url, await provider_context(settings, url, assembly), headers)
