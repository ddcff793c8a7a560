"""WebSockets at the edge: over TLS, through the access log, and when connections end."""

import asyncio
from pathlib import Path

import pytest

from tests.applied import OFFER, applied, closing
from tests.server.certificates import Authority
from tests.server.conftest import Client, Serve
from zconnect.server.accesslog import AccessLogging
from zconnect.server.tunnel import Tunnel, offers_websocket
from zconnect.values import Request, Response

ECHO = """
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": scope["scheme"]})
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.send"})
"""
OFFERED = b"GET / HTTP/1.1\r\nHost: a\r\n" + OFFER + b"\r\n"


async def test_websockets_over_tls(tmp_path: Path, authority: Authority) -> None:
    """Also with callers who would speak HTTP/2 for requests: they offer WebSocket in HTTP/1.1."""
    async with applied(tmp_path, ECHO, authority.tls(), https_port=0) as server, server.socket(tls=authority.client()) as client:
        assert await client.recv() == "wss"
        await client.send(b"x" * 300_000)
        assert await client.recv() == b"x" * 300_000
        await client.close()
        assert (await closing(client))[0] == 1000


async def test_the_access_log_has_a_line_at_the_end(tmp_path: Path) -> None:
    """With status 101, the bytes that were sent and the time that it was open."""
    log = AccessLogging(id="log", log_format='"%r" %s %b %D')
    async with applied(tmp_path, ECHO, access_logging=log) as server:
        async with server.socket("/app/x") as client:
            await client.recv()
            await asyncio.sleep(0.2)
        await server.endpoints.drain(5)
        file = tmp_path / "logs" / "http_access.log"
        request, _, rest = file.read_text().rpartition('" ')
        status, sent, micros = rest.split()
        assert (request, status, sent) == ('"GET /app/x HTTP/1.1', "101", str(2 + 2 + 2 + 2))
        assert int(micros) > 200_000


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "in a task"])
async def test_an_offer_that_nobody_takes_up_is_a_request(serve: Serve, wait: bool) -> None:
    """Again and again on one connection, whatever comes behind it, and however it is cut."""

    async def answer(request: Request) -> Response:
        if wait:
            await asyncio.sleep(0.01)
        return Response(200, (), b"tunnel" if request.tunnel else b"none")

    server = await serve(answer=answer)
    client = await server.connect()
    data = (OFFERED + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") * 20
    for start in range(0, len(data), 97):
        client.send(data[start : start + 97])
        await asyncio.sleep(0)
    assert [(await client.answer())[2] for _ in range(40)] == [b"tunnel", b"none"] * 20
    client.close()


async def _flood(client: Client) -> None:
    while True:
        client.send(bytes(1 << 20))
        await client.writer.drain()


async def test_a_caller_who_does_not_wait_for_the_answer_is_held_back(serve: Serve) -> None:
    """What he sends behind an offer waits in the network and not here."""
    go = asyncio.Event()
    tunnels: list[Tunnel] = []

    async def answer(request: Request) -> Response:
        assert isinstance(request.tunnel, Tunnel)
        tunnels.append(request.tunnel)
        await go.wait()
        return Response(200, ((b"connection", b"close"),), b"no")

    client = await (await serve(answer=answer)).connect()
    client.send(OFFERED)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_flood(client), 2)
    assert tunnels[0].received < 1 << 20
    go.set()
    assert (await client.answer())[2] == b"no"


@pytest.mark.parametrize("lost", [True, False])
async def test_who_takes_an_offer_up_without_frames_ends_the_connection(serve: Serve, lost: bool) -> None:
    """A body in pieces behind 101 goes out as it is; its end is the end."""

    async def answer(request: Request) -> Response:
        async def pieces() -> object:
            yield b"any"
            if lost:
                raise RuntimeError
            yield b"thing"

        return Response(101, (), pieces())  # type: ignore[arg-type]  # an async generator is an iterator

    head, _, body = (await (await serve(answer=answer)).ask(OFFERED)).partition(b"\r\n\r\n")
    assert (head + b"\r\n").count(b"connection: Upgrade\r\nupgrade: websocket\r\n") == 1
    assert b"content-length" not in head
    assert body == (b"any" if lost else b"anything")


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ([(b"upgrade", b"websocket")], True),
        ([(b"upgrade", b"h2c"), (b"upgrade", b"x/1 , WebSocket")], True),
        ([(b"upgrade", b"websocket/13")], False),
        ([(b"x-upgrade", b"websocket")], False),
        ([], False),
    ],
)
def test_the_protocols_of_an_offer_are_a_list(fields: list[tuple[bytes, bytes]], offered: bool) -> None:
    """RFC 9110, 7.8: names in any case of letters, each perhaps with a version, and WebSocket has none."""
    assert offers_websocket(fields) == offered
