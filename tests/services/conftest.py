"""A runtime over real services, requests to it, and real back ends on the loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.runtime.assembly import assembled
from zconnect.runtime.handle import Runtime
from zconnect.runtime.manager import Manager
from zconnect.runtime.memory import Memory
from zconnect.values import NO_BODY, Body, Headers, Peer, Place, Request, Response

Assemble = Callable[..., Awaitable[Runtime]]
OPEN = Manager(require_auth=False, require_secure=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "apps").mkdir()
    return Place("test", tmp_path, tmp_path, tmp_path, tmp_path / "logs")


@pytest.fixture
def write(place: Place) -> Callable[[str, str], Path]:
    """Writes a file into the folder of applications."""

    def write(name: str, text: str) -> Path:
        path = place.config_dir / "apps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    return write


@pytest.fixture
async def assemble(place: Place) -> AsyncIterator[Assemble]:
    """Makes a runtime that lives as long as the test; without a manager nobody has to log in."""
    async with AsyncExitStack() as held:

        async def make(*elements: Element) -> Runtime:
            if not any(isinstance(element, Manager) for element in elements):
                elements = (OPEN, *elements)
            return await held.enter_async_context(assembled(Configuration(elements), place, Memory()))

        yield make


class Sent:
    """The body of a request in pieces; it may break off."""

    def __init__(self, *pieces: bytes, length: int | None = None, refusal: Refused | None = None) -> None:
        self.pieces = list(pieces)
        self.length = length
        self.refusal = refusal
        self.received = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.pieces:
            await asyncio.sleep(0)
            self.received += len(self.pieces[0])
            yield self.pieces.pop(0)
        if self.refusal:
            raise self.refusal

    async def read(self) -> bytes:
        """All of it."""
        return b"".join([piece async for piece in self])

    async def peek(self) -> bytes:
        """All of it, which stays."""
        self.pieces = [await self.read()]
        return self.pieces[0]


def whole(data: bytes) -> Sent:
    """A body of known length in one piece."""
    return Sent(data, length=len(data))


def asking(path: str, query: str = "", method: str = "GET", body: Body = NO_BODY, secure: bool = False, **headers: str) -> Request:
    """A request from this machine."""
    fields = [(b"host", b"localhost"), *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())]
    peer = Peer("127.0.0.1", 4711, "127.0.0.2", 9080, secure)
    target = f"{path}?{query}" if query else path
    scheme = "https" if secure else "http"
    return Request(method, target, path, query, Headers(fields), body, peer, scheme, "localhost:9080", "1.1", 0.0, "r-1", {})


async def body_of(response: Response) -> bytes:
    """The whole body, streamed or not."""
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([piece async for piece in response.body])


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[str], int]:
    """How often a text was logged."""
    caplog.set_level(logging.INFO)

    def count(text: str) -> int:
        return sum(text in record.getMessage() for record in caplog.records)

    return count
