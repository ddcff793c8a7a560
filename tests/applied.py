"""A whole server round one application: real ports, and everything behind them as server.xml would have it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.server.conftest import Client
from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.runtime.assembly import assembled
from zconnect.runtime.handle import Runtime
from zconnect.runtime.manager import Manager
from zconnect.runtime.memory import Memory
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.listen import Endpoints
from zconnect.services.webapplication import WebApplication
from zconnect.values import Place

OPEN = Manager(require_auth=False, require_secure=False)
OFFER = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
WITHOUT_LIFESPAN = """
answering = app

async def app(scope, receive, send):
    assert scope["type"] != "lifespan"
    await answering(scope, receive, send)
"""


@dataclass
class Applied:
    """The server; the application answers below /app."""

    place: Place
    elements: tuple[Element, ...]
    endpoints: Endpoints
    held: AsyncExitStack
    features: tuple[str, ...]
    runtime: Runtime = field(init=False)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def reload(self) -> Runtime:
        """Put the configuration in force, again; the runtime before."""
        before = getattr(self, "runtime", None)
        self.runtime = await self.held.enter_async_context(assembled(Configuration(self.elements, self.features), self.place, Memory()))
        assert await self.endpoints.apply(self.runtime) == ()
        return before or self.runtime

    def address(self, tls: bool = False) -> tuple[str, int]:
        return self.endpoints.addresses["defaultHttpEndpoint-ssl" if tls else "defaultHttpEndpoint"]

    def socket(self, path: str = "/app/", tls: ssl.SSLContext | None = None, subprotocols: Iterable[str] = (), **more: Any) -> connect:
        """A WebSocket of an independent client, as a context."""
        host, port = self.address(tls is not None)
        offered = [Subprotocol(each) for each in subprotocols] or None
        secure: dict[str, Any] = {"ssl": tls, "server_hostname": "localhost"} if tls else {}
        return connect(f"{'wss' if tls else 'ws'}://{host}:{port}{path}", subprotocols=offered, proxy=None, **secure, **more)

    async def connect(self, tls: ssl.SSLContext | None = None) -> Client:
        """A raw connection."""
        host, port = self.address(tls is not None)
        reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname="localhost" if tls else None)
        self.writers.append(writer)
        return Client(reader, writer)

    async def raw(self, head: bytes = b"", tls: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which a WebSocket was offered, with more header lines; its client is up to the test."""
        client = await self.connect(tls)
        client.send(b"GET /app/ HTTP/1.1\r\nHost: localhost\r\n%b%b\r\n" % (OFFER, head))
        return client.reader, client.writer

    async def ask(self, head: bytes) -> bytes:
        """All that comes back for a head of one's own, until the connection ends."""
        client = await self.connect()
        client.send(head + b"\r\n")
        return await client.rest()

    async def audit(self, count: int = 1) -> list[str]:
        """The audit records, once there are so many."""
        file = self.place.log_dir / "audit.log"
        async with asyncio.timeout(20):
            while not file.exists() or len(lines := file.read_text().splitlines()) < count:
                await asyncio.sleep(0.01)
        return lines


@asynccontextmanager
async def applied(
    folder: Path, text: str, *elements: Element, features: tuple[str, ...] = ("transportsecurity-1.0",), **endpoint: Any
) -> AsyncIterator[Applied]:
    """Start a server round the application with this text; without a manager nobody has to log in."""
    place = Place("test", folder, folder, folder, folder / "logs")
    (folder / "apps").mkdir()
    (folder / "apps" / "tested.py").write_text(dedent(text) + WITHOUT_LIFESPAN)
    if not any(isinstance(each, Manager) for each in elements):
        elements = (OPEN, *elements)
    port: dict[str, Any] = {"id": "defaultHttpEndpoint", "host": "127.0.0.1", "http_port": 0, "https_port": -1} | endpoint
    application = WebApplication(id="tested", location="tested", context_root="/app")
    async with AsyncExitStack() as held:
        server = Applied(place, (HttpEndpoint(**port), application, *elements), Endpoints(), held, features)
        held.push_async_callback(server.endpoints.drain, 0.5)
        await server.reload()
        yield server
        for writer in server.writers:
            writer.transport.abort()


async def closing(client: ClientConnection) -> tuple[int | None, str | None]:
    """The code and the reason that a WebSocket ends with."""
    async with asyncio.timeout(20):
        await client.wait_closed()
    return client.close_code, client.close_reason
