"""One listening port: its socket, its TLS context, and the acceptance of connections."""

import asyncio
import errno
import logging
import resource
import socket
import ssl
import time
from contextlib import suppress

from zconnect.errors import Unavailable
from zconnect.messages import Sparing, error, info, warning
from zconnect.server.admission import Admission
from zconnect.server.edge import Edge
from zconnect.server.endpoint import TcpOptions
from zconnect.server.http1 import Http1Connection
from zconnect.server.turnedaway import EVERY, GIVEN_UP

OPENED = info("CWWKO0219I", "The port of {endpoint} is open on host {host} and port {port}.")
CLOSED = info("CWWKO0220I", "The port of {endpoint} on host {host} and port {port} is closed.")
NOT_OPENED = error(
    "CWWKO0221E",
    "The port of {endpoint} on host {host} and port {port} cannot be opened: {reason}.",
    "Find out who has the port, or choose another one; the server goes on without it.",
)
FULL = warning(
    "CWWKO0222W",
    "{endpoint} has {limit} connections, and takes no more.",
    "Find out where they come from, or raise maxOpenConnections of its tcpOptions.",
)
NO_SUCH_HOST = error(
    "CWWKO0224E", "The host of {endpoint}, {host}, is not known (port {port}).", "Correct host of the httpEndpoint, or the name service."
)
NO_HOST = error("CWWKT0019E", "The endpoint {endpoint} cannot be configured: {reason}.", "Give the httpEndpoint a host, or * for all.")
HANDSHAKE = error(
    "CWWKO0801E",
    "A TLS handshake of {remote} with {local} failed: {reason}.",
    "Look at the caller's certificate, protocols and ciphers; suppressHandshakeErrors of sslOptions silences this.",
)
UNTRUSTED = error(
    "CWPKI0022E",
    "The certificate of {remote} is not believed by {local}: {reason}.",
    "If the caller is honest, put the certificate of his authority into the trust store of the ssl element.",
)
OUT_OF_FILES = error("ZCON0812E", "{endpoint} cannot take connections: {reason}.", "Raise the limit of open files of the server's process.")

BACKLOG = 2048
AT_ONCE = 64  # connections taken in one turn of the loop
REST = 0.1  # seconds without new connections when the process has no more descriptors
KEPT_FREE = 64  # descriptors for files and back ends, where there are enough of them
HANDSHAKES = 10  # that failed and are told one by one; after them one a minute is
HANDSHAKE_LIMIT = 30.0  # seconds
TLS_END = 600.0  # seconds for the goodbye of TLS at most: it flushes the answer first; the connection's own deadline ends it sooner

logger = logging.getLogger(__name__)


class Listener:
    """A port of an endpoint; `context`, `admission` and what `edge` holds may be replaced while it is open.

    `share` is how many processes take connections from it.
    """

    def __init__(self, endpoint: str, name: str, host: str, port: int, edge: Edge) -> None:
        self.endpoint = endpoint
        self.name = name
        self.host = host
        self.port = port
        self.edge = edge
        self.context: ssl.SSLContext | None = None
        self.options = TcpOptions()
        self.admission = Admission(self.options, name)
        self.quiet = False
        self.share = 1
        self.address = ("", 0)
        self._socket: socket.socket | None = None
        self._joined = False
        self._failing, self._untrusted = Sparing(HANDSHAKES, EVERY), Sparing(HANDSHAKES, EVERY)
        self._full, self._out_of_files = Sparing(1, EVERY), Sparing(1, EVERY)
        self._most = 0  # the first descriptor that is kept free for files

    @property
    def is_open(self) -> bool:
        """It takes connections."""
        return self._socket is not None

    async def open(self) -> None:
        """Take connections; raises `Unavailable`."""
        family, address = await self._resolved()
        for tries_left in range(self.options.port_open_retries, -1, -1):
            try:
                self._socket = _bound(family, address, self.options.so_reuse_addr)
                break
            except OSError as problem:
                if not tries_left:
                    told = NOT_OPENED(endpoint=self.name, host=self.host, port=self.port, reason=problem.strerror or problem)
                    raise Unavailable(told) from None
                await asyncio.sleep(1)
        if self._socket is not None:
            self._take(self._socket)
            OPENED.log(logger, endpoint=self.name, host=self.shown_host, port=self.address[1])

    def join(self, listening: socket.socket) -> None:
        """Take connections from a port that another process has opened, instead of from the one before."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._joined = True
        self._take(listening)

    def _take(self, listening: socket.socket) -> None:
        self._socket = listening
        self.address = listening.getsockname()[:2]
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = files - min(KEPT_FREE, files // 8)
        self.edge.draining = False
        asyncio.get_running_loop().add_reader(listening, self._accept)

    @property
    def listening(self) -> socket.socket | None:
        """What another process may `join`, while the port is open."""
        return self._socket

    async def _resolved(self) -> tuple[socket.AddressFamily, tuple[str, int]]:
        if not self.host:
            raise Unavailable(NO_HOST(endpoint=self.endpoint, reason="host is empty"))
        if self.host == "*":
            return (socket.AF_INET6, ("::", self.port)) if socket.has_dualstack_ipv6() else (socket.AF_INET, ("", self.port))
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unavailable(NO_SUCH_HOST(endpoint=self.name, host=self.host, port=self.port)) from None
        # IPv4 goes first, as it does in Java.
        family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        return family, (str(address[0]), self.port)

    @property
    def shown_host(self) -> str:
        """The host as messages show it: with the family and address behind it."""
        family = "IPv6" if ":" in self.address[0] else "IPv4"
        return f"*  ({family})" if self.host == "*" else f"{self.host}  ({family}: {self.address[0]})"

    @property
    def reachable_host(self) -> str:
        """The host under which others find this port."""
        host = socket.gethostname() if self.host == "*" else self.host
        return f"[{host}]" if ":" in host else host

    def close(self) -> None:
        """Take no more connections; who has opened the port closes it for all, since each of them holds it open."""
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        if not self._joined:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            CLOSED.log(logger, endpoint=self.name, host=self.shown_host, port=self.address[1])
        self._socket.close()
        self._socket = None

    def _accept(self) -> None:
        for _ in range(AT_ONCE if self.share == 1 else 1):  # the next one is for whoever has time
            if self._socket is None:
                return
            try:
                connection, address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as problem:
                return self._rest(problem)
            if connection.fileno() >= self._most:
                self._make_room(address[0])
            if self._has_room():
                connection.setblocking(False)
                self.edge.arriving += 1
                self.edge.work(self._welcome(connection, address[0].removeprefix("::ffff:"), address[1]))
            else:
                connection.close()

    def _has_room(self) -> bool:
        limit = -(-self.options.max_open_connections // self.share)
        full = len(self.edge.connections) + self.edge.arriving >= limit
        if full:
            self._full.log(FULL(endpoint=self.name, limit=limit), logger, time.monotonic())
        return not full

    def _make_room(self, address: str) -> None:
        """Close connections that wait for their callers, before there is no file left for anything."""
        if self.edge.clock.hurry(AT_ONCE):
            self.edge.turned_away.add(GIVEN_UP(), address)

    def _rest(self, problem: OSError) -> None:
        """Wait until connections have ended, instead of trying in a circle."""
        if problem.errno == errno.EINVAL:  # another process has closed the port
            return self.close()
        if problem.errno not in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM} or self._socket is None:
            return
        self._out_of_files.log(OUT_OF_FILES(endpoint=self.name, reason=problem.strerror), logger, time.monotonic())
        self._make_room("")
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.call_later(REST, self._go_on)

    def _go_on(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._accept)

    async def _welcome(self, connection: socket.socket, address: str, port: int) -> None:
        """Shake hands with a caller who may connect."""
        loop = asyncio.get_running_loop()
        protocol = Http1Connection(self.edge)
        times: dict[str, float] = {}
        if self.context is not None:
            times = {"ssl_handshake_timeout": min(self.edge.limits.first, HANDSHAKE_LIMIT), "ssl_shutdown_timeout": TLS_END}
        try:
            if await self.admission.admits(address):
                await loop.connect_accepted_socket(lambda: protocol, connection, ssl=self.context, **times)
            else:
                connection.close()
        except OSError as problem:
            connection.close()
            self._complain(problem, address, port)
        finally:
            self.edge.arriving -= not protocol.arrived

    def _complain(self, problem: OSError, address: str, port: int) -> None:
        """Report a handshake that failed; who says nothing and leaves has not begun one (a probe of the port)."""
        if self.context is None or isinstance(problem, ConnectionResetError | BrokenPipeError | ssl.SSLEOFError):
            return
        ends = {"remote": f"{address}:{port}", "local": f"{self.address[0]}:{self.address[1]}"}
        now = asyncio.get_running_loop().time()
        if isinstance(problem, ssl.SSLCertVerificationError):
            self._untrusted.log(UNTRUSTED(**ends, reason=problem.verify_message), logger, now)
        if not self.quiet:
            reason = problem.reason if isinstance(problem, ssl.SSLError) and problem.reason else problem.strerror or problem
            self._failing.log(HANDSHAKE(**ends, reason=reason), logger, now)


def _bound(family: socket.AddressFamily, address: tuple[str, int], reuse: bool) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if reuse:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and address[0] == "::":
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening
