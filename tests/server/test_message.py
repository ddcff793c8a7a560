"""What is no acceptable request of HTTP/1.1, and how much of one there may be."""

import asyncio

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve, reading
from zconnect.errors import Refused
from zconnect.server.httpoptions import HttpOptions
from zconnect.values import Request, Response

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
# Origin: the table of smuggling vectors in the comparison of engines, and RFC 9112 sections 2.2, 3.2, 5.1, 6.1, 6.3, 7.1.
REFUSED = {
    "length and chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two equal lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "two lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    "a list of lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"),
    "signed length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"),
    "negative length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello"),
    "empty length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello"),
    "blank before colon": (400, b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n"),
    "NUL in a value": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    "CR in a value": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
    "folded line": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
    "bare LF": (400, b"GET / HTTP/1.1\nHost: a\n\n"),
    "hexadecimal prefix of a chunk": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    "LF behind a chunk extension": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n"),
    "chunk size that overflows": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"),
    "chunked twice": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "gzip, chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "chunked, identity": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "xchunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "chunked in HTTP/1.0": (400, b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a length before chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    "identity and a length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
    "vertical tab before chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "quoted chunked": (400, b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "chunked with a parameter": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;x=1\r\n\r\n0\r\n\r\n"),
    "chunked in a list": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "chunked with a comma": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"),
    "no encoding": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"),
    "identity, chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n"),
    "CR behind chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n"),
    "a no-break space behind chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n"),
    "folded chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    "blank before the colon of chunked": (400, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "hexadecimal length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"),
    "length with an exponent": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5e0\r\n\r\nhello"),
    "two numbers": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello"),
    "fraction": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5.0\r\n\r\nhello"),
    "length that overflows": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nhello"),
    "length with an underscore": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5_0\r\n\r\nhello"),
    "vertical tab behind a length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\x0b\r\n\r\nhello"),
    "control character": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n"),
    "NUL in a name": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"),
    "blank in a name": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n"),
    "bytes in a name": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX\xff: b\r\n\r\n"),
    "a folded first line": (400, b"GET / HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n"),
    "LF behind a field": (400, b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
    "LF at the end": (400, b"GET / HTTP/1.1\r\nHost: a\r\n\n"),
    "CR alone": (400, b"GET / HTTP/1.1\rHost: a\r\r"),
    "blank before the method": (400, b" GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "tab in the target": (400, b"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
    "blank in the target": (400, b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "fragment": (400, b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "bytes in the target": (400, b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"),
    "NUL in the target": (400, b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "lower-case version": (400, b"GET / http/1.1\r\nHost: a\r\n\r\n"),
    "version 1.10": (400, b"GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    "version 01.1": (400, b"GET / HTTP/01.1\r\nHost: a\r\n\r\n"),
    "Host with a blank": (400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    "Host with another port": (400, b"GET / HTTP/1.1\r\nHost: a:x\r\n\r\n"),
    "negative chunk": (400, CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "signed chunk": (400, CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"),
    "blank before a chunk": (400, CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n"),
    "blank behind a chunk size": (400, CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n"),
    "chunk without its end": (400, CHUNKED + b"5\r\nhelloXX0\r\n\r\n"),
    "LF behind a chunk size": (400, CHUNKED + b"5\nhello\r\n0\r\n\r\n"),
    "LF behind a chunk": (400, CHUNKED + b"5\r\nhello\n0\r\n\r\n"),
    "chunk without a size": (400, CHUNKED + b"\r\nhello\r\n0\r\n\r\n"),
    "CR behind a chunk size": (400, CHUNKED + b"5\rhello\r\n0\r\n\r\n"),
    "CR in a chunk extension": (400, CHUNKED + b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    "NUL in a chunk extension": (400, CHUNKED + b"5;a\0b\r\nhello\r\n0\r\n\r\n"),
    "line break in a quoted chunk extension": (400, CHUNKED + b'5;a="x\r\ny"\r\nhello\r\n0\r\n\r\n'),
    "chunk with an underscore": (400, CHUNKED + b"1_0\r\nhello\r\n0\r\n\r\n"),
    "trailer without a colon": (400, CHUNKED + b"0\r\nX\r\n\r\n"),
    "no Host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    "empty Host": (400, b"GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    "Host with a path": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "Host with a user": (400, b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    "Host with a comma": (400, b"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
    "target of another host": (400, b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "target of another scheme": (400, b"GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "target without a slash": (400, b"GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
    "no header name": (400, b"GET / HTTP/1.1\r\nHost: a\r\n: v\r\n\r\n"),
    "blank behind the version": (400, b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    "version 2.0": (505, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    "version 0.9": (505, b"GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    "no version": (505, b"GET /\r\nHost: a\r\n\r\n"),
    "unknown method": (501, b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "lower-case method": (501, b"get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "CONNECT": (405, b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "TRACE": (403, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "unknown expectation": (417, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: wonders\r\n\r\n"),
    "not HTTP": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
}


@pytest.mark.parametrize(("status", "data"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_ambiguous_is_refused(serve: Serve, status: int, data: bytes) -> None:
    """No request reaches the runtime, and nothing behind it is read."""
    server = await serve()
    assert seen(await server.ask(data + GET)) == (status, 1, True)
    assert [request.path for request in server.far.requests if request.path != "/"] == []


async def test_what_is_ambiguous_is_refused_over_tls(serve: Serve, authority: Authority) -> None:
    """The same, all at once: the server waits for each caller to close, because TLS has no half-closed connection."""
    server = await serve(authority.tls(), https_port=0)
    asked = (server.ask(data.replace(b"https://", b"http://") + GET, authority.client()) for _, data in REFUSED.values())
    found = [seen(answer) for answer in await asyncio.gather(*asked)]
    assert dict(zip(REFUSED, found, strict=True)) == {name: (status, 1, True) for name, (status, _) in REFUSED.items()}
    assert [request.path for request in server.far.requests if request.path != "/"] == []


def seen(answers: bytes) -> tuple[int, int, bool]:
    """Status of the first answer, number of answers, and whether the connection ends."""
    return int(answers.split()[1]), answers.count(b"HTTP/1.1"), b"connection: Close" in answers


@pytest.mark.parametrize("data", [b"INVALID CONNECTION PREFACE\r\n\r\n", b"HELO mail\n"])
async def test_what_is_no_http_gets_no_answer(serve: Serve, data: bytes) -> None:
    """An invalid preface of HTTP/2, or another protocol's line (RFC 9113, 3.4)."""
    assert await (await serve()).ask(data) == b""


async def test_what_a_plug_in_says_of_the_caller_is_not_passed_on(serve: Serve) -> None:
    """Private headers ($WS…) of anybody reach nobody: what stands behind us might believe them."""
    server = await serve()
    await server.ask(
        b"GET / HTTP/1.1\r\nHost: a\r\n$WSRU: alice\r\n$wscc: x\r\nX-Own: y\r\n_WS_HAPRT_WLMVERSION: 1\r\nConnection: close\r\n\r\n"
    )
    assert [name for name, _ in server.far.requests[0].headers] == [b"host", b"x-own", b"connection"]


async def test_a_chunk_that_is_refused_breaks_the_body_off(serve: Serve) -> None:
    """A service that reads a body with bad framing gets a refusal, not half a body."""
    bodies: list[bytes | str] = []

    async def answer(request: Request) -> Response:
        try:
            bodies.append(await request.body.read())
        except Refused as refusal:
            bodies.append(refusal.reason)
            raise
        return Response(200)

    server = await serve(answer=answer)
    client = await server.connect()
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await asyncio.sleep(0.05)
    client.send(b"0x5\r\n")
    await client.rest()
    client.close()
    assert len(bodies) == 1
    assert str(bodies[0]).startswith("ZCON08")


HEAD_LENGTH = len(b"/" + b"host" + b"a" + b"content-length" + b"50") + 2 * 4
# Limit and limit + 1; origin: cases opt-limit-headers, opt-limit-field, opt-message-size, long of the recorded server.
LIMITS = {
    "headers": (HttpOptions(limit_num_headers=50), 200, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 49 + b"\r\n"),
    "headers + 1": (HttpOptions(limit_num_headers=50), 400, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50 + b"\r\n"),
    "value": (HttpOptions(limit_field_size=100), 200, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 100 + b"\r\n\r\n"),
    "value + 1": (HttpOptions(limit_field_size=100), 400, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 101 + b"\r\n\r\n"),
    "name": (HttpOptions(limit_field_size=100), 200, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"v" * 100 + b": v\r\n\r\n"),
    "name + 1": (HttpOptions(limit_field_size=100), 400, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"v" * 101 + b": v\r\n\r\n"),
    "target": (HttpOptions(limit_field_size=100), 200, b"GET /" + b"v" * 99 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "target + 1": (HttpOptions(limit_field_size=100), 400, b"GET /" + b"v" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "message": (
        HttpOptions(message_size_limit=50 + HEAD_LENGTH),
        200,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n" + b"b" * 50,
    ),
    "message + 1": (
        HttpOptions(message_size_limit=50 + HEAD_LENGTH),
        413,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 51\r\n\r\n" + b"b" * 51,
    ),
    "chunked message": (
        HttpOptions(message_size_limit=50),
        413,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n33\r\n" + b"b" * 51 + b"\r\n0\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("options", "status", "data"), LIMITS.values(), ids=LIMITS.keys())
async def test_limits_hold_to_the_byte(serve: Serve, options: HttpOptions, status: int, data: bytes) -> None:
    """A request at the limit is served, one above it is refused with an empty body and the connection closed."""
    client = await (await serve(options=options, answer=reading)).connect()
    client.send(data)
    answered, fields, body = await client.answer()
    assert answered == status
    if status != 200:
        assert (fields[b"connection"], body) == (b"Close", b"")
        assert await client.rest() == b""
    client.close()


@pytest.mark.parametrize(
    "endless",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"\r\n",
    ],
    ids=["value", "target", "name", "trailer", "chunk extension", "empty lines"],
)
async def test_what_never_ends_is_cut_off(serve: Serve, endless: bytes) -> None:
    """A head, trailer or extension that goes on for ever is refused before it fills the memory."""
    server = await serve(answer=reading)
    client = await server.connect()
    client.send(endless)
    sent = 0
    try:
        while sent < 64 << 20:
            client.send((b"\r\n" if endless == b"\r\n" else b"a") * 65536)
            sent += 65536
            await client.writer.drain()
    except ConnectionError:
        pass
    assert sent < 16 << 20
    assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")
    client.close()


async def test_the_403_for_trace_says_why(serve: Serve) -> None:
    """As text, as in Liberty; nothing of the request comes back."""
    answer = await (await serve()).ask(b"TRACE / HTTP/1.1\r\nHost: a\r\nCookie: secret\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"\r\n\r\nError 403: TRACE is not served here.\n")
    assert b"secret" not in answer
