"""Request bodies that come compressed."""

import gzip
import zlib

import pytest

from tests.server.client2 import Client2
from tests.server.conftest import Serve, Server, reading
from zconnect.errors import Refused
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

TEXT = b"hello world"
ZEROS = b"x" * 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


async def posted(server: Server, encoding: bytes, body: bytes) -> tuple[int, bytes]:
    """Status of the answer, and what the service has read."""
    client = await server.connect()
    client.send(b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (encoding, len(body), body))
    status, _, answer = await client.answer()
    client.close()
    return status, answer.partition(b"\n")[2]


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"gzip", gzip.compress(TEXT, mtime=0), TEXT),
        (b"X-GZIP", gzip.compress(TEXT, mtime=0), TEXT),
        (b"deflate", zlib.compress(TEXT), TEXT),
        (b"deflate", raw_deflate(TEXT), TEXT),
        (b"gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT, mtime=0), TEXT * 2),
        (b"gzip", gzip.compress(ZEROS, mtime=0), ZEROS),
        (b"zlib", zlib.compress(TEXT), zlib.compress(TEXT)),
        (b"identity", TEXT, TEXT),
        (b"br", TEXT, TEXT),
        (b"gzip, deflate", TEXT, TEXT),
    ],
)
async def test_known_encodings_are_unpacked(serve: Serve, encoding: bytes, body: bytes, expected: bytes) -> None:
    """Others reach the service as they come."""
    server = await serve(answer=reading)
    assert await posted(server, encoding, body) == (200, expected)
    told = {name for name, _ in server.far.requests[0].headers} & {b"content-encoding", b"content-length"}
    assert bool(told) == (body == expected)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip", TEXT),
        (b"gzip", gzip.compress(TEXT, mtime=0)[:-1]),
        (b"gzip", gzip.compress(TEXT, mtime=0) + b"more"),
        (b"deflate", zlib.compress(TEXT) + b"more"),
        (b"deflate", zlib.compress(TEXT)[:-5]),
    ],
)
async def test_what_is_broken_is_refused(serve: Serve, encoding: bytes, body: bytes) -> None:
    """Half a body is none."""
    assert await posted(await serve(answer=reading), encoding, body) == (400, b"")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (HttpOptions(), 413),
        (HttpOptions(decompression_tolerance=100), 200),
        (HttpOptions(decompression_ratio_limit=2000), 200),
        (HttpOptions(decompression_tolerance=100, message_size_limit=10_000_000), 413),
    ],
)
async def test_a_body_that_grows_too_much_is_refused(serve: Serve, options: HttpOptions, status: int) -> None:
    """Each 32 KiB of it count once (decompressionRatioLimit, decompressionTolerance), all of it against MessageSizeLimit."""

    async def answer(request: Request) -> Response:
        count = 0
        async for piece in request.body:
            count += len(piece)
        return Response(200, (), b"\n%d" % count)

    async def refusing(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as refusal:
            return refusal.response

    bomb = gzip.compress(b"x" * 150_000_000, 9)
    found, body = await posted(await serve(answer=refusing, options=options), b"gzip", bomb)
    assert found == status
    assert body == (b"150000000" if status == 200 else b"")


async def test_it_can_be_left_out(serve: Serve) -> None:
    """AutoDecompression=false: the service gets what came."""
    server = await serve(answer=reading, options=HttpOptions(auto_decompression=False))
    assert await posted(server, b"gzip", gzip.compress(TEXT, mtime=0)) == (200, gzip.compress(TEXT, mtime=0))


async def test_http_2_unpacks_as_well(serve: Serve) -> None:
    """And what was looked at is still there to be read."""

    async def answer(request: Request) -> Response:
        assert await request.body.peek() == TEXT
        return Response(200, (), await request.body.read())

    client = await Client2.to(await serve(answer=answer))
    found = await client.answer(client.ask(b"/", (b"content-encoding", b"gzip"), method=b"POST", body=gzip.compress(TEXT, mtime=0)))
    assert (found.status, found.body) == (200, TEXT)
    client.close()
