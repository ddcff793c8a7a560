"""All ports of a server: opened, kept, changed and closed as the configuration says; paused, resumed and drained."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from zconnect.config.configuration import Configuration
from zconnect.errors import Unavailable
from zconnect.messages import Told, audit, warning
from zconnect.roles import ResourcePart
from zconnect.runtime.handle import Runtime
from zconnect.server.accesslog import AccessLog, open_log
from zconnect.server.admission import Admission
from zconnect.server.callers import open_callers
from zconnect.server.clock import Clock
from zconnect.server.compression import compression_edit
from zconnect.server.cors import CorsRules
from zconnect.server.decompression import unpacking
from zconnect.server.edge import Edge
from zconnect.server.endpoint import HttpEndpoint, SslOptions, TcpOptions, endpoints_of, own_or_default
from zconnect.server.headers import HeadersElement, header_edit, no_cache_cookies
from zconnect.server.httpoptions import HttpOptions, Limits
from zconnect.server.listener import NO_SUCH_HOST, Listener
from zconnect.server.samesite import SameSite, samesite_edit
from zconnect.server.virtualhost import strangers
from zconnect.server.webcontainer import WebContainer, transport_security
from zconnect.server.workers import Workers
from zconnect.trust.alpn import speak
from zconnect.trust.keystore import NOT_LOADED
from zconnect.trust.tls import default_tls
from zconnect.values import Kind

WITHOUT_PORTS = warning("CWWKT0015W", "The endpoint {endpoint} has no port and is not opened.", "Give it httpPort or httpsPort.")
NO_TLS = warning(
    "ZCON0813W",
    "The https port {port} of {endpoint} is not opened, because no feature of the server speaks TLS.",
    "Add the feature transportSecurity-1.0, or set httpsPort to -1.",
)
NO_STORE = warning(
    "CWPKI0809W",
    "{name} is not opened, because the key store at {location} did not load.",
    "Mend the key store; a new file is noticed at once.",
)
AVAILABLE = audit("CWWKT0016I", "An application is available ({host}): {url}")
REMOVED = audit("CWWKT0017I", "An application is gone ({host}): {url}")

# Features that speak TLS or bring what does.
_TLS_FEATURES = ("transportsecurity-", "ssl-", "zosconnect:", "openidconnectclient-", "mpjwt-", "jwt-", "restconnector-", "samlweb-")
QUIET = 30.0  # seconds that requests have to end
POLL = 0.02  # seconds between two looks at what a drain still waits for

logger = logging.getLogger(__name__)


class Failure(NamedTuple):
    """A port that is not open; `stops` says that the server must not run without it (onError)."""

    endpoint: HttpEndpoint
    told: Told
    stops: bool = False


class Endpoints:
    """The ports of a server.

    `apply` may be called again and again; connections that are open stay open and serve from the newest runtime.
    In a worker the ports are not opened but `given`, by name; those that are not given stay closed.
    """

    def __init__(self, given: dict[str, socket.socket] | None = None) -> None:
        self.given = given
        self._clock = Clock()
        self._ticking: asyncio.Task[None] | None = None
        self._listeners: dict[str, Listener] = {}
        self._leaving: list[Listener] = []
        self._paused: set[str] = set()
        self._logs: dict[str, AccessLog] = {}
        self._applications: frozenset[str] = frozenset()

    @property
    def addresses(self) -> Mapping[str, tuple[str, int]]:
        """The address and port of each open port by name: the endpoint's id, with `-ssl` behind it for https."""
        return {name: listener.address for name, listener in self._listeners.items() if listener.is_open}

    @property
    def sockets(self) -> Mapping[str, socket.socket]:
        """The socket of each open port by name."""
        return {name: found for name, listener in self._listeners.items() if (found := listener.listening)}

    async def apply(self, runtime: Runtime) -> tuple[Failure, ...]:
        """Listen as a configuration says and serve from its runtime; the ports that cannot be opened."""
        if self._ticking is None:
            self._ticking = asyncio.ensure_future(self._clock.run())
        for listener in (*self._listeners.values(), *self._leaving):
            listener.edge.runtime = runtime
        wanted = [
            (endpoint, secure) for endpoint in endpoints_of(runtime.configuration) for secure in (False, True) if endpoint.port(secure) >= 0
        ]
        self._close_all_but(wanted)
        failures = [failure for each in wanted if (failure := await self._open(*each, runtime))]
        for endpoint in endpoints_of(runtime.configuration):
            if max(endpoint.port(False), endpoint.port(True)) < 0:
                WITHOUT_PORTS.log(logger, endpoint=endpoint.id)
        await self._announce(runtime)
        for listener in self._listeners.values():
            listener.edge.leave()  # no WebSocket outlives the configuration that let it in
        return tuple(failures)

    def _close_all_but(self, wanted: Collection[tuple[HttpEndpoint, bool]]) -> None:
        kept = {(_name(endpoint, secure), endpoint.host, endpoint.port(secure)) for endpoint, secure in wanted}
        for name, listener in list(self._listeners.items()):
            if (name, listener.host, listener.port) not in kept:
                del self._listeners[name]
                self._retire(listener)

    def _retire(self, listener: Listener) -> None:
        """Close a port and let its connections finish what is under way."""
        _silence(listener)
        self._leaving = [leaving for leaving in (*self._leaving, listener) if leaving.edge.busy]

    async def _open(self, endpoint: HttpEndpoint, secure: bool, runtime: Runtime) -> Failure | None:
        """Bring one port in line with the configuration."""
        name = _name(endpoint, secure)
        if secure and not _speaks_tls(runtime.configuration):
            if endpoint.https_port is not None:
                NO_TLS.log(logger, port=endpoint.port(secure), endpoint=endpoint.id)
            return None
        listener = self._listeners.get(name) or Listener(
            endpoint.id, name, endpoint.host, endpoint.port(secure), Edge(runtime, Limits(), self._clock, name)
        )
        self._configure(listener, endpoint, runtime)
        try:
            listener.edge.identify = await open_callers(endpoint, runtime)
            if secure:
                listener.context = await _context(endpoint, runtime)
            if endpoint.id not in self._paused:
                await self._begin(listener)
        except Unavailable as missing:
            missing.told.log(logger)
            if missing.told.message is NOT_LOADED:
                NO_STORE.log(logger, name=name, location=missing.told.parameters["location"])
            self._listeners.pop(name, None)
            self._retire(listener)
            stops = endpoint.on_error == "FAIL" and missing.told.message is NO_SUCH_HOST
            return Failure(endpoint, missing.told, stops)
        self._listeners[name] = listener
        return None

    async def _begin(self, listener: Listener) -> None:
        """Take connections; raises `Unavailable`."""
        if self.given is None and not listener.is_open:
            await listener.open()
        elif self.given and listener.name in self.given:
            listener.join(self.given.pop(listener.name))

    def _configure(self, listener: Listener, endpoint: HttpEndpoint, runtime: Runtime) -> None:
        configuration = runtime.configuration
        edge = listener.edge
        http = own_or_default(endpoint.http_options, HttpOptions, configuration)
        tcp = own_or_default(endpoint.tcp_options, TcpOptions, configuration)
        if tcp != listener.options:
            listener.admission = Admission(tcp, listener.name)
        listener.options = tcp
        listener.share = configuration.one(Workers).number
        listener.quiet = own_or_default(endpoint.ssl_options, SslOptions, configuration).suppress_handshake_errors
        edge.limits = http.limits(tcp.inactivity_timeout)
        edge.http2 = endpoint.protocol_version == "http/2"
        edge.log = self._log(endpoint, runtime)
        edge.unpack = unpacking(http.growth()) if http.auto_decompression else None
        if edge.log is not None:
            edge.log.names_callers = endpoint.remote_ip is not None and endpoint.remote_ip.use_remote_ip_in_access_log
        cors = CorsRules(configuration, runtime.serves)
        unknown = strangers(configuration, endpoint)
        edge.page = cors.page
        edge.early = tuple(answer for answer in (unknown, cors.answer if cors else None) if answer)
        cookies = no_cache_cookies if http.no_cache_cookies_control else None
        fields = header_edit(own_or_default(endpoint.headers, HeadersElement, configuration))
        samesite = samesite_edit(own_or_default(endpoint.samesite, SameSite, configuration))
        packed = compression_edit(endpoint.compression) if endpoint.compression else None
        hsts = transport_security(configuration.one(WebContainer))
        edge.edits = tuple(edit for edit in (cors.edit if cors else None, samesite, cookies, packed, hsts, fields) if edit)

    def _log(self, endpoint: HttpEndpoint, runtime: Runtime) -> AccessLog | None:
        settings = endpoint.access_logging
        known = self._logs.get(endpoint.id)
        if known is not None and known.settings == settings:
            return known
        if known is not None:
            self._logs.pop(endpoint.id).close()
        log = open_log(settings, runtime.assembly.place) if settings else None
        if log is not None:
            self._logs[endpoint.id] = log
        return log

    async def _announce(self, runtime: Runtime) -> None:
        """Say which applications can be reached where."""
        base = next(iter(self._bases()), "")
        found = set()
        for part in runtime.configuration.all(ResourcePart):
            offers = await runtime.assembly.opened(part)
            roots = [offer.pattern[:-1] for offer in offers if offer.pattern.endswith("/*") and offer.kind is Kind.APPLICATION]
            found |= {base + root for root in roots if base}
        for message, urls in ((REMOVED, self._applications - found), (AVAILABLE, found - self._applications)):
            for url in sorted(urls):
                message.log(logger, host="default_host", url=url)
        self._applications = frozenset(found)

    def _bases(self) -> list[str]:
        """The beginnings of addresses at which this server is reached, http first."""
        opened = [listener for listener in self._listeners.values() if listener.is_open]
        opened.sort(key=lambda listener: listener.context is not None)
        return [f"{'https' if each.context else 'http'}://{each.reachable_host}:{each.address[1]}" for each in opened]

    def ids(self) -> Sequence[str]:
        """The endpoints that have a port."""
        return sorted({listener.endpoint for listener in self._listeners.values()})

    async def pause(self, ids: Collection[str]) -> None:
        """Close the ports of these endpoints, and their connections when nothing is under way on them."""
        for listener in self._of(ids):
            self._paused.add(listener.endpoint)
            _silence(listener)

    async def resume(self, ids: Collection[str]) -> None:
        """Open the ports of paused endpoints again."""
        for listener in self._of(ids):
            self._paused.discard(listener.endpoint)
            try:
                await self._begin(listener)
            except Unavailable as missing:
                missing.told.log(logger)

    def _of(self, ids: Collection[str]) -> list[Listener]:
        return [listener for listener in self._listeners.values() if listener.endpoint in ids]

    async def drain(self, seconds: float) -> bool:
        """Close all ports, finish what is under way and close every connection; whether that was done in time."""
        for listener in list(self._listeners.values()):
            self._retire(listener)
        self._listeners.clear()
        end = asyncio.get_running_loop().time() + seconds
        while (busy := self._busy()) and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110  # connections tell nobody of their end
            await asyncio.sleep(POLL)
        await self._stop()
        return not busy

    def _busy(self) -> list[Listener]:
        return [leaving for leaving in self._leaving if leaving.edge.busy]

    async def _stop(self) -> None:
        """End what has not ended by itself."""
        tasks = [task for leaving in self._leaving for task in leaving.edge.tasks]
        for future in [future for leaving in self._leaving for future in leaving.edge.waiting]:
            future.cancel()
        for task in tasks:
            task.cancel()
        for leaving in self._leaving:
            for connection in tuple(leaving.edge.connections):
                connection.abort()
        if self._ticking is not None:
            self._ticking.cancel()
            tasks.append(self._ticking)
            self._ticking = None
        await asyncio.gather(*tasks, return_exceptions=True)
        for log in self._logs.values():
            log.close()
        self._leaving.clear()


def _silence(listener: Listener) -> None:
    listener.close()
    listener.edge.draining = True
    listener.edge.leave()
    listener.edge.turned_away.tell_all()
    for connection in tuple(listener.edge.connections):
        connection.drain()


def _name(endpoint: HttpEndpoint, secure: bool) -> str:
    return f"{endpoint.id}-ssl" if secure else endpoint.id


def _speaks_tls(configuration: Configuration) -> bool:
    return any(feature.startswith(_TLS_FEATURES) for feature in configuration.features)


async def _context(endpoint: HttpEndpoint, runtime: Runtime) -> ssl.SSLContext:
    """The TLS context of an endpoint; raises `Unavailable`."""
    options = own_or_default(endpoint.ssl_options, SslOptions, runtime.configuration)
    part = options.ssl or default_tls(runtime.configuration)
    settings = await runtime.assembly.opened(part)
    context = settings.server_context()
    if endpoint.protocol_version == "http/2":
        speak(context, ("h2", "http/1.1"))
    return context
