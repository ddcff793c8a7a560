"""Real ports, real TLS, and behind them a runtime that answers as a test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.server.certificates import Authority
from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.server.endpoint import HttpEndpoint, TcpOptions
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.listen import Endpoints, Failure
from zconnect.values import Place, Request, Response

Answer = Callable[[Request], Awaitable[Response]]
FEATURES = ("transportsecurity-1.0",)


ON_BOTH_LOOPS = {
    "test_answer",
    "test_body",
    "test_exchange",
    "test_frames",
    "test_http1",
    "test_http2",
    "test_listen",
    "test_listener",
    "test_outgoing",
    "test_peer",
    "test_receiving",
    "test_stream",
    "test_tunnel",
}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """What touches sockets runs on both loops."""
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.SelectorEventLoop}
    return loops | {"uvloop": uvloop.new_event_loop} if item.path.stem in ON_BOTH_LOOPS else loops


async def echo(request: Request) -> Response:
    """What has come in, as one line of text, and the body."""
    body = await request.body.read()
    line = f"{request.method} {request.path} {request.query} {request.authority} {request.scheme} {request.version}\n"
    return Response(200, ((b"content-type", b"text/plain"),), line.encode() + body)


async def reading(request: Request) -> Response:
    """The same, where a refusal of the body becomes an answer as it does in the chain of interceptors."""
    try:
        return await echo(request)
    except Refused as refusal:
        return Response(refusal.status, refusal.headers, refusal.body)


@dataclass
class Far:
    """The far side of the socket: what a runtime is to the edge."""

    runtime: Any
    answer: Answer = echo
    requests: list[Request] = field(default_factory=list)
    under_way: int = 0
    entries: int = 0

    @property
    def configuration(self) -> Configuration:
        configuration: Configuration = self.runtime.configuration
        return configuration

    @property
    def assembly(self) -> Any:
        return self.runtime.assembly

    def serves(self, request: Request) -> bool:
        return True

    def entered(self) -> None:
        self.under_way += 1
        self.entries += 1

    def left(self) -> None:
        self.under_way -= 1

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return await self.answer(request)

    async def refuse(self, request: Request, refusal: Refused) -> Response:
        response: Response = await self.runtime.refuse(request, refusal)
        return response


@dataclass
class Server:
    """A server that listens; ports are chosen by the system."""

    endpoints: Endpoints
    far: Far
    make: Callable[..., Awaitable[Far]]
    failures: tuple[Failure, ...] = ()
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        return self.endpoints.addresses["defaultHttpEndpoint"]

    @property
    def secure_address(self) -> tuple[str, int]:
        return self.endpoints.addresses["defaultHttpEndpoint-ssl"]

    async def change(self, *elements: Element, features: tuple[str, ...] = FEATURES) -> Far:
        """Put another configuration in force."""
        self.far = await self.make(*elements, features=features)
        self.failures = await self.endpoints.apply(self.far)  # type: ignore[arg-type]  # as much of a runtime as the edge needs
        return self.far

    async def connect(self, tls: ssl.SSLContext | None = None, name: str = "localhost") -> "Client":
        """A connection to it, to be closed with it at the latest."""
        host, port = self.secure_address if tls else self.address
        reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name if tls else None)
        self.writers.append(writer)
        return Client(reader, writer)

    def leave(self) -> None:
        """Close all connections from this side."""
        for writer in self.writers:
            writer.transport.abort()

    async def ask(self, data: bytes, tls: ssl.SSLContext | None = None) -> bytes:
        """All that comes back on a connection of its own until it is closed."""
        client = await self.connect(tls)
        client.send(data)
        try:
            return await client.rest()
        finally:
            client.close()


@dataclass
class Client:
    """A raw connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, head: bool = False) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, header fields and body of the next answer; `head` says that no body follows."""
        block = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = block[:-4].split(b"\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        body = b""
        if head or b"100 Continue" in first:
            pass
        elif fields.get(b"transfer-encoding") == b"chunked":
            while size := int(await self.reader.readline(), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
        elif b"content-length" in fields:
            body = await self.reader.readexactly(int(fields[b"content-length"]))
        return int(first.split()[1]), fields, body

    async def rest(self) -> bytes:
        """All that comes until the end of the connection."""
        async with asyncio.timeout(20):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("test", tmp_path, tmp_path, tmp_path, tmp_path / "logs")


@pytest.fixture
async def serve(place: Place) -> AsyncIterator[Serve]:
    """Start a server: `options` and `tcp` are those of its endpoint, `elements` the rest of server.xml."""
    async with AsyncExitStack() as held:
        endpoints = Endpoints()
        held.push_async_callback(endpoints.drain, 0.5)

        async def make(*elements: Element, answer: Answer = echo, features: tuple[str, ...] = FEATURES) -> Far:
            return Far(await held.enter_async_context(assembled(Configuration(elements, features), place, Memory())), answer)

        async def start(
            *elements: Element,
            answer: Answer = echo,
            options: HttpOptions | None = None,
            tcp: TcpOptions | None = None,
            features: tuple[str, ...] = FEATURES,
            **more: Any,
        ) -> Server:
            ports: dict[str, Any] = {"http_port": 0, "https_port": -1, "host": "127.0.0.1"} | more
            endpoint = HttpEndpoint(id="defaultHttpEndpoint", http_options=options, tcp_options=tcp, **ports)
            far = await make(endpoint, *elements, answer=answer, features=features)
            failures = await endpoints.apply(far)  # type: ignore[arg-type]  # as much of a runtime as the edge needs
            server = Server(endpoints, far, make, failures)
            held.callback(server.leave)
            return server

        yield start


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of the same name that nobody trusts."""
    return Authority(tmp_path_factory.mktemp("strangers"))
