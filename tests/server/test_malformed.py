"""What is told to those who send no HTTP/1.1."""

import pytest

from tests.server.conftest import Serve


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 501 "),
        (b"EHLO mail.example\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", b"HTTP/1.1 400 "),
    ],
)
async def test_who_speaks_another_protocol_is_not_answered(serve: Serve, data: bytes, answer: bytes) -> None:
    """An unknown method is 501, what cannot be read 400; a line of another protocol only ends the connection (RFC 9113, 3.4)."""
    told = await (await serve()).ask(data)
    assert told.startswith(answer)
    assert bool(told) == bool(answer)
