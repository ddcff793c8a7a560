"""<httpEndpoint>, <tcpOptions>, <sslOptions>: where the server listens, and to whom."""

from datetime import timedelta
from typing import ClassVar, Literal, TypeVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, element, ref
from zconnect.server.accesslog import HttpAccessLogging
from zconnect.server.compression import Compression
from zconnect.server.headers import HeadersElement
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.remoteip import RemoteIp
from zconnect.server.samesite import SameSite
from zconnect.server.terminator import TlsTerminator
from zconnect.trust.tls import Ssl

E = TypeVar("E", bound=Element)

DEFAULT_ENDPOINT = "defaultHttpEndpoint"
_DEFAULT_PORTS = (9080, 9443)
_TWO_HOURS = "the TLS library keeps sessions for two hours"


@element
class TcpOptions(Element):
    """How the ports of an endpoint are opened, and who may connect.

    <tcpOptions id="defaultTCPOptions" maxOpenConnections="1000" addressIncludeList="10.0.*.*, 127.0.0.1"/>
    """

    tag: ClassVar[str] = "tcpOptions"
    default_id: ClassVar[str | None] = "defaultTCPOptions"

    inactivity_timeout: timedelta = attr(default=timedelta(seconds=60), doc="How long a new connection may say nothing; 0 is no limit")
    max_open_connections: int = attr(
        default=128000, minimum=1, maximum=1280000, guard=True, doc="How many connections a port may have at once"
    )
    so_reuse_addr: bool = attr(default=True, doc="Whether a port may be opened again while old connections of it fade")
    port_open_retries: int = attr(
        default=0, minimum=0, maximum=100000, doc="How often opening a port is tried again, with a second between two tries"
    )
    accept_thread: bool = attr(
        default=False, doc="Whether a thread of its own takes new connections", unused="one event loop serves all connections"
    )
    wait_to_accept: bool = attr(
        default=False, doc="Whether connections wait until the server is up", unused="ports are opened when everything behind them is ready"
    )
    address_include_list: tuple[str, ...] = attr(
        default=(), guard=True, doc="Addresses that may connect; * stands for any octet of IPv4 or group of IPv6"
    )
    address_exclude_list: tuple[str, ...] = attr(default=(), guard=True, doc="Addresses that may not connect")
    host_name_include_list: tuple[str, ...] = attr(
        default=(), guard=True, doc="Names of hosts that may connect; * may stand as the first label"
    )
    host_name_exclude_list: tuple[str, ...] = attr(default=(), guard=True, doc="Names of hosts that may not connect")


@element
class SslOptions(Element):
    """The TLS settings of an endpoint.

    <sslOptions id="defaultSSLOptions" sslRef="defaultSSLConfig" suppressHandshakeErrors="true"/>
    <ssl id="defaultSSLConfig"/>
    """

    tag: ClassVar[str] = "sslOptions"
    default_id: ClassVar[str | None] = "defaultSSLOptions"

    ssl: Ssl | None = ref(guard=True, doc="The ssl element; without it the one of sslDefault")
    session_timeout: timedelta = attr(default=timedelta(days=1), unit="s", doc="How long a TLS session may be resumed", unused=_TWO_HOURS)
    ssl_session_timeout: timedelta = attr(
        default=timedelta(days=1), unit="s", doc="How long a TLS session may be resumed", unused=_TWO_HOURS
    )
    suppress_handshake_errors: bool = attr(default=False, doc="Whether handshakes that fail are not reported")


@element
class HttpEndpoint(Element):
    """A host with a port for http and one for https.

    <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="9443" httpOptionsRef="patient"/>
    <httpOptions id="patient" readTimeout="2m"/>
    """

    tag: ClassVar[str] = "httpEndpoint"
    default_id: ClassVar[str | None] = DEFAULT_ENDPOINT
    built_in: ClassVar[str | None] = DEFAULT_ENDPOINT

    enabled: bool = attr(default=True, doc="Whether the ports are opened")
    host: str = attr(
        default="localhost",
        variable="defaultHostName",
        doc="A name or address of this machine, * for all; without it the variable defaultHostName, else localhost",
    )
    http_port: int | None = attr(
        default=None,
        guard=True,
        minimum=-1,
        maximum=65535,
        doc="The port for http, -1 for none; without it 9080 for defaultHttpEndpoint, else none",
    )
    https_port: int | None = attr(
        default=None,
        guard=True,
        minimum=-1,
        maximum=65535,
        doc="The port for https, -1 for none; without it 9443 for defaultHttpEndpoint, else none",
    )
    protocol_version: Literal["http/1.1", "http/2"] = attr(default="http/2", doc="http/1.1 leaves HTTP/2 out")
    on_error: Literal["WARN", "FAIL", "IGNORE"] = attr(
        default="WARN", variable="onError", doc="FAIL: a host that cannot be resolved stops the server"
    )
    http_options: HttpOptions | None = ref(doc="How HTTP is spoken; without it defaultHttpOptions")
    tcp_options: TcpOptions | None = ref(guard=True, doc="How the ports are opened; without it defaultTCPOptions")
    ssl_options: SslOptions | None = ref(guard=True, doc="The TLS settings; without it defaultSSLOptions")
    access_logging: HttpAccessLogging | None = ref(doc="The access log; without it none is written")
    headers: HeadersElement | None = ref(doc="Header fields of all answers; without it defaultHeaders")
    remote_ip: RemoteIp | None = ref(doc="Proxies that are believed when they say who the caller is; without it none")
    tls_terminator: TlsTerminator | None = ref(
        guard=True, doc="Proxies that are believed when they say with which certificate a caller came; without it none"
    )
    compression: Compression | None = ref(doc="Answers that are compressed; without it none are")
    samesite: SameSite | None = ref(doc="SameSite of cookies; without it defaultSameSite")

    def port(self, secure: bool) -> int:
        """The port for http or https, -1 for none."""
        given = self.https_port if secure else self.http_port
        if given is None:
            return _DEFAULT_PORTS[secure] if self.id == DEFAULT_ENDPOINT else -1
        return given


def endpoints_of(configuration: Configuration) -> tuple[HttpEndpoint, ...]:
    """The endpoints of a server that are open."""
    return tuple(endpoint for endpoint in configuration.all(HttpEndpoint) if endpoint.enabled)


def own_or_default(own: E | None, kind: type[E], configuration: Configuration) -> E:
    """What holds for an endpoint: the element that it names, else the one with the default id of its kind, written or not."""
    return own or configuration.get(kind, kind.default_id or "") or kind()
