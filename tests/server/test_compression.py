"""Answers that are compressed."""

import gzip
import zlib
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.server.client2 import Client2
from tests.server.conftest import Serve
from zconnect.server.compression import Compression, accepted_algorithm
from zconnect.values import Request, Response

TEXT = b"words and words and words\n" * 200
PLAIN = (b"content-type", b"text/plain; charset=UTF-8")
TYPES = Compression(types=("+application/json", "-text/plain"))


@pytest.mark.parametrize(
    ("accepted", "preferred", "expected"),
    [
        ("gzip", "none", "gzip"),
        ("deflate", "none", "deflate"),
        ("x-gzip", "none", "x-gzip"),
        ("zlib", "none", "zlib"),
        ("identity", "none", ""),
        ("*", "none", "gzip"),
        ("gzip, deflate", "none", "gzip"),
        ("deflate, gzip", "none", "gzip"),
        ("gzip;q=0", "none", ""),
        ("gzip;q=0.5, deflate;q=0.8", "none", "deflate"),
        ("br", "none", ""),
        ("br, gzip", "none", "gzip"),
        ("GZIP", "none", "gzip"),
        ("*;q=0", "none", ""),
        ("none", "none", ""),
        ("gzip;q=abc", "none", ""),
        ("gzip;q=nan", "none", ""),
        ("", "none", ""),
        ("identity;q=0, *;q=0", "none", ""),
        ("gzip;q=0.5, *", "none", "gzip"),
        ("gzip;q=0, *", "none", "x-gzip"),
        ("identity, gzip;q=0.5", "none", ""),
        ("gzip, deflate", "deflate", "deflate"),
        ("gzip;q=0.9, deflate;q=0.1", "deflate", "deflate"),
        ("gzip, deflate;q=0", "deflate", "gzip"),
        ("gzip", "deflate", "gzip"),
        ("gzip, identity", "identity", ""),
        ("*", "deflate", "deflate"),
    ],
)
def test_the_algorithm_is_one_that_the_caller_takes(accepted: str, preferred: str, expected: str) -> None:
    """As recorded from a real server: gzip first among equals, the preferred one before all weights."""
    assert accepted_algorithm(accepted, preferred) == expected


@pytest.mark.parametrize(
    ("element", "fields", "compressed"),
    [
        (Compression(), [PLAIN], True),
        (Compression(), [(b"content-type", b"application/javascript")], True),
        (Compression(), [(b"content-type", b"application/json")], False),
        (Compression(), [(b"content-type", b"TEXT/PLAIN")], False),
        (Compression(), [], False),
        (Compression(), [PLAIN, (b"content-length", b"2047")], False),
        (Compression(), [PLAIN, (b"content-length", b"2048")], True),
        (Compression(), [PLAIN, (b"content-encoding", b"br")], False),
        (Compression(), [PLAIN, (b"cache-control", b"private, No-Transform")], False),
        (Compression(), [PLAIN, (b"content-range", b"bytes 0-9/10")], False),
        (TYPES, [PLAIN], False),
        (TYPES, [(b"content-type", b"application/json")], True),
        (TYPES, [(b"content-type", b"text/html")], True),
        (Compression(types=("image/*",)), [PLAIN], False),
        (Compression(types=("IMAGE/SVG+XML",)), [(b"content-type", b"image/svg+xml")], True),
        (Compression(types=("-text/*", "+text/html")), [(b"content-type", b"text/html")], False),
        (Compression(types=("image/*",)), [(b"content-type", b"image/svg+xml")], True),
    ],
)
async def test_what_is_compressed(serve: Serve, element: Compression, fields: list[tuple[bytes, bytes]], compressed: bool) -> None:
    """By type and announced length; every answer says that it depends on Accept-Encoding."""

    async def answer(request: Request) -> Response:
        return Response(200, tuple(fields), TEXT)

    client = await (await serve(answer=answer, compression=element)).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    _, found, body = await client.answer()
    assert found[b"vary"] == b"Accept-Encoding"
    assert (gzip.decompress(body) if compressed else body) == TEXT
    assert (found.get(b"content-encoding") == b"gzip") == compressed
    client.close()


@pytest.mark.parametrize(
    ("types", "number"),
    [
        (("+a/b", "+A/B"), "CWWKT0029W"),
        (("a/b", "a/b"), "CWWKT0029W"),
        (("+text/*",), "CWWKT0029W"),
        (("-a/b", "-a/b"), "CWWKT0030W"),
        (("+a/b", "-a/b"), "CWWKT0031W"),
        (("+a/b", "c/d"), "CWWKT0032W"),
    ],
)
def test_a_list_that_contradicts_itself_is_not_used(types: tuple[str, ...], number: str) -> None:
    """The default holds in its place, without what it takes out (HttpChannelConfig.parseCompressionTypes)."""
    element = Compression(types=types)
    assert [each.told.message.number for each in element.mistakes()] == [number]
    assert element.chosen() == Compression().chosen()


def test_the_preferred_algorithm() -> None:
    """In any case; one that is not known is none."""
    assert Compression(server_preferred_algorithm="GZip").preferred() == "gzip"
    unknown = Compression(server_preferred_algorithm="brotli")
    assert unknown.preferred() == "none"
    assert [each.told.message.number for each in unknown.mistakes()] == ["CWWKT0033W"]
    assert not [*Compression(types=("-text/plain", "+application/json")).mistakes()]


async def test_without_the_element_nothing_is(serve: Serve) -> None:
    """And nothing is said of it."""

    async def answer(request: Request) -> Response:
        return Response(200, (PLAIN,), TEXT)

    client = await (await serve(answer=answer)).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    _, found, body = await client.answer()
    assert body == TEXT
    assert not {b"vary", b"content-encoding"} & found.keys()
    client.close()


@pytest.mark.parametrize(
    ("accepted", "named", "window"), [(b"deflate", b"deflate", 15), (b"zlib", b"deflate", 15), (b"x-gzip", b"x-gzip", 31)]
)
async def test_each_algorithm_is_what_it_says(serve: Serve, accepted: bytes, named: bytes, window: int) -> None:
    """zlib goes out under its name in HTTP, deflate."""

    async def answer(request: Request) -> Response:
        return Response(200, (PLAIN, (b"etag", b'"a"')), TEXT * 100)  # large enough for the hasty way

    client = await (await serve(answer=answer, compression=Compression())).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %b\r\n\r\n" % accepted)
    _, found, body = await client.answer()
    assert (found[b"content-encoding"], found[b"etag"]) == (named, b'W/"a"')
    assert zlib.decompress(body, window) == TEXT * 100
    client.close()


async def test_head_tells_the_same_without_a_length(serve: Serve) -> None:
    """The length would be that of another answer."""

    async def answer(request: Request) -> Response:
        return Response(200, (PLAIN, (b"vary", b"origin, accept-encoding"), (b"content-length", b"5200")), b"")

    client = await (await serve(answer=answer, compression=Compression())).connect()
    client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    _, found, _ = await client.answer(head=True)
    assert (found[b"content-encoding"], found[b"vary"]) == (b"gzip", b"origin, accept-encoding")
    assert b"content-length" not in found
    client.close()


def events(closed: list[str]) -> AsyncIterator[bytes]:
    async def body() -> AsyncIterator[bytes]:
        try:
            for each in range(3):
                yield b"data: %d\n\n" % each
        finally:
            closed.append("closed")

    return body()


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_what_comes_in_pieces_goes_out_in_pieces(serve: Serve, version: str) -> None:
    """Events are not held back, on either protocol; the body is closed at its end."""
    closed: list[str] = []

    async def answer(request: Request) -> Response:
        return Response(200, ((b"content-type", b"text/event-stream"),), events(closed))

    server = await serve(answer=answer, compression=Compression())
    if version == "2":
        client2 = await Client2.to(server)
        found = await client2.answer(client2.ask(b"/", (b"accept-encoding", b"gzip")))
        fields, body = found.fields, found.body
        client2.close()
    else:
        client = await server.connect()
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
        _, fields, body = await client.answer()
        client.close()
    assert fields[b"content-encoding"] == b"gzip"
    assert gzip.decompress(body) == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert _flushed(body) == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]
    assert closed == ["closed"]


def _flushed(body: bytes) -> Sequence[bytes]:
    """What could be read whenever a byte had come."""
    unpacker = zlib.decompressobj(31)
    pieces = [unpacker.decompress(body[at : at + 1]) for at in range(len(body))]
    return b"".join(pieces).replace(b"\n\n", b"\n\n|").removesuffix(b"|").split(b"|") if sum(map(bool, pieces)) >= 3 else []


async def test_http_2_compresses_whole_answers(serve: Serve) -> None:
    """With their length."""

    async def answer(request: Request) -> Response:
        return Response(200, (PLAIN,), TEXT)

    client = await Client2.to(await serve(answer=answer, compression=Compression()))
    found = await client.answer(client.ask(b"/", (b"accept-encoding", b"gzip")))
    assert gzip.decompress(found.body) == TEXT
    assert found.fields[b"content-length"] == b"%d" % len(found.body)
    client.close()
