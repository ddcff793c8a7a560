"""What the tests of this room share: requests, and an assembly over elements."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.roles import Assembly, Part
from zconnect.runtime.memory import Memory
from zconnect.values import NO_BODY, Body, Headers, Peer, Place, Request

T = TypeVar("T")
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
    )


class Opened:
    """What parts get while they are opened (the socket `Assembly`)."""

    def __init__(self, configuration: Configuration, held: AsyncExitStack) -> None:
        self.configuration = configuration
        self.place = Place("test", Path("/"), Path("/"), Path("/"), Path("/"))
        self._held = held
        self._made: dict[object, Any] = {}
        self.memory = Memory()

    async def opened(self, part: Part[T]) -> T:
        """The one working object of a part."""
        return await self._once(id(part), lambda: part.open(self))

    async def shared(self, opener: Callable[[Assembly], Awaitable[T]]) -> T:
        """The one result of an opener."""
        return await self._once(opener, lambda: opener(self))

    async def _once(self, key: object, make: Callable[[], Awaitable[T]]) -> T:
        if key not in self._made:
            self._made[key] = await make()
        return self._made[key]  # type: ignore[no-any-return]

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What outlives a runtime."""
        return self.memory.kept(key, make)

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        """Close at the end."""
        self._held.push_async_callback(close)

    def watch(self, path: Path) -> None:
        """Nothing changes in a test."""

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run beside the test."""
        task = asyncio.ensure_future(work)
        self._held.callback(task.cancel)


@asynccontextmanager
async def assembly(*elements: Element) -> AsyncIterator[Assembly]:
    """An assembly over a configuration of these elements."""
    async with AsyncExitStack() as held:
        yield Opened(Configuration(elements), held)
