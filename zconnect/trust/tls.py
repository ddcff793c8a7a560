"""<ssl> and <sslDefault>: which protocols, ciphers, keys and peers a TLS connection may have, as an SSLContext."""

import os
import ssl
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal

from cryptography.hazmat.primitives.serialization import Encoding

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import Problem, Unavailable
from zconnect.messages import error
from zconnect.roles import Assembly, Part
from zconnect.trust.entries import KeyEntry
from zconnect.trust.keystore import DEFAULT_ID, KeyStore, Store, default_store
from zconnect.trust.tlslimits import flaws, known_protocols, limit

NO_CLIENT_KEY = error(
    "CWPKI0023E", "The private key {alias} of clientKeyAlias is not in the key store {store}.", "Correct clientKeyAlias of the ssl element."
)
NO_SERVER_KEY = error(
    "CWPKI0024E", "The private key {alias} of serverKeyAlias is not in the key store {store}.", "Correct serverKeyAlias of the ssl element."
)
NO_KEY = error(
    "ZCON0370E", "The key store {store} has no private key, so {id} cannot serve TLS.", "Put a key with its certificate into it."
)
NO_STORE = error("ZCON0371E", "The TLS settings {id} name no key store, so they cannot serve TLS.", "Give the ssl element a keyStoreRef.")
UNUSABLE_KEY = error(
    "ZCON0377E", "The private key {alias} of the key store {store} cannot be used for TLS: {reason}.", "Choose another one."
)

DEFAULT_SSL = "defaultSSLConfig"


@element
class OutboundConnection(Element):
    """Hosts for which an ssl element is chosen."""

    tag: ClassVar[str] = "outboundConnection"
    unused: ClassVar[str | None] = "whatever calls other servers names its ssl element"
    host: str = attr(doc="The host that is called, with * for any beginning")
    port: str = attr(default="*", doc="The port that is called, or * for all")
    client_certificate: str = attr(default="", doc="The alias of the private key for these connections")


@element
class Ssl(Part["TlsSettings"]):
    """Keys, trust, protocols and ciphers of TLS connections.

    <ssl id="defaultSSLConfig" keyStoreRef="defaultKeyStore" trustStoreRef="partners" sslProtocol="TLSv1.3"
         clientAuthenticationSupported="true"/>
    <keyStore id="defaultKeyStore" password="{xor}PjM2PDpyLDo8LTor"/>
    <keyStore id="partners" location="partners.pem"/>
    """

    tag: ClassVar[str] = "ssl"
    implied: ClassVar[str | None] = DEFAULT_SSL

    key_store: KeyStore | None = ref(doc="The key store with the own private key; for the id defaultSSLConfig it is defaultKeyStore")
    trust_store: KeyStore | None = ref(guard=True, doc="The key store with the certificates of trusted peers; without it keyStoreRef")
    ssl_protocol: str = attr(
        default="", guard=True, check=known_protocols, doc="TLSv1.2, TLSv1.3 or both with a comma between them; without it both"
    )
    client_authentication: bool = attr(default=False, guard=True, doc="A caller must have a certificate of a trusted authority")
    client_authentication_supported: bool = attr(
        default=False, guard=True, doc="A caller may have a certificate; one of no trusted authority ends the connection"
    )
    security_level: Literal["HIGH", "MEDIUM", "LOW", "CUSTOM"] = attr(
        default="HIGH",
        doc="HIGH and CUSTOM are forward secrecy with authenticated encryption; MEDIUM and LOW mean weak suites alone, and serve nothing",
    )
    enabled_ciphers: str = attr(
        default="", guard=True, doc="Cipher suites below TLS 1.3 by their registered names, with blanks between them"
    )
    enforce_cipher_order: bool = attr(default=False, doc="The server's order of cipher suites decides, not the client's")
    server_key_alias: str = attr(default="", doc="The private key for serving; without it the first one of the key store")
    client_key_alias: str = attr(default="", doc="The private key for calling others; without it the first one of keyStoreRef")
    verify_hostname: bool = attr(default=True, guard=True, doc="The certificate of a called server must be for its host")
    skip_hostname_verification_for_hosts: tuple[str, ...] = attr(
        default=(), guard=True, joined=True, doc="Hosts whose certificate may be for another name; *.example.com stands for all below it"
    )
    trust_default_certs: bool = attr(default=False, guard=True, doc="Trust the authorities that this machine trusts, too")
    outbound_connections: tuple[OutboundConnection, ...] = children(doc="Hosts for which these settings are chosen")

    def mistakes(self) -> Iterable[Problem]:
        """Protocols and cipher suites that are not offered."""
        return (self.mistake(told, name, meant=meant) for told, name, meant in flaws(self))

    async def open(self, assembly: Assembly) -> "TlsSettings":
        """The settings with their key stores opened; raises `Unavailable`."""
        keys = await _keys(self, assembly)
        trust = await assembly.opened(self.trust_store) if self.trust_store else keys
        return TlsSettings(self, keys, trust)


async def _keys(settings: Ssl, assembly: Assembly) -> Store | None:
    if settings.key_store:
        return await assembly.opened(settings.key_store)
    return await default_store(assembly) if settings.id == DEFAULT_SSL else None


@element
class SslDefault(Element):
    """The TLS settings of everything that names none.

    <sslDefault sslRef="inbound" outboundSSLRef="outbound"/>
    <ssl id="inbound" keyStoreRef="defaultKeyStore"/>
    <ssl id="outbound" trustDefaultCerts="true" keyStoreRef="defaultKeyStore"/>
    <keyStore id="defaultKeyStore" password="{xor}PjM2PDpyLDo8LTor"/>
    """

    tag: ClassVar[str] = "sslDefault"
    singleton: ClassVar[bool] = True
    ssl: Ssl | None = ref(doc="The settings of endpoints that name none; without it those with the id defaultSSLConfig")
    outbound_ssl: Ssl | None = ref(name="outboundSSLRef", doc="The settings for calling other servers; without it those of sslRef")
    http_host_name_verification: bool = attr(
        default=False,
        doc="Whether the names of called servers are checked against their certificates",
        unused="verifyHostname of each ssl element decides, and is true by default",
    )


_IMPLIED = Ssl(id=DEFAULT_SSL)


def default_tls(configuration: Configuration) -> Ssl:
    """The settings of an endpoint that names none: those of sslDefault, else defaultSSLConfig, written or not."""
    return configuration.one(SslDefault).ssl or configuration.get(Ssl, DEFAULT_SSL) or _IMPLIED


def outbound_tls(assembly: Assembly) -> Ssl | None:
    """The settings for calling a server where nothing names any; None where server.xml speaks of none at all."""
    default = assembly.configuration.one(SslDefault)
    configured = assembly.configuration.get(Ssl, DEFAULT_SSL)
    implied = _IMPLIED if assembly.configuration.get(KeyStore, DEFAULT_ID) else None
    return default.outbound_ssl or default.ssl or configured or implied


class TlsSettings:
    """An opened <ssl>: makes contexts, a new one at each asking, which the caller may change (ALPN)."""

    def __init__(self, settings: Ssl, keys: Store | None, trust: Store | None) -> None:
        self.settings = settings
        self.keys = keys
        self.trust = trust

    def server_context(self) -> ssl.SSLContext:
        """For serving; raises `Unavailable` where key, protocol or cipher is missing."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        limit(context, self.settings)
        _load(context, self._server_key(), self.settings)
        if self.settings.client_authentication or self.settings.client_authentication_supported:
            self._believe(context)
            context.verify_mode = ssl.CERT_REQUIRED if self.settings.client_authentication else ssl.CERT_OPTIONAL
        return context

    def client_context(self, host: str = "", verify_hostname: bool = True) -> ssl.SSLContext:
        """For calling `host`, whose name is checked unless the settings or `verify_hostname` say no; raises `Unavailable`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        limit(context, self.settings)
        key = self._client_key()
        if key is not None:
            _load(context, key, self.settings)
        self._believe(context)
        context.check_hostname = verify_hostname and self.settings.verify_hostname and not self._skipped(host)
        return context

    def _server_key(self) -> KeyEntry:
        if self.keys is None:
            raise Unavailable(NO_STORE(id=self.settings.id))
        entry = self.keys.key(self.settings.server_key_alias)
        if entry is None:
            alias = self.settings.server_key_alias
            told = NO_SERVER_KEY(alias=alias, store=self.keys.id) if alias else NO_KEY(store=self.keys.id, id=self.settings.id)
            raise Unavailable(told)
        return entry

    def _client_key(self) -> KeyEntry | None:
        alias = self.settings.client_key_alias
        entry = self.keys.key(alias) if self.keys else None
        if alias and entry is None:
            raise Unavailable(NO_CLIENT_KEY(alias=alias, store=self.keys.id if self.keys else "none"))
        return entry

    def _believe(self, context: ssl.SSLContext) -> None:
        """Whom to trust; as in Java any certificate of the trust store ends a chain, not only self-signed ones."""
        anchors = self.trust.anchors if self.trust else ()
        if anchors:
            context.load_verify_locations(cadata=b"".join(anchor.public_bytes(Encoding.DER) for anchor in anchors))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        revoked = self.trust.entries.revoked if self.trust else ()
        if revoked:
            with _private_file(b"".join(each.public_bytes(Encoding.PEM) for each in revoked)) as path:
                context.load_verify_locations(path)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        if self.settings.trust_default_certs:
            context.load_default_certs()

    def _skipped(self, host: str) -> bool:
        for pattern in self.settings.skip_hostname_verification_for_hosts:
            if host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:])):
                return True
        return False


def _load(context: ssl.SSLContext, entry: KeyEntry, settings: Ssl) -> None:
    """Give a context its key by way of a file in memory, because OpenSSL's interface here takes nothing else."""
    try:
        with _private_file(entry.pem) as path:
            context.load_cert_chain(path)
    except (ssl.SSLError, OSError) as problem:
        store = settings.key_store.id if settings.key_store else DEFAULT_ID
        raise Unavailable(UNUSABLE_KEY(alias=entry.alias, store=store, reason=problem.strerror or problem)) from None


@contextmanager
def _private_file(data: bytes) -> Iterator[str]:
    """A path under which only this process finds `data`, for as long as it is needed."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        with open(os.memfd_create("key"), "r+b") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.NamedTemporaryFile() as file:  # mode 0600
        file.write(data)
        file.flush()
        yield file.name
