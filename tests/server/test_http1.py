"""Connections of HTTP/1.1: order, reuse, and when they end."""

import asyncio
import gc
import weakref
from datetime import timedelta

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve, echo, reading
from zconnect.server.endpoint import TcpOptions
from zconnect.server.http1 import Http1Connection
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def test_requests_of_a_connection_are_answered_in_order(serve: Serve) -> None:
    """Keep-alive: one connection carries request after request."""
    client = await (await serve()).connect()
    for number in range(3):
        client.send(b"GET /%d?q=1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n" % number)
        status, fields, body = await client.answer()
        assert (status, body) == (200, b"GET /%d q=1 localhost:1 http 1.1\n" % number)
        assert fields.keys() == {b"content-type", b"content-length", b"date"}
    client.close()


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "in a task"])
async def test_pipelined_requests_are_answered_in_order(serve: Serve, wait: bool) -> None:
    """Requests that come in one piece are answered one after another, also when each has to wait."""

    async def answer(request: Request) -> Response:
        if wait:
            await asyncio.sleep(0)
        return Response(200, (), request.path.encode())

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(50)))
    assert [(await client.answer())[2] for _ in range(50)] == [b"/%d" % number for number in range(50)]
    client.close()
    assert (server.far.entries, server.far.under_way) == (50, 0)


async def test_too_many_pipelined_requests_end_the_connection(serve: Serve) -> None:
    """A caller who sends thousands without reading gets an end of it."""
    answer = await (await serve()).ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2000)
    assert answer.count(b"HTTP/1.1 200") <= 300
    assert answer.count(b"HTTP/1.1 400") == 1


@pytest.mark.parametrize(
    ("data", "connection"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"Close"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n", b"Close"),
        (b"GET / HTTP/1.0\r\nHost: a\r\n\r\n", None),
        (b"GET / HTTP/1.0\r\n\r\n", None),
    ],
)
async def test_a_connection_is_closed_where_the_caller_says_so(serve: Serve, data: bytes, connection: bytes | None) -> None:
    """`Connection: close`, and HTTP/1.0 without keep-alive; what is sent behind it is not read."""
    server = await serve()
    client = await server.connect()
    client.send(data + GET)
    _, fields, _ = await client.answer()
    assert fields.get(b"connection") == connection
    assert await client.rest() == b""
    assert len(server.far.requests) == 1
    client.close()


async def test_http_1_0_may_keep_the_connection(serve: Serve) -> None:
    """Keep-Alive is confirmed to those who asked for it."""
    client = await (await serve()).connect()
    for _ in range(2):
        client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        assert (await client.answer())[1][b"connection"] == b"Keep-Alive"
    client.close()


@pytest.mark.parametrize(
    ("options", "served"),
    [
        (HttpOptions(keep_alive_enabled=False), 1),
        (HttpOptions(max_keep_alive_requests=0), 1),
        (HttpOptions(max_keep_alive_requests=1), 1),
        (HttpOptions(max_keep_alive_requests=2), 2),
    ],
)
async def test_the_number_of_requests_of_a_connection_is_limited(serve: Serve, options: HttpOptions, served: int) -> None:
    """keepAliveEnabled and maxKeepAliveRequests; 0 means 1 (recorded)."""
    answer = await (await serve(options=options)).ask(GET * 5)
    assert answer.count(b"HTTP/1.1 200") == served
    assert answer.count(b"connection: Close") == 1


async def test_a_half_closed_connection_still_gets_its_answer(serve: Serve) -> None:
    """A caller who has said all he wants may close his side."""

    async def answer(request: Request) -> Response:
        await asyncio.sleep(0.05)
        return await echo(request)

    client = await (await serve(answer=answer)).connect()
    client.send(GET)
    client.writer.write_eof()
    assert (await client.rest()).startswith(b"HTTP/1.1 200")


MOMENT = timedelta(milliseconds=100)
QUICK = HttpOptions(read_timeout=MOMENT, persist_timeout=MOMENT, write_timeout=MOMENT)
# What is sent, whether a byte follows from time to time, and what the caller is told.
HOSTILE = {
    "silence": (b"", False, b""),
    "half a head": (b"GET / HTTP/1.1\r\nHost: a\r\n", False, b"HTTP/1.1 408"),
    "slow head": (b"GET / HTTP/1.1\r\nX: ", True, b"HTTP/1.1 408"),
    "slow target": (b"GET /", True, b"HTTP/1.1 408"),
    "slow method": (b"GE", False, b""),
    "slow body": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", True, b"HTTP/1.1 408"),
    "slow chunk": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n", True, b"HTTP/1.1 408"),
    "slow trailer": (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", True, b"HTTP/1.1 408"),
    "idle": (GET, False, b"HTTP/1.1 200"),
    "half of the next head": (GET + b"GET / HT", False, b"HTTP/1.1 200"),
}


async def test_who_wastes_time_is_shown_out_and_the_others_are_served(serve: Serve) -> None:
    """Slow heads, bodies and idle connections end by themselves; meanwhile a healthy caller is answered."""
    server = await serve(answer=reading, options=QUICK, tcp=TcpOptions(inactivity_timeout=MOMENT))

    async def hostile(data: bytes, trickles: bool) -> bytes:
        client = await server.connect()
        client.send(data)
        got = asyncio.ensure_future(client.rest())
        while trickles and not got.done():
            client.send(b"a")
            await asyncio.sleep(0.05)
        return await got

    waste = asyncio.gather(*(hostile(data, trickles) for data, trickles, _ in HOSTILE.values()))
    while not waste.done():
        assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.05)
    for (name, (_, _, told)), got in zip(HOSTILE.items(), await waste, strict=True):
        assert got.startswith(told), name
        assert told or not got, name


async def test_many_connections_that_say_nothing_hold_up_nobody(serve: Serve) -> None:
    """Five hundred of them."""
    server = await serve()
    crowd = [await server.connect() for _ in range(500)]
    assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")
    assert len(crowd) == 500


async def test_half_a_head_behind_requests_that_wait_is_timed_too(serve: Serve) -> None:
    """Also where reading was held back meanwhile."""

    async def answer(request: Request) -> Response:
        await asyncio.sleep(0.05)
        return Response(200)

    client = await (await serve(answer=answer, options=QUICK)).connect()
    client.send(GET[:7])
    await asyncio.sleep(0.05)
    client.send(GET[7:] + GET + GET[:-2])
    got = await client.rest()
    assert (got.count(b"HTTP/1.1 200"), got.count(b"HTTP/1.1 408")) == (2, 1)
    client.close()


async def test_each_head_has_its_own_time(serve: Serve) -> None:
    """One who never stops in between two requests is not slow."""
    server = await serve(options=HttpOptions(read_timeout=timedelta(seconds=2)))
    client = await server.connect()
    client.send(GET[:7])
    for _ in range(8):
        await asyncio.sleep(0.5)
        client.send(GET[7:] + GET[:7])
    client.send(GET[7:] + LAST)
    got = await client.rest()
    assert (got.count(b"HTTP/1.1 200"), got.count(b"HTTP/1.1 408")) == (10, 0)
    client.close()


@pytest.mark.parametrize("secure", [False, True], ids=["clear text", "TLS"])
@pytest.mark.parametrize("body", [b"", b"Content-Length: 4\r\n\r\nbody"], ids=["no body", "a body"])
async def test_a_closed_connection_is_gone_without_the_garbage_collector(
    serve: Serve, authority: Authority, secure: bool, body: bytes
) -> None:
    """It holds a quarter of a megabyte with TLS, and the collector comes seldom."""
    server = await serve(authority.tls(), https_port=0) if secure else await serve()
    client = await server.connect(authority.client() if secure else None)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + (body or b"\r\n"))
    assert (await client.answer())[0] == 200
    server.far.requests.clear()
    gc.collect()
    alive = weakref.WeakSet(each for each in gc.get_objects() if isinstance(each, Http1Connection))
    assert alive
    gc.disable()
    try:
        client.close()
        async with asyncio.timeout(20):
            while alive:
                await asyncio.sleep(0.01)
    finally:
        gc.enable()
