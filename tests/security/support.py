"""What the tests of this room share: requests, and an assembly over elements."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.roles import Assembly
from zconnect.runtime.assembly import Opening
from zconnect.runtime.memory import Memory
from zconnect.values import NO_BODY, Body, Headers, Peer, Place, Request

NOW = 1_800_000_000.0


def request(
    *,
    method: str = "GET",
    path: str = "/app/x",
    query: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    body: Body = NO_BODY,
    scheme: str = "https",
    authority: str = "localhost:9443",
    address: str = "127.0.0.1",
    certificates: tuple[bytes, ...] = (),
    arrived: float = NOW,
    local_port: int = 9443,
) -> Request:
    """A request as the edge makes it."""
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Request(
        method=method,
        target=path + (f"?{query}" if query else ""),
        path=path,
        query=query,
        headers=Headers(fields),
        body=body,
        peer=Peer(address, 50000, "127.0.0.1", local_port, scheme == "https", certificates),
        scheme=scheme,
        authority=authority,
        version="1.1",
        arrived=arrived,
        identifier="r1",
        known={},
    )


@asynccontextmanager
async def assembly(*elements: Element) -> AsyncIterator[Assembly]:
    """An assembly over a configuration of these elements."""
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        yield Opening(Configuration(elements), Place("test", *[folder] * 4), Memory(), held)
