"""The body of a request as a service reads it."""

import asyncio
from datetime import timedelta

import pytest

from tests.server.client2 import Client2
from tests.server.conftest import Serve, echo, reading
from zconnect.errors import Refused
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


async def sizes(request: Request) -> Response:
    """How long each piece was, and what was announced."""
    pieces = [len(piece) async for piece in request.body]
    return Response(200, (), f"{sum(pieces)} {request.body.received} {request.body.length}".encode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (POST + b"\r\n", b"0 0 0"),
        (POST + b"Content-Length: 0\r\n\r\n", b"0 0 0"),
        (POST + b"Content-Length: 5\r\n\r\nhello", b"5 5 5"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"0 0 None"),
        (POST + b"Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n00a\r\n0123456789\r\n0\r\nX: trailer\r\n\r\n", b"13 13 None"),
        (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello", b"5 5 5"),
        (POST + b"Connection: Upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"5 5 None"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"3 3 3"),
        (b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc", b"3 3 3"),
    ],
)
@pytest.mark.parametrize("apart", [False, True], ids=["at once", "byte by byte"])
async def test_every_framing_is_read(serve: Serve, data: bytes, said: bytes, apart: bool) -> None:
    """RFC 9112 section 6; an offered upgrade that is not taken changes nothing, and the next request is found."""
    client = await (await serve(answer=sizes)).connect()
    for start in range(len(data)) if apart else ():
        client.send(data[start : start + 1])
        await asyncio.sleep(0)
        if start % 16 == 0:
            await asyncio.sleep(0.001)
    if not apart:
        client.send(data)
    assert (await client.answer())[2] == said
    client.send(POST + b"Content-Length: 2\r\n\r\nok")
    assert (await client.answer())[2] == b"2 2 2"


async def test_the_sender_is_held_back(serve: Serve) -> None:
    """What a service does not read fills a buffer and the sockets, not the memory of the server."""
    go = asyncio.Event()

    async def answer(request: Request) -> Response:
        await go.wait()
        return await sizes(request)

    server = await serve(answer=answer, options=HttpOptions(incoming_body_buffer_size=1024))
    client = await server.connect()
    size = 32 << 20
    client.send(POST + b"Content-Length: %d\r\n\r\n" % size)
    client.send(b"x" * size)
    while not server.far.requests:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert server.far.requests[0].body.received < 1 << 20
    go.set()
    assert (await client.answer())[2] == b"%d %d %d" % (size, size, size)


async def test_continue_is_said_when_the_body_is_read(serve: Serve) -> None:
    """Expect: 100-continue (RFC 9110 section 10.1.1): once, and only to those who wait."""
    server = await serve()
    client = await server.connect()
    client.send(POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert (await client.answer())[0] == 100
    client.send(b"hello")
    assert (await client.answer())[2].endswith(b"hello")
    client.send(POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
    assert (await client.answer())[0] == 200
    client.send(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
    assert (await client.answer())[0] == 200


async def test_no_continue_for_a_body_that_nobody_reads(serve: Serve) -> None:
    """The answer comes at once; since the body may come or not, the connection ends."""

    async def answer(request: Request) -> Response:
        return Response(403)

    client = await (await serve(answer=answer)).connect()
    client.send(POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    status, fields, _ = await client.answer()
    assert (status, fields[b"connection"]) == (403, b"Close")
    assert await client.rest() == b""


@pytest.mark.parametrize(("size", "kept"), [(60000, True), (70000, False), (5_000_000, False)])
async def test_a_body_that_nobody_read_is_passed_over_or_ends_the_connection(serve: Serve, size: int, kept: bool) -> None:
    """A little is worth the connection; much is not, but the caller gets his answer all the same."""

    async def answer(request: Request) -> Response:
        return Response(200, (), b"unread")

    client = await (await serve(answer=answer)).connect()
    client.send(POST + b"Content-Length: %d\r\n\r\n" % size)
    status, fields, _ = await client.answer()
    assert (status, b"connection" in fields) == (200, not kept)
    client.send(b"x" * size)
    if kept:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.answer())[0] == 200


async def test_a_caller_who_leaves_breaks_the_body_off(serve: Serve) -> None:
    """The service gets a refusal, never the half as if it were the whole."""
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def answer(request: Request) -> Response:
        try:
            await ended.put((await request.body.read()).decode())
        except Refused as refusal:
            await ended.put(refusal.reason)
        return Response(200)

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(POST + b"Content-Length: 10\r\n\r\nhello")
    while not server.far.requests:
        await asyncio.sleep(0.001)
    client.close()
    async with asyncio.timeout(20):
        assert (await ended.get()).startswith("ZCON0806W")
    await asyncio.sleep(0.01)
    assert server.far.under_way == 0


async def test_a_body_that_stands_still_is_given_up(serve: Serve) -> None:
    """readTimeout: the service is told, and its answer says 408."""
    client = await (await serve(answer=reading, options=HttpOptions(read_timeout=timedelta(milliseconds=100)))).connect()
    client.send(POST + b"Content-Length: 10\r\n\r\nhello")
    status, fields, _ = await client.answer()
    assert (status, fields[b"connection"]) == (408, b"Close")
    assert await client.rest() == b""


async def test_a_service_may_take_its_time(serve: Serve) -> None:
    """The caller's time does not run while it is the service that does not read."""

    async def answer(request: Request) -> Response:
        await asyncio.sleep(1.5)
        return await echo(request)

    server = await serve(answer=answer, options=HttpOptions(read_timeout=timedelta(milliseconds=100), incoming_body_buffer_size=1024))
    client = await server.connect()
    client.send(POST + b"Content-Length: 3000000\r\n\r\n")
    client.send(b"x" * 3000000)
    assert len((await client.answer())[2]) > 3000000


async def test_an_empty_frame_is_not_the_end(serve: Serve) -> None:
    """HTTP/2 allows any number of them, also before and between others (RFC 9113 section 6.1; CVE-2019-9518)."""
    pieces: list[bytes] = []

    async def answer(request: Request) -> Response:
        pieces.extend([piece async for piece in request.body])
        return Response(200)

    client = await Client2.to(await serve(answer=answer))
    number = client.ask(b"/", (b"content-length", b"3"), method=b"POST", body=b"")
    for piece in (b"", b"", b"abc", b""):
        client.h2.send_data(number, piece)
    client.h2.end_stream(number)
    client.flush()
    assert (await client.answer(number)).status == 200
    assert pieces == [b"abc"]
    client.close()
