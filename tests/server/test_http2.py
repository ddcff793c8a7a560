"""Connections of HTTP/2: how they begin, how many streams they carry, when they end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import SettingsFrame

from tests.server.certificates import Authority
from tests.server.client2 import Client2
from tests.server.conftest import Serve
from tests.server.test_httpoptions import written
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response


async def test_a_request_is_answered(serve: Serve) -> None:
    """Prior knowledge in clear text: the preface is enough."""
    client = await Client2.to(await serve())
    answer = await client.answer(client.ask(b"/a/../b?c=d", (b"x-a", b"b")))
    assert (answer.status, answer.body) == (200, b"GET /b c=d localhost http 2.0\n")
    assert set(answer.fields) == {b":status", b"content-type", b"content-length", b"date"}
    client.close()


async def test_an_idle_connection_stays_where_its_time_is_off(serve: Serve, tmp_path: Path) -> None:
    """One of HTTP/1.1 ends meanwhile; without the attribute both end (test_stream.py)."""
    options = replace(written(tmp_path, 'http2ConnectionIdleTimeout="0"'), persist_timeout=timedelta(milliseconds=100))
    server = await serve(options=options)
    client, plain = await Client2.to(server), await server.connect()
    assert (await client.answer(client.ask())).status == 200
    for _ in range(3):
        plain.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await plain.rest()
        plain = await server.connect()
    plain.close()
    assert (await client.answer(client.ask())).status == 200
    client.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (HttpOptions(), {3: 100, 5: 57344}),
        (
            HttpOptions(max_concurrent_streams=7, max_frame_size=20000, settings_initial_window_size=70000),
            {3: 7, 4: 70000, 5: 20000},
        ),
    ],
)
async def test_the_caller_is_told_the_limits(serve: Serve, options: HttpOptions, told: dict[int, int]) -> None:
    """What is the default of the protocol is not said."""
    client = await (await serve(options=options)).connect()
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
    frame, size = SettingsFrame.parse_frame_header(memoryview(await client.reader.readexactly(9)))
    frame.parse_body(memoryview(await client.reader.readexactly(size)))
    assert isinstance(frame, SettingsFrame)
    assert frame.settings == told
    client.close()


async def test_tls_clients_choose_it_by_alpn(serve: Serve, authority: Authority) -> None:
    """h2 where the client offers it, HTTP/1.1 where it does not."""
    server = await serve(authority.tls(), https_port=0)
    client = await Client2.to(server, authority.client(alpn=("http/1.1", "h2")))
    assert (await client.answer(client.ask(scheme=b"https"))).body == b"GET /  localhost https 2.0\n"
    client.close()
    plain = await server.connect(authority.client())
    plain.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await plain.answer())[2] == b"GET /  localhost https 1.1\n"
    plain.close()


async def test_it_can_be_left_out(serve: Serve, authority: Authority) -> None:
    """protocolVersion http/1.1: no ALPN, and the preface is a bad request."""
    server = await serve(authority.tls(), https_port=0, protocol_version="http/1.1")
    context = authority.client(alpn=("h2", "http/1.1"))
    client = await server.connect(context)
    assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() is None
    assert (await server.ask(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).startswith(b"HTTP/1.1 ")


async def test_streams_do_not_wait_for_each_other(serve: Serve) -> None:
    """A slow request does not hold up the others of its connection."""
    slow = asyncio.Event()

    async def answer(request: Request) -> Response:
        if request.path == "/slow":
            await slow.wait()
        return Response(200, (), request.path.encode())

    server = await serve(answer=answer)
    client = await Client2.to(server)
    first = client.ask(b"/slow")
    assert (await client.answer(client.ask(b"/fast"))).body == b"/fast"
    slow.set()
    assert (await client.answer(first)).body == b"/slow"
    client.close()
    assert (server.far.entries, server.far.under_way) == (2, 0)


async def test_streams_at_once_are_limited(serve: Serve) -> None:
    """maxConcurrentStreams counts what is at work here, so resetting streams is no way round it."""
    go = asyncio.Event()

    async def answer(request: Request) -> Response:
        await go.wait()
        return Response(200)

    server = await serve(answer=answer, options=HttpOptions(max_concurrent_streams=3))
    client = await Client2.to(server)
    for _ in range(3):
        client.h2.reset_stream(client.ask(), ErrorCodes.CANCEL)
    refused = await client.answer(client.ask())
    assert refused.reset == ErrorCodes.REFUSED_STREAM
    assert server.far.under_way == 3
    go.set()
    client.close()


@pytest.mark.parametrize(("options", "code"), [(HttpOptions(max_reset_frames=10), 11), (HttpOptions(max_reset_frames=0), None)])
async def test_resets_in_a_row_end_the_connection(serve: Serve, options: HttpOptions, code: int | None) -> None:
    """CVE-2023-44487: more than maxResetFrames in resetFramesWindow is too much; 0 is no limit."""
    server = await serve(options=options)
    client = await Client2.to(server)
    for _ in range(20):
        client.h2.reset_stream(client.ask(), ErrorCodes.CANCEL)
    client.flush()
    if code is None:
        assert (await client.answer(client.ask())).status == 200
    else:
        await client.end()
        assert client.goaway == code
    client.close()


async def test_refused_streams_in_a_row_end_the_connection(serve: Serve) -> None:
    """More than maxStreamsRefused is too much."""
    go = asyncio.Event()

    async def answer(request: Request) -> Response:
        await go.wait()
        return Response(200)

    client = await Client2.to(await serve(answer=answer, options=HttpOptions(max_concurrent_streams=1, max_streams_refused=5)))
    for _ in range(8):
        client.h2.reset_stream(client.ask(), ErrorCodes.CANCEL)
    client.flush()
    await client.end()
    assert client.goaway == ErrorCodes.ENHANCE_YOUR_CALM
    go.set()
    client.close()


async def test_a_drain_finishes_what_is_under_way(serve: Serve) -> None:
    """GOAWAY at once, the answer afterwards, then the end."""
    go = asyncio.Event()

    async def answer(request: Request) -> Response:
        await go.wait()
        return Response(200, (), b"done")

    server = await serve(answer=answer)
    client, idle = await Client2.to(server), await Client2.to(server)
    client.ask()
    while not server.far.under_way:
        await asyncio.sleep(0)
    drained = asyncio.ensure_future(server.endpoints.drain(10))
    await idle.end()
    while client.goaway is None:
        await client.read()
    go.set()
    await client.end()
    assert b"done" in client.late
    assert await drained is True
    client.close()
    idle.close()
