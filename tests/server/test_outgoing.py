"""Answers that are sent as they come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.server.conftest import Serve
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def pieces(request: Request) -> Response:
    """Six bytes in three pieces; `?n` announces n bytes."""

    async def body() -> AsyncIterator[bytes]:
        for piece in (b"ab", b"", b"cdef"):
            await asyncio.sleep(0)
            yield piece

    return Response(200, ((b"content-length", request.query.encode()),) if request.query else (), body())


async def test_pieces_are_chunks(serve: Serve) -> None:
    """Without a length in HTTP/1.1; an empty piece does not end the answer, and the connection goes on."""
    client = await (await serve(answer=pieces)).connect()
    for _ in range(2):
        client.send(GET)
        _, fields, body = await client.answer()
        assert (fields[b"transfer-encoding"], body) == (b"chunked", b"abcdef")


async def test_an_announced_length_is_kept(serve: Serve) -> None:
    """Then there are no chunks."""
    client = await (await serve(answer=pieces)).connect()
    for _ in range(2):
        client.send(GET.replace(b"/ ", b"/?6 "))
        _, fields, body = await client.answer()
        assert (b"transfer-encoding" in fields, body) == (False, b"abcdef")


@pytest.mark.parametrize(("announced", "sent"), [(b"5", b"ab"), (b"7", b"abcdef")])
async def test_a_broken_length_ends_the_connection(serve: Serve, announced: bytes, sent: bytes) -> None:
    """More or less than announced: what follows could not be told from the body."""
    try:
        answer = await (await serve(answer=pieces)).ask(GET.replace(b"/ ", b"/?%b " % announced) + GET)
    except ConnectionResetError:
        return
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.partition(b"\r\n\r\n")[2] in {sent, b""}


async def test_http_1_0_reads_until_the_end(serve: Serve) -> None:
    """There are no chunks in HTTP/1.0."""
    answer = await (await serve(answer=pieces)).ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b"abcdef"
    assert b"transfer-encoding" not in head
    assert b"keep-alive" not in head.lower()


@pytest.mark.parametrize("method", [b"HEAD", b"GET"])
async def test_nothing_is_read_from_a_stream_that_is_not_sent(serve: Serve, method: bytes) -> None:
    """HEAD and 304 close it unread."""
    events: list[str] = []

    class Body:
        def __aiter__(self) -> AsyncIterator[bytes]:
            events.append("read")
            return self

        async def __anext__(self) -> bytes:
            raise StopAsyncIteration

    async def answer(request: Request) -> Response:
        return Response(200 if request.method == "HEAD" else 304, (), Body())

    client = await (await serve(answer=answer)).connect()
    for _ in range(2):
        client.send(method + GET[3:])
        assert (await client.answer(head=True))[0] in {200, 304}
    assert events == []


async def test_a_fault_in_the_middle_is_seen_by_the_caller(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The last chunk never comes."""

    async def body() -> AsyncIterator[bytes]:
        yield b"ab"
        raise RuntimeError("in the middle")

    async def answer(request: Request) -> Response:
        return Response(200, (), body())

    server = await serve(answer=answer)
    try:
        assert b"0\r\n\r\n" not in await server.ask(GET)
    except ConnectionResetError:
        pass
    assert "ZCON0801E" in caplog.text
    assert server.far.under_way == 0


async def test_the_service_is_held_back_and_told_when_the_caller_leaves(serve: Serve) -> None:
    """A caller who does not read stops it; when he closes, its stream is closed."""
    sent, ended = 0, asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        try:
            while True:
                sent += 65536
                yield b"x" * 65536
        finally:
            ended.set()

    async def answer(request: Request) -> Response:
        return Response(200, (), body())

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(GET)
    await asyncio.sleep(0.2)
    before = sent
    await asyncio.sleep(0.1)
    assert sent == before < 64 << 20
    client.writer.transport.abort()
    async with asyncio.timeout(20):
        await ended.wait()
    await asyncio.sleep(0.01)
    assert server.far.under_way == 0


async def test_a_stream_that_waits_ends_with_its_caller(serve: Serve) -> None:
    """Nobody has to write for the server to notice."""
    ended = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def answer(request: Request) -> Response:
        return Response(200, (), body())

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(GET)
    await client.reader.readuntil(b"first")
    client.close()
    async with asyncio.timeout(20):
        await ended.wait()


async def test_an_answer_that_nobody_reads_is_given_up(serve: Serve) -> None:
    """writeTimeout."""
    ended = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            ended.set()

    async def answer(request: Request) -> Response:
        return Response(200, (), body())

    client = await (await serve(answer=answer, options=HttpOptions(write_timeout=timedelta(milliseconds=100)))).connect()
    client.send(GET)
    async with asyncio.timeout(20):
        await ended.wait()
