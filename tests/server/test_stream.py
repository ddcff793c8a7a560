"""Streams of HTTP/2: bodies and answers, flow control both ways, limits of time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from h2.errors import ErrorCodes

from tests.server.client2 import Client2
from tests.server.conftest import Serve, echo
from zconnect.errors import Refused
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response


@pytest.mark.parametrize("size", [0, 1, 16384, 65535, 65536, 1 << 20])
async def test_bodies_flow_both_ways(serve: Serve, size: int) -> None:
    """Bodies larger than any window come through whole, in both directions."""

    async def answer(request: Request) -> Response:
        return Response(200, (), await request.body.read())

    client = await Client2.to(await serve(answer=answer))
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    number = client.ask(method=b"POST", body=b"")
    sent = 0
    while sent < size:
        room = min(client.h2.local_flow_control_window(number), client.h2.max_outbound_frame_size, size - sent)
        if room:
            client.h2.send_data(number, body[sent : sent + room])
            sent += room
            client.flush()
        else:
            await client.read()
    client.h2.end_stream(number)
    client.flush()
    assert (await client.answer(number)).body == body
    client.close()


@pytest.mark.parametrize(("announced", "ended"), [(None, True), (6, True), (7, False), (5, False)])
async def test_answers_may_come_in_pieces(serve: Serve, announced: int | None, ended: bool) -> None:
    """A stream of pieces is sent as it comes; one that breaks its announced length is reset."""

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"ab", b"", b"cdef"):
            await asyncio.sleep(0)
            yield piece

    async def answer(request: Request) -> Response:
        return Response(200, () if announced is None else ((b"content-length", b"%d" % announced),), pieces())

    client = await Client2.to(await serve(answer=answer))
    try:
        answered = await client.answer(client.ask())
    except Exception:
        assert not ended  # h2 itself finds the length wrong
    else:
        assert (answered.ended, answered.body if ended else b"") == (ended, b"abcdef" if ended else b"")
    client.close()


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
async def test_some_answers_have_no_body(serve: Serve, method: bytes, status: int) -> None:
    """HEAD, 204 and 304 end with their head."""

    async def answer(request: Request) -> Response:
        return Response(status, (), b"body")

    client = await Client2.to(await serve(answer=answer))
    answered = await client.answer(client.ask(method=method))
    assert (answered.status, answered.body, answered.ended) == (status, b"", True)
    client.close()


async def test_continue_is_said_when_the_body_is_read(serve: Serve) -> None:
    """Expect: 100-continue, and no other informational answer."""
    client = await Client2.to(await serve())
    number = client.ask(b"/", (b"expect", b"100-continue"), method=b"POST", body=b"")
    while not client.answers[number].continues:
        await client.read()
    client.h2.send_data(number, b"hello", end_stream=True)
    client.flush()
    assert (await client.answer(number)).body.endswith(b"hello")
    client.close()


async def test_messages_are_limited(serve: Serve) -> None:
    """MessageSizeLimit, announced or not."""

    async def answer(request: Request) -> Response:
        try:
            return await echo(request)
        except Refused as refusal:
            return Response(refusal.status)

    client = await Client2.to(await serve(answer=answer, options=HttpOptions(message_size_limit=500)))
    assert (await client.answer(client.ask(b"/", (b"content-length", b"600"), method=b"POST", body=b"b" * 600))).status == 413
    assert (await client.answer(client.ask(method=b"POST", body=b"b" * 600))).status == 413
    assert (await client.answer(client.ask(method=b"POST", body=b"b" * 100))).status == 200
    client.close()


async def test_a_caller_who_takes_nothing_gets_no_more_than_the_window(serve: Serve) -> None:
    """The service is held back, and when the caller has gone its stream is closed."""
    sent, ended = 0, asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        try:
            while True:
                sent += 1000
                yield b"x" * 1000
        finally:
            ended.set()

    async def answer(request: Request) -> Response:
        return Response(200, (), pieces())

    server = await serve(answer=answer)
    client = await Client2.to(server)
    client.acknowledge = False
    number = client.ask()
    while len(client.answers[number].body) < 65535:
        await client.read()
    await asyncio.sleep(0.05)
    assert sent <= 67000
    client.close()
    async with asyncio.timeout(20):
        await ended.wait()
    await asyncio.sleep(0)
    assert server.far.under_way == 0


async def test_a_caller_who_sends_is_held_back(serve: Serve) -> None:
    """A body that nobody reads fills one window and no more."""
    go = asyncio.Event()

    async def answer(request: Request) -> Response:
        await go.wait()
        return await echo(request)

    client = await Client2.to(await serve(answer=answer))
    number = client.ask(method=b"POST", body=b"")
    for start in range(0, 65535, 16384):
        client.h2.send_data(number, b"x" * min(16384, 65535 - start))
    client.flush()
    other = client.ask(method=b"POST", body=b"")
    await asyncio.sleep(0.05)
    assert client.h2.local_flow_control_window(number) == 0
    go.set()
    client.h2.end_stream(number)
    client.flush()
    assert len((await client.answer(number)).body) > 65535
    client.h2.end_stream(other)
    client.flush()
    assert (await client.answer(other)).status == 200
    client.close()


async def test_what_stands_still_is_ended(serve: Serve) -> None:
    """readTimeout for a body, writeTimeout for a window, persistTimeout for an idle connection."""
    moment = timedelta(milliseconds=100)

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10000

    async def answer(request: Request) -> Response:
        if request.method == "GET":
            return Response(200, (), pieces())
        try:
            return await echo(request)
        except Refused as refusal:
            return Response(refusal.status)

    options = HttpOptions(read_timeout=moment, write_timeout=moment, persist_timeout=moment)
    client = await Client2.to(await serve(answer=answer, options=options))
    client.acknowledge = False
    unread, unsent = client.ask(), client.ask(method=b"POST", body=b"")
    assert (await client.answer(unsent)).status == 408
    assert (await client.answer(unread)).reset == ErrorCodes.INTERNAL_ERROR
    await client.end()
    assert client.goaway == ErrorCodes.NO_ERROR
    client.close()
