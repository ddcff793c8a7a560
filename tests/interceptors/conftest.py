"""A runtime with a service that does what a test wants, and interceptors round it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import field
from pathlib import Path
from typing import ClassVar

import pytest

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, element
from zconnect.errors import Refused
from zconnect.interceptors.chain import Chain, open_chain
from zconnect.roles import Assembly, Interceptor, InterceptorPart, Interceptors
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.values import NO_BODY, Access, Call, Groups, Headers, Identity, Kind, Outcome, Peer, Place, Request, Resource, Response

ALICE = Identity("alice", "realm", "alice", frozenset({"callers"}), "BASIC", "ALICE")
RESOURCE = Resource(Kind.API, "catalog", groups=Groups(invoke=frozenset({"callers"})))


@element
class Spy(InterceptorPart, Interceptor):
    """Writes down what it sees; `fails` says where it raises what."""

    tag: ClassVar[str] = "usr_spy"
    seen: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    async def open(self, assembly: Assembly) -> Interceptor:
        """Itself."""
        return self

    async def pre_invoke(self, call: Call) -> None:
        """Note it."""
        self._note("pre")

    async def post_invoke(self, call: Call, outcome: Outcome) -> None:
        """Note it."""
        self.outcomes.append(outcome)
        self._note("post")

    async def early_failure(self, request: Request, identity: Identity | None, resource: Resource, refusal: Refused) -> None:
        """Note it."""
        self.outcomes.append(Outcome(refusal.status, len(refusal.body), 0, refusal.reason))
        self._note("early")

    def _note(self, what: str) -> None:
        self.seen.append(f"{what} {self.id}")
        if what in self.fails:
            raise self.fails[what]


class Answers:
    """A service that answers with a response, or raises an exception."""

    def __init__(self, answer: Response | BaseException) -> None:
        self.answer = answer

    async def invoke(self, call: Call) -> Response:
        """The answer."""
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


OK = Answers(Response(200, (), b"fine"))


def asking(method: str = "GET", path: str = "/catalog/items", query: str = "", **headers: str) -> Request:
    """A request over TLS from this machine."""
    fields = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    peer = Peer("192.0.2.7", 4711, "192.0.2.1", 9443, secure=True)
    target = f"{path}?{query}" if query else path
    return Request(method, target, path, query, Headers(fields), NO_BODY, peer, "https", "example.com", "1.1", 1_700_000_000.25, "r-1", {})


def calling(request: Request | None = None, identity: Identity | None = ALICE, access: Access = Access.INVOKE) -> Call:
    """A call to the catalog."""
    resource = Resource(RESOURCE.kind, RESOURCE.name, "", access, RESOURCE.groups)
    return Call(request or asking(), identity, resource, "/items")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("test", tmp_path, tmp_path, tmp_path, tmp_path / "logs")


@pytest.fixture
async def opened(place: Place) -> AsyncIterator[Callable[..., Awaitable[Chain]]]:
    """Opens a chain of global and own interceptors as the runtime does."""
    async with AsyncExitStack() as held:

        async def make(everywhere: tuple[InterceptorPart, ...] = (), own: tuple[InterceptorPart, ...] = ()) -> Chain:
            elements: tuple[Element, ...] = ()
            runtime = await held.enter_async_context(assembled(Configuration(elements), place, Memory()))
            general = Interceptors(id="everywhere", interceptors=everywhere) if everywhere else None
            return await open_chain(general, Interceptors(id="own", interceptors=own) if own else None, runtime.assembly)

        yield make


class Pieces:
    """A streamed body that may break off after its last piece."""

    def __init__(self, *pieces: bytes, breaks: BaseException | None = None) -> None:
        self.pieces = list(pieces)
        self.breaks = breaks
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await asyncio.sleep(0)
        if self.pieces:
            return self.pieces.pop(0)
        if self.breaks:
            raise self.breaks
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Note it."""
        self.closed = True


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[str], int]:
    """How often a message was logged."""
    caplog.set_level(logging.INFO)

    def count(number: str) -> int:
        return sum(number in record.getMessage() for record in caplog.records)

    return count
