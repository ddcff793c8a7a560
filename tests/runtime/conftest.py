"""A runtime assembled from elements, without XML and without sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import ClassVar

import pytest

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, element
from zconnect.roles import Assembly, Managed, Offer, Protection, ResourcePart
from zconnect.runtime.assembly import assembled
from zconnect.runtime.handle import Runtime
from zconnect.runtime.memory import Memory
from zconnect.values import NO_BODY, Call, Headers, Kind, Peer, Place, Request, Response

Assemble = Callable[..., Awaitable[Runtime]]


@element
class Echo(ResourcePart):
    """Answers with the path below it."""

    tag: ClassVar[str] = "usr_echo"
    path: str = attr(default="/echo/*", doc="Where it answers")
    managed: bool = attr(default=False, doc="Guarded by the manager")

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        """One offer."""
        protection = Managed() if self.managed else Protection(secure=False, roles=None)
        return (Offer(pattern=self.path, kind=Kind.API, name=self.id, service=self, protection=protection),)

    async def invoke(self, call: Call) -> Response:
        """The path below the resource, as text."""
        return Response(200, (), call.subpath.encode())


@pytest.fixture
async def assemble(tmp_path: Path) -> AsyncIterator[Assemble]:
    place = Place("test", tmp_path, tmp_path, tmp_path, tmp_path)
    async with AsyncExitStack() as held:

        async def make(*elements: Element, features: tuple[str, ...] = ()) -> Runtime:
            return await held.enter_async_context(assembled(Configuration(elements, features), place, Memory()))

        yield make


def asking(path: str, method: str = "GET") -> Request:
    """A request over plain http from this machine."""
    peer = Peer("127.0.0.1", 1, "127.0.0.1", 9080)
    return Request(method, path, path, "", Headers([(b"host", b"localhost")]), NO_BODY, peer, "http", "localhost:9080", "1.1", 0.0, "1", {})
