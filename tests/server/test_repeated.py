"""A header block that comes again means what it meant, and shortens no check: the answer is that of a connection without a memory."""

import asyncio
import re

import pytest

from tests.server.conftest import Serve, Server
from zconnect.server.repeated import LONGEST, divided

BLOCK = b"Host: localhost\r\nX-One:  a \r\nX-ONE: b\r\nAuthorization: Bearer t\r\n\r\n"
SECOND = {
    "the same request": b"GET /first HTTP/1.1\r\n" + BLOCK,
    "another target": b"GET /a/../%62?q=1 HTTP/1.1\r\n" + BLOCK,
    "another method": b"POST /a HTTP/1.1\r\n" + BLOCK,
    "absolute form": b"GET http://localhost/a HTTP/1.1\r\n" + BLOCK,
    "absolute form of another host": b"GET http://other/a HTTP/1.1\r\n" + BLOCK,
    "two at once": (b"GET /a HTTP/1.1\r\n" + BLOCK) * 2,
    "a body behind it that was not announced": b"POST /a HTTP/1.1\r\n" + BLOCK + b"hello",
    "a beginning behind it": b"GET /a HTTP/1.1\r\n" + BLOCK + b"GET /b HT",
    "empty lines before it": b"\r\n\r\nGET /a HTTP/1.1\r\n" + BLOCK,
    "empty lines behind it": b"GET /a HTTP/1.1\r\n" + BLOCK + b"\r\n\r\n",
    "a line that hides a field": b"GET /a HTTP/1.1\nX-Two: c HTTP/1.1\r\n" + BLOCK,
    "CR in the line": b"GET /a HTTP/1.1\rX-Two: c HTTP/1.1\r\n" + BLOCK,
    "two request lines": b"GET /a HTTP/1.1\r\nGET /b HTTP/1.1\r\n" + BLOCK,
    "a blank too many": b"GET  /a HTTP/1.1\r\n" + BLOCK,
    "a blank behind the version": b"GET /a HTTP/1.1 \r\n" + BLOCK,
    "no target": b"GET HTTP/1.1\r\n" + BLOCK,
    "a target that is none": b"GET a HTTP/1.1\r\n" + BLOCK,
    "an encoded slash": b"GET /a%2fb HTTP/1.1\r\n" + BLOCK,
    "HTTP/1.0": b"GET /a HTTP/1.0\r\n" + BLOCK,
    "HTTP/2.0": b"GET /a HTTP/2.0\r\n" + BLOCK,
    "a lower-case version": b"GET /a http/1.1\r\n" + BLOCK,
    "unknown method": b"FOO /a HTTP/1.1\r\n" + BLOCK,
    "TRACE": b"TRACE /a HTTP/1.1\r\n" + BLOCK,
    "CONNECT": b"CONNECT localhost:80 HTTP/1.1\r\n" + BLOCK,
    "a long target": b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + BLOCK,
    "one field more": b"GET /a HTTP/1.1\r\nX-Two: c\r\n" + BLOCK,
    "one byte less": b"GET /a HTTP/1.1\r\n" + BLOCK[1:],
}
# What may not be kept: each of these blocks comes twice, and the second time it must act as it did the first time.
UNUSUAL = {
    "a body": b"Host: a\r\nContent-Length: 5\r\n\r\n",
    "a body of no length": b"Host: a\r\nContent-Length: 0\r\n\r\n",
    "chunks": b"Host: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    "an expectation": b"Host: a\r\nExpect: 100-continue\r\n\r\n",
    "another protocol": b"Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "a private field": b"Host: a\r\n$WSRU: alice\r\nX-Own: y\r\n\r\n",
    "nothing unusual": b"Host: a\r\nConnection: keep-alive\r\n\r\n",
    "more than is kept": b"Host: a\r\nX: " + b"x" * LONGEST + b"\r\n\r\n",
}


async def _after(server: Server, first: bytes, *pieces: bytes) -> tuple[bytes, list[tuple[object, ...]]]:
    """Answers and requests to what follows a request on one connection."""
    client = await server.connect()
    client.send(first)
    await client.answer()
    server.far.requests.clear()
    for piece in pieces:
        client.send(piece)
        await client.writer.drain()
    client.writer.write_eof()
    answers = re.sub(rb"(?m)^date: .*\r\n", b"", await client.rest())
    return answers, [(*each[:4], list(each.headers), each.scheme, each.authority, each.version) for each in server.far.requests]


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND.keys())
async def test_a_known_block_changes_no_answer(serve: Serve, second: bytes) -> None:
    """Behind a request with the same block as behind one with another."""
    server = await serve()
    known = await _after(server, b"GET /first HTTP/1.1\r\n" + BLOCK, second)
    assert known == await _after(server, b"GET /first HTTP/1.1\r\nHost: b\r\n\r\n", second)
    assert known[0]


async def test_a_known_block_behind_a_beginning(serve: Serve) -> None:
    """The parser has a part of the request line already."""
    server = await serve()
    first = b"GET /first HTTP/1.1\r\n" + BLOCK
    answers, requests = await _after(server, first, first + b"GE", b"T /b HTTP/1.1\r\n" + BLOCK)
    assert [request[1] for request in requests] == ["/first", "/b"]
    assert answers.count(b"HTTP/1.1 200") == 2


A = b"GET /first HTTP/1.1\r\n" + BLOCK
BROKEN = {
    "a beginning by itself": (1, (A, b"GE", A)),
    "a beginning behind a request": (2, (A, A + b"GE", A)),
    "the rest of a method, twice": (1, (b"G", A[1:], A[1:])),
    "a method that was begun": (1, (A, b"X", A, A)),
    "empty lines": (2, (A, b"\r\n", A)),
}


@pytest.mark.parametrize(("answered", "pieces"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_known_head_is_no_head_where_another_was_begun(serve: Serve, answered: int, pieces: tuple[bytes, ...]) -> None:
    """Whatever stands before it makes it something else, however the bytes are cut."""
    server = await serve()
    client = await server.connect()
    for piece in pieces:
        client.send(piece)
        await client.writer.drain()
        await asyncio.sleep(0.02)  # each comes in by itself
    client.writer.write_eof()
    assert (await client.rest()).count(b"HTTP/1.1 200") == answered
    assert len(server.far.requests) == answered


@pytest.mark.parametrize("block", UNUSUAL.values(), ids=UNUSUAL.keys())
async def test_what_is_more_than_a_head_is_read_as_a_whole(serve: Serve, block: bytes) -> None:
    """The third request fares as the second, and the second as the first."""
    server = await serve()
    bodies = {b"Content-Length: 5": b"hello", b"chunked": b"5\r\nhello\r\n0\r\n\r\n"}
    rest = next((body for mark, body in bodies.items() if mark in block), b"")
    client = await server.connect()
    seen = []
    for _ in range(3):
        client.send(b"POST /a HTTP/1.1\r\n" + block)
        await asyncio.sleep(0.02)  # the head comes in by itself
        client.send(rest)
        status, _, body = await client.answer()
        if status == 100:
            status, _, body = await client.answer()
        seen.append((status, body, list(server.far.requests[-1].headers)))
    assert seen[0][0] == 200
    assert seen[0] == seen[1] == seen[2]
    assert len(server.far.requests) == 3


async def test_a_head_that_comes_again_is_a_request_of_its_own(serve: Serve) -> None:
    """With what was concluded from the head, and nothing else of the first."""
    server = await serve()
    client = await server.connect()
    heads = (b"/a", b"/a", b"/b", b"/b", b"/a")
    for path in heads:
        client.send(b"GET %b HTTP/1.1\r\n%b" % (path, BLOCK))
        await client.answer()
    requests = server.far.requests
    assert [request.path.encode() for request in requests] == [*heads]
    assert len({request.identifier for request in requests}) == len(heads)
    assert sorted(request.arrived for request in requests) == [request.arrived for request in requests]
    first = requests[0].known
    assert [request.known is first for request in requests] == [True, True, False, False, False]
    assert requests[2].known is requests[3].known


async def test_a_connection_that_is_to_close_closes(serve: Serve) -> None:
    """Though its block is known."""
    server = await serve()
    last = b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert (await server.ask(last + last)).count(b"HTTP/1.1 200") == 1


def test_only_one_head_is_divided() -> None:
    """And nothing that has more, or less, to it."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert divided(head) == (b"GET / HTTP/1.1\r\n\r\n", b"Host: a\r\n\r\n")
    for other in (head + b"x", head * 2, head[:-2], b"\r\n" + head, b"GET / HTTP/1.1\r\n\r\n", b"GE"):
        assert divided(other) == (other, b"")
