"""How whole answers of HTTP/1.1 are framed, and what becomes of those that cannot be sent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.server.certificates import Authority
from tests.server.client2 import Client2
from tests.server.conftest import Serve
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "status", "body", "head", "rest"),
    [
        (b"GET", 200, b"body", b"content-length: 4", b"body"),
        (b"HEAD", 200, b"body", b"content-length: 4", b""),
        (b"GET", 204, b"", None, b""),
        (b"GET", 204, b"lost", None, b""),
        (b"GET", 304, b"", None, b""),
        (b"HEAD", 404, b"", None, b""),
        (b"GET", 404, b"", b"content-length: 0", b""),
        (b"GET", 299, b"x", b"content-length: 1", b"x"),
    ],
)
async def test_framing_of_whole_answers(serve: Serve, method: bytes, status: int, body: bytes, head: bytes | None, rest: bytes) -> None:
    """RFC 9110 section 6.4.1: HEAD, 204 and 304 have no body; lengths are right."""

    async def answer(request: Request) -> Response:
        return Response(status, (), body)

    answered = await (await serve(answer=answer)).ask(method + b" / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    block, _, after = answered.partition(b"\r\n\r\n")
    assert block.startswith(b"HTTP/1.1 %d " % status)
    assert after == rest
    assert (head or b"date") in block
    assert head is not None or b"content-length" not in block


async def test_fields_of_the_connection_are_the_servers(serve: Serve) -> None:
    """What a service says about framing and connection is left out; its date is kept."""
    fields = ((b"connection", b"upgrade"), (b"transfer-encoding", b"x"), (b"content-length", b"77"), (b"date", b"then"), (b"x-a", b"b"))

    async def answer(request: Request) -> Response:
        return Response(200, fields, b"body")

    client = await (await serve(answer=answer)).connect()
    client.send(GET)
    assert (await client.answer())[1] == {b"content-length": b"4", b"date": b"then", b"x-a": b"b"}
    client.close()


@pytest.mark.parametrize(
    ("status", "fields", "last"),
    [(200, (), False), (200, ((b"connection", b"close"),), True), (401, (), False), (418, (), False), (403, (), True), (503, (), True)],
)
async def test_some_answers_are_the_last_on_their_connection(
    serve: Serve, status: int, fields: tuple[tuple[bytes, bytes], ...], last: bool
) -> None:
    """Errors are but for a few, as in Liberty, and those that say so themselves; what was sent behind them is not answered."""

    async def answer(request: Request) -> Response:
        return Response(status, fields, b"body")

    answered = await (await serve(answer=answer)).ask(GET + LAST)
    assert answered.count(b"HTTP/1.1 ") == (1 if last else 2)
    assert answered.count(b"connection: Close\r\n") == 1


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "in a task"])
async def test_a_fault_is_answered_without_its_cause(serve: Serve, wait: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever escapes from the runtime is status 500, and the server goes on."""

    async def answer(request: Request) -> Response:
        if wait:
            await asyncio.sleep(0)
        raise RuntimeError("the secret of the house")

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(GET)
    status, _, body = await client.answer()
    assert (status, body) == (500, b"")
    assert (await server.ask(GET)).startswith(b"HTTP/1.1 500 ")
    client.close()
    assert "ZCON0801E" in caplog.text
    assert server.far.under_way == 0


class Silent:
    """An answer in pieces of which none ever comes."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await asyncio.get_running_loop().create_future()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.ended.set()


@pytest.mark.parametrize("way", ["half closed", "gone", "HTTP/2"])
async def test_an_answer_in_pieces_ends_where_nobody_waits_for_it_any_more(serve: Serve, way: str) -> None:
    """Also if the caller left before it began, and if it never has a piece to send."""
    go, body = asyncio.Event(), Silent()

    async def answer(request: Request) -> Response:
        await go.wait()
        return Response(200, (), body)

    server = await serve(answer=answer, options=HttpOptions(write_timeout=timedelta(milliseconds=100)))
    two = await Client2.to(server) if way == "HTTP/2" else None
    client = None if two else await server.connect()
    if two is not None:
        two.h2.reset_stream(two.ask())
        two.flush()
    elif client is not None:
        client.send(GET)
        client.close()
    while not server.far.under_way:  # the server tells nobody
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    if way == "gone":
        for connection in tuple(server.endpoints._listeners["defaultHttpEndpoint"].edge.connections):
            connection.abort()
        await asyncio.sleep(0.05)
    go.set()
    async with asyncio.timeout(20):
        await body.ended.wait()
    await asyncio.sleep(0)
    assert server.far.under_way == 0
    if two is not None:
        two.close()


@pytest.mark.parametrize("way", ["one answer", "several", "TLS"])
async def test_who_reads_slowly_gets_the_whole_answer(serve: Serve, authority: Authority, way: str) -> None:
    """However long it takes; standing still is not the same (writeTimeout)."""
    size, piece = 8_000_000, 250_000

    async def answer(request: Request) -> Response:
        return Response(200, (), b"x" * size)

    options = HttpOptions(write_timeout=timedelta(seconds=10), persist_timeout=timedelta(seconds=1))
    server = await serve(authority.tls(), answer=answer, options=options, https_port=0)
    client = await server.connect(authority.client() if way == "TLS" else None)
    client.send(GET + LAST if way == "several" else LAST)
    got = 0
    for _ in range(10):
        await asyncio.sleep(0.4)
        got += len(await client.reader.readexactly(piece))
    assert got + len(await client.rest()) > size * (1 + (way == "several"))
    client.close()


async def test_a_large_answer_of_which_nothing_is_read_ends(serve: Serve) -> None:
    """writeTimeout."""

    async def answer(request: Request) -> Response:
        return Response(200, (), b"x" * 50_000_000)

    server = await serve(answer=answer, options=HttpOptions(write_timeout=timedelta(milliseconds=100)))
    client = await server.connect()
    client.send(GET)
    while server.far.under_way or not server.far.entries:  # the server tells nobody
        await asyncio.sleep(0.05)
    client.close()
