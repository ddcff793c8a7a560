"""A head of an answer holds what was meant and nothing else."""

import pytest

from tests.server.conftest import Serve
from zconnect.values import Request, Response

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: b", b"a\nb", b"a\rb", b"a\0b"])
async def test_a_header_cannot_be_split(serve: Serve, value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A line break in a field of an answer never reaches the caller; he gets 500 and the log says why."""

    async def answer(request: Request) -> Response:
        return Response(200, ((b"x", value),), b"body")

    answered = await (await serve(answer=answer)).ask(GET)
    assert answered.startswith(b"HTTP/1.1 500 ")
    assert b"b" not in answered.partition(b"\r\n\r\n")[2]
    assert "ZCON0801E" in caplog.text
