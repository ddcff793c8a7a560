"""The elements of a REST back end: where it is, how we are known there, and the provider that a `serviceRef` names."""

import ssl
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from zconnect.config.datatypes import Unlike
from zconnect.config.names import nearest
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, element, ref
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.messages import error
from zconnect.roles import Assembly, ProviderPart, Service
from zconnect.trust.fetch import basic_credentials
from zconnect.trust.tls import Ssl, outbound_tls
from zconnect.values import METHODS

NO_HOST = error("ZCON0651E", "The REST client {id} has no host.", "Set host and port, or connectionRef to an element that has them.")
BAD_URL = error(
    "ZCON0652E", "The address {url} of the REST client {id} is not usable: {cause}.", "Correct scheme, host, port, contextRoot or uri."
)
BAD_CREDENTIALS = error(
    "ZCON0653E",
    "The credentials {id} for a back end cannot be used: {cause}.",
    "Give userName and password; the password plain, {{xor}} or {{aes}}.",
)

_CREDENTIALS = ("authorization", "cookie")


def _credential(name: str) -> None:
    if name.lower() not in _CREDENTIALS:
        raise ValueError(f"only Authorization and Cookie are held back, not {name}")


def _method(text: str) -> None:
    if (word := text.strip().upper()) and word not in METHODS:
        raise Unlike(f"it is none of {', '.join(METHODS)}", nearest(word, METHODS))


@element
class RestClientBasicAuth(Element):
    """The user that this server is to a back end."""

    tag: ClassVar[str] = "zosconnect_zosConnectServiceRestClientBasicAuth"

    user_name: str = attr(default="", doc="The user that the back end knows")
    password: Password | None = attr(default=None, doc="The password of that user: plain, or encoded by securityUtility")
    appl_name: str = attr(
        default="",
        doc="The application name for which PassTickets are made",
        unused="PassTickets are not supported yet; give userName and password",
    )

    @property
    def header(self) -> str:
        """The value of the Authorization header (RFC 7617); raises `Unavailable` where it cannot be made."""
        if not self.user_name or ":" in self.user_name or self.password is None or self.password.is_hashed:
            raise Unavailable(BAD_CREDENTIALS(id=self.id, cause="user name or password is missing, hashed, or the user name has a colon"))
        return basic_credentials(self.user_name, self.password.text)


@element
class RestAddress(Element):
    """Where a REST back end is and who this server is there."""

    host: str = attr(default="", doc="Host of the back end, with http:// or https:// before it if need be")
    port: int | None = attr(default=None, minimum=1, maximum=65535, doc="Port of the back end; without it the scheme's own")
    context_root: str = attr(default="", doc="A path that all paths at the back end begin with")
    basic_auth: RestClientBasicAuth | None = ref(guard=True, doc="The user that this server is to the back end")
    ssl_certs: Ssl | None = ref(guard=True, doc="TLS settings; with them the scheme is https where host does not say")
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take; without it 30s")
    receive_timeout: timedelta | None = attr(default=None, doc="How long the back end may be silent; without it 60s")


@element
class RestClientConnection(RestAddress):
    """Where a REST back end is, for all that name it."""

    tag: ClassVar[str] = "zosconnect_zosConnectServiceRestClientConnection"


@element
class RestClient(ProviderPart, RestAddress):
    """A REST back end for a service; what it does not say is taken from its connection.

    <zosconnect_zosConnectServiceRestClient id="stock" connectionRef="warehouse" uri="/v1/stock" receiveTimeout="10s"/>
    <zosconnect_zosConnectServiceRestClientConnection id="warehouse" host="https://warehouse.example" basicAuthRef="shop"/>
    <zosconnect_zosConnectServiceRestClientBasicAuth id="shop" userName="shop" password="{xor}PjM2PDpyLDo8LTor"/>
    """

    tag: ClassVar[str] = "zosconnect_zosConnectServiceRestClient"

    connection: RestClientConnection | None = ref(doc="Where the back end is, for several REST clients (ours, not Liberty's)")
    uri: str = attr(default="", doc="The path at the back end; what follows a `/*` in invokeURI is appended")
    http_method: str = attr(default="", check=_method, doc="The method for the back end; without it the caller's")
    forward_headers: tuple[str, ...] = attr(
        default=(),
        guard=True,
        check=_credential,
        doc="Authorization, Cookie: credentials of the caller that the back end may see; without it none (ours, not Liberty's)",
    )
    max_connections: int = attr(default=100, minimum=1, doc="How many connections to keep to the back end (ours, not Liberty's)")

    def refusals(self) -> Iterable[Problem]:
        """An address that is none, and credentials that cannot be sent."""
        try:
            _ = self.url
        except ConfigurationError as refusal:
            yield from refusal.problems
        if basic := self._basic:
            try:
                _ = basic.header
            except Unavailable as unavailable:
                yield Problem(unavailable.told, basic.where, f"/server/{basic.tag}[{basic.id}]", stops=True)

    @property
    def _basic(self) -> RestClientBasicAuth | None:
        return self.basic_auth or (self.connection.basic_auth if self.connection else None)

    async def open(self, assembly: Assembly) -> Service:
        """The pool of connections, which opens them when they are needed; raises `Unavailable` and `ConfigurationError`."""
        from zconnect.services.backend import Backend, Settings  # aiohttp takes long to import

        base = self.connection or self
        basic, url = self._basic, self.url
        backend = Backend(
            Settings(
                url=url,
                method=self.http_method.strip().upper(),
                authorization=basic.header if basic else "",
                forwarded=frozenset(name.lower().encode("ascii") for name in self.forward_headers),
                connection_timeout=_seconds(self.connection_timeout or base.connection_timeout, 30),
                receive_timeout=_seconds(self.receive_timeout or base.receive_timeout, 60),
                connections=self.max_connections,
                tls=await self._tls(assembly) if url.startswith("https:") else None,
            )
        )
        assembly.closing(backend.close)
        return backend

    @property
    def url(self) -> str:
        """The address that all calls go below, encoded; raises `ConfigurationError`."""
        from yarl import URL

        host, port, base = self._authority()
        path = "/".join(part.strip("/") for part in (base.context_root or self.context_root, self.uri) if part.strip("/"))
        text = f"{host}{f':{port}' if port else ''}/{path}"
        try:
            url = URL(text)
            if not url.host or url.user or url.query_string or url.fragment:
                raise ValueError("it has more than scheme, host, port and path")
        except ValueError as cause:
            told = BAD_URL(url=text, id=self.id, cause=cause)
            raise ConfigurationError([Problem(told, self.where, self._path, stops=True)]) from cause
        return str(url)

    @property
    def _path(self) -> str:
        return f"/server/{self.tag}[{self.id}]"

    def _authority(self) -> tuple[str, int | None, RestAddress]:
        base = self.connection or self
        host = (self.host or base.host).strip().rstrip("/")
        if not host:
            raise ConfigurationError([Problem(NO_HOST(id=self.id), self.where, f"{self._path}/@host", stops=True)])
        if not host.lower().startswith(("http://", "https://")):
            host = f"{'https' if self.ssl_certs or base.ssl_certs else 'http'}://{host}"
        return host, self.port or base.port, base

    async def _tls(self, assembly: Assembly) -> ssl.SSLContext:
        base = self.connection or self
        settings = self.ssl_certs or base.ssl_certs or outbound_tls(assembly)
        if settings is None:
            return ssl.create_default_context()
        host = self._authority()[0].partition("://")[2]
        return (await assembly.opened(settings)).client_context(host)


def _seconds(duration: timedelta | None, default: float) -> float:
    return default if duration is None else duration.total_seconds()
