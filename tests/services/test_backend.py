"""Real back ends on the loopback: good ones, slow ones, and those that break off."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from tests.services.certificates import self_signed
from tests.services.conftest import Sent, asking, body_of, whole
from zconnect.errors import Refused
from zconnect.server.edge import Halfway, begun, carried
from zconnect.services.backend import SMALL, Backend, Settings
from zconnect.values import NO_BODY, Body, Call, Kind, Resource, Response

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Told = Callable[[str], int]
LONG = 30.0


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The URL of a real aiohttp server."""
    server = web.Server(handler)  # type: ignore[arg-type]  # a handler may give any response
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(speak: Raw) -> AsyncIterator[str]:
    """The URL of a server that speaks as a test wants."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def settings(url: str, **changes: object) -> Settings:
    given = Settings(url=url, connection_timeout=LONG, receive_timeout=LONG, connections=4)
    return replace(given, **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def reaching(url: str, **changes: object) -> AsyncIterator[Backend]:
    backend = Backend(settings(url, **changes))
    try:
        yield backend
    finally:
        await backend.close()


def calling(path: str = "/x", query: str = "", method: str = "GET", body: Body = NO_BODY, **headers: str) -> Call:
    return Call(asking(f"/api{path}", query, method, body, False, **headers), None, Resource(Kind.SERVICE, "stock"), path)


async def echo(request: web.Request) -> web.Response:
    """What came in, as lines."""
    body = await request.read()
    lines = [
        f"{request.method} {request.raw_path} {len(body)}",
        *sorted(f"{name.lower()}: {value}" for name, value in request.headers.items()),
    ]
    return web.Response(text="\n".join(lines), headers={"X-Answer": "1", "Set-Cookie": "LtpaToken2=x"})


@pytest.mark.parametrize(
    "body",
    [NO_BODY, whole(b"hello"), Sent(b"hel", b"lo"), Sent(b"x" * SMALL, b"y", length=SMALL + 1)],
    ids=["none", "small", "chunked", "large"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
async def test_method_path_query_and_body_pass_through(method: str, body: Body) -> None:
    """And of the header what an honest proxy passes on; nothing is added but the identifier."""
    async with serving(echo) as url, reaching(f"{url}/base") as backend:
        sent = Sent(*body.pieces, length=body.length) if isinstance(body, Sent) else body
        response = await backend.invoke(calling("/a b", "q=%20", method, sent, accept="a/b", authorization="Bearer x", cookie="c=d"))
        lines = (await body_of(response)).decode().splitlines()
    length = sum(map(len, body.pieces)) if isinstance(body, Sent) else 0
    assert lines[0] == f"{method} /base/a%20b?q=%20 {length}"
    names = {line.partition(":")[0] for line in lines[1:]}
    assert names - {"content-length", "transfer-encoding"} == {"host", "accept", "x-request-id"}
    assert dict(response.headers)[b"x-answer"] == b"1"
    assert b"set-cookie" not in dict(response.headers)


async def test_our_own_identity_and_method_are_sent() -> None:
    """basicAuthRef and httpMethod."""
    async with serving(echo) as url, reaching(url, authorization="Basic ours", method="POST") as backend:
        text = await body_of(await backend.invoke(calling(authorization="Basic his")))
    assert text.startswith(b"POST /x ")
    assert b"authorization: Basic ours" in text
    assert b"his" not in text


async def test_redirects_and_compression_are_the_callers_business() -> None:
    """Neither followed nor undone."""

    async def moved(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere", "Content-Encoding": "gzip"}, body=b"not really gzip")

    async with serving(moved) as url, reaching(url) as backend:
        response = await backend.invoke(calling())
        assert (response.status, await body_of(response)) == (302, b"not really gzip")
        assert {b"location", b"content-encoding"} <= set(dict(response.headers))


async def test_head_keeps_the_length_of_what_it_does_not_send() -> None:
    """For the edge to announce."""
    async with serving(echo) as url, reaching(url) as backend:
        response = await backend.invoke(calling(method="HEAD"))
    assert response.body == b""
    assert int(dict(response.headers)[b"content-length"]) > 0


async def test_a_long_answer_streams_and_holds_the_back_end_back() -> None:
    """Who does not read makes the back end wait; the bytes are all there in the end."""
    sent = 0

    async def many(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(256):
            await response.write(b"x" * 65_536)
            sent += 65_536
        return response

    async with serving(many) as url, reaching(url) as backend:
        response = await backend.invoke(calling())
        assert not isinstance(response.body, bytes)
        while True:  # until nothing moves any more
            before = sent
            await asyncio.sleep(0.05)
            if sent == before:
                break
        assert sent < 256 * 65_536
        assert len(await body_of(response)) == 256 * 65_536


async def test_a_long_request_streams_and_is_held_back_by_the_back_end() -> None:
    """The body is not gathered here."""
    go_on = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await go_on.wait()
        return web.Response(text=str(len(await request.read())))

    body = Sent(*(b"x" * 65_536 for _ in range(256)))
    async with serving(slow) as url, reaching(url) as backend:
        walk = asyncio.ensure_future(backend.invoke(calling(method="POST", body=body)))
        await asyncio.sleep(0.1)
        assert body.received < 256 * 65_536
        go_on.set()
        # aiohttp's server takes at most a mebibyte, which is as good a proof that all was offered
        assert (await walk).status in {200, 413}


async def test_a_stream_that_is_left_is_closed() -> None:
    """The connection is not used again."""
    gone = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nx")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.read() == b""
        gone.set()

    async with raw(endless) as url, reaching(url) as backend:
        response = await backend.invoke(calling())
        assert not isinstance(response.body, bytes)
        assert await anext(response.body) == b"x"
        await response.body.aclose()  # type: ignore[attr-defined]
        await gone.wait()


def saying(answer: bytes, wait: bool = False) -> Raw:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if wait:
            await reader.read()

    return speak


FAULTS = {
    "silence": (saying(b"", wait=True), {"receive_timeout": 0.05}, 504, "ZCON0643E"),
    "half-a-head": (saying(b"HTTP/1.1 200", wait=True), {"receive_timeout": 0.05}, 504, "ZCON0643E"),
    "closed": (saying(b""), {}, 502, "ZCON0644E"),
    "closed-in-the-head": (saying(b"HTTP/1.1 200 OK\r\nX: "), {}, 502, "ZCON0644E"),
    "closed-in-a-small-body": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), {}, 502, "ZCON0644E"),
    "garbage": (saying(b"\x15\x03\x01 no such thing\r\n\r\n"), {}, 502, "ZCON0645E"),
    "bad-length": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n"), {}, 502, "ZCON0645E"),
    "long-head": (saying(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), {}, 502, "ZCON0645E"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_back_end_that_does_not_answer_is_told_from_one_that_is_broken(told: Told, name: str, method: str) -> None:
    """504 where it is slow, 502 where it breaks off or talks nonsense; each with its number."""
    speak, changes, status, number = FAULTS[name]
    async with raw(speak) as url, reaching(url, **changes) as backend:
        with pytest.raises(Refused, match=number) as refused:
            await backend.invoke(calling(method=method, body=whole(b"x") if method == "POST" else NO_BODY))
    assert refused.value.status == status
    assert told(f"{number}: ") == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_a_back_end_that_is_not_there_is_503(told: Told, host: str) -> None:
    """Nobody listens, or the name is unknown."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with reaching(f"http://{host}:{port}") as backend:
        with pytest.raises(Refused, match="ZCON0641E") as refused:
            await backend.invoke(calling())
    assert refused.value.status == 503


@pytest.mark.parametrize(("tail", "timeout", "number"), [(b"", LONG, "ZCON0644E"), (b"wait", 0.05, "ZCON0643E")], ids=["closed", "silent"])
async def test_a_stream_that_breaks_off_is_refused_where_it_stands(told: Told, tail: bytes, timeout: float, number: str) -> None:
    """What came before is passed on."""
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    async with raw(saying(answer, wait=bool(tail))) as url, reaching(url, receive_timeout=timeout) as backend:
        response = await backend.invoke(calling())
        assert not isinstance(response.body, bytes)
        assert await anext(response.body) == b"abc"
        with pytest.raises(Refused, match=number):
            await anext(response.body)
    assert told(number) == 1


@pytest.mark.parametrize("length", [None, 10, SMALL + 10])
async def test_a_request_that_breaks_off_gets_its_own_refusal(length: int | None) -> None:
    """Not that of the back end."""
    body = Sent(b"abc", length=length, refusal=Refused(413, "too large"))
    async with serving(echo) as url, reaching(url) as backend:
        with pytest.raises(Refused) as refused:
            await backend.invoke(calling(method="POST", body=body))
    assert refused.value.status == 413


async def test_a_lost_connection_is_tried_again_where_that_is_harmless() -> None:
    """A kept connection that the back end has closed meanwhile; a stream that was begun is never sent twice."""
    seen: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.partition(b" ")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.readuntil(b"\r\n")  # the next request is not answered

    async with raw(once) as url, reaching(url) as backend:
        for _ in range(2):
            assert await body_of(await backend.invoke(calling())) == b"ok"
        with pytest.raises(Refused, match="ZCON0644E"):
            await backend.invoke(calling(method="PUT", body=Sent(b"x" * 10)))
    assert seen == [b"GET", b"GET"]


async def test_connections_are_used_again() -> None:
    """A pool, and never more of them than configured."""
    peers = set()

    async def count(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        await asyncio.sleep(0)
        return web.Response(text="ok")

    async with serving(count) as url, reaching(url, connections=2) as backend:
        await asyncio.gather(*(backend.invoke(calling()) for _ in range(20)))
    assert 1 <= len(peers) <= 2


async def test_tls_is_checked(tmp_path: Path, told: Told) -> None:
    """A certificate that nobody vouches for is 502; a trusted one passes."""
    chain = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    async with AsyncExitStack() as held:

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await held.enter_async_context(await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context))
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        stranger = await held.enter_async_context(reaching(url, tls=ssl.create_default_context()))
        with pytest.raises(Refused, match="ZCON0642E") as refused:
            await stranger.invoke(calling())
        assert refused.value.status == 502
        friend = await held.enter_async_context(reaching(url, tls=ssl.create_default_context(cafile=str(chain))))
        assert await body_of(await friend.invoke(calling())) == b"ok"


def test_settings_show_no_secret() -> None:
    """repr has the address only."""
    assert "secret" not in repr(settings("http://h", authorization="Basic secret"))


async def test_the_first_step_of_a_walk_needs_no_task() -> None:
    """The edge takes it from a callback, and carries on in a task."""
    async with serving(echo) as url, reaching(url) as backend:
        call, loop = calling(), asyncio.get_running_loop()
        first: asyncio.Future[Response | Halfway] = loop.create_future()
        loop.call_soon(lambda: first.set_result(begun(backend.invoke(call), call.request)))
        halfway = await first
        assert isinstance(halfway, Halfway)
        assert (await loop.create_task(carried(halfway, call.request))).status == 200
