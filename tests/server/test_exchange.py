"""How whole answers of HTTP/1.1 are framed, and what becomes of those that cannot be sent."""

import asyncio

import pytest

from tests.server.conftest import Serve
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


@pytest.mark.parametrize("wait", [False, True], ids=["at once", "in a task"])
async def test_a_fault_is_answered_without_its_cause(serve: Serve, wait: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever escapes from the runtime is status 500, and the connection goes on."""

    async def answer(request: Request) -> Response:
        if wait:
            await asyncio.sleep(0)
        raise RuntimeError("the secret of the house")

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(GET)
    status, _, body = await client.answer()
    assert (status, body) == (500, b"")
    client.send(GET)
    assert (await client.answer())[0] == 500
    client.close()
    assert "ZCON0801E" in caplog.text
    assert server.far.under_way == 0
