"""Which heads of HTTP/2 are acceptable requests."""

import pytest
from h2.errors import ErrorCodes

from tests.server.certificates import Authority
from tests.server.client2 import Client2
from tests.server.conftest import Serve, reading
from zconnect.server.httpoptions import HttpOptions

LONG = b"v" * 101
REFUSED = {
    "no authority": (400, [], {"authority": b""}),
    "authority with a path": (400, [], {"authority": b"a/b"}),
    "another scheme": (400, [], {"scheme": b"https"}),
    "encoded slash": (400, [], {"path": b"/a%2fb"}),
    "TRACE": (403, [], {"method": b"TRACE"}),
    "another spelling of TRACE": (501, [], {"method": b"trace"}),
    "unknown method": (501, [], {"method": b"FOO"}),
    "address as path": (400, [], {"path": b"http://elsewhere/a"}),
    "value": (400, [(b"x", LONG)], {}),
    "name": (400, [(LONG, b"x")], {}),
    "target": (400, [], {"path": b"/" + LONG}),
    "another case of the scheme": (400, [], {"scheme": b"HTTP"}),
    "blank in the path": (400, [], {"path": b"/a b"}),
    "tab in the path": (400, [], {"path": b"/a\tb"}),
    "fragment": (400, [], {"path": b"/a#b"}),
    "path without a slash": (400, [], {"path": b"a"}),
    "asterisk": (400, [], {"path": b"*"}),
    "bytes in the path": (400, [], {"path": b"/\xff"}),
    "NUL in the path": (400, [], {"path": b"/%00"}),
    "authority with a user": (400, [], {"authority": b"u@localhost"}),
    "authority with a blank": (400, [], {"authority": b"a b"}),
    "two authorities": (400, [], {"authority": b"a,b"}),
    "a request line as method": (501, [], {"method": b"GET /x HTTP/1.1"}),
    "no method": (501, [], {"method": b""}),
    "control character": (400, [(b"x", b"a\x01")], {}),
    "DEL": (400, [(b"x", b"a\x7f")], {}),
    "two lengths of nothing": (400, [(b"content-length", b"0"), (b"content-length", b"0")], {}),
    "unknown expectation": (417, [(b"expect", b"wonders")], {}),
    "announced body": (400, [(b"content-length", b"5")], {}),
    "two credentials": (400, [(b"authorization", b"Bearer a")] * 2, {}),
    "number": (400, [(b"x", b"y")] * 51, {}),
}


@pytest.mark.parametrize(("status", "fields", "special"), REFUSED.values(), ids=REFUSED.keys())
async def test_requests_that_are_not_acceptable(
    serve: Serve, status: int, fields: list[tuple[bytes, bytes]], special: dict[str, bytes]
) -> None:
    """They are refused on their stream, and the connection goes on."""
    server = await serve(options=HttpOptions(limit_field_size=100, limit_num_headers=50))
    client = await Client2.to(server)
    changed = {name: value for name, value in special.items() if name not in {"path", "method"}}
    number = client.ask(special.get("path", b"/"), *fields, method=special.get("method", b"GET"), **changed)
    assert (await client.answer(number)).status == status
    assert (await client.answer(client.ask(b"/good"))).status == 200
    assert [request.path for request in server.far.requests] == ["/good"]
    client.close()


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        ([], None, [b"0"]),
        ([(b"content-length", b"0")], None, [b"0"]),
        ([(b"content-length", b"5")], b"hello", [b"5"]),
        ([], b"hello", []),
    ],
)
async def test_a_request_without_a_body_says_so(
    serve: Serve, fields: list[tuple[bytes, bytes]], body: bytes | None, expected: list[bytes]
) -> None:
    """Content-Length: 0, as Liberty tells its applications."""
    server = await serve()
    client = await Client2.to(server)
    assert (await client.answer(client.ask(b"/", *fields, method=b"POST", body=body))).status == 200
    assert server.far.requests[0].headers.all(b"content-length") == expected
    client.close()


MALFORMED: dict[str, tuple[list[tuple[bytes, bytes]], dict[str, bytes]]] = {
    "upper case": ([(b"X-A", b"b")], {}),
    "connection": ([(b"connection", b"close")], {}),
    "keep-alive": ([(b"keep-alive", b"1")], {}),
    "proxy-connection": ([(b"proxy-connection", b"close")], {}),
    "upgrade": ([(b"upgrade", b"h2c")], {}),
    "transfer-encoding": ([(b"transfer-encoding", b"chunked")], {}),
    "te": ([(b"te", b"gzip")], {}),
    "te with more": ([(b"te", b"trailers, gzip")], {}),
    "CR LF in a value": ([(b"x", b"a\r\nb")], {}),
    "CR in a value": ([(b"x", b"a\rb")], {}),
    "LF in a value": ([(b"x", b"a\nb")], {}),
    "NUL in a value": ([(b"x", b"a\0b")], {}),
    "blank before a value": ([(b"x", b" a")], {}),
    "blank behind a value": ([(b"x", b"a ")], {}),
    "tab before a value": ([(b"x", b"\ta")], {}),
    "CR LF in a name": ([(b"x\r\ny", b"b")], {}),
    "blank in a name": ([(b"x y", b"b")], {}),
    "colon in a name": ([(b"x:y", b"b")], {}),
    "NUL in a name": ([(b"x\0", b"b")], {}),
    "bytes in a name": ([(b"x\xff", b"b")], {}),
    "no name": ([(b"", b"b")], {}),
    "another host": ([(b"host", b"elsewhere")], {}),
    "two hosts": ([(b"host", b"localhost"), (b"host", b"localhost")], {}),
    "two paths": ([(b":path", b"/other")], {}),
    "two methods": ([(b":method", b"GET")], {}),
    "two schemes": ([(b":scheme", b"http")], {}),
    "two authorities": ([(b":authority", b"localhost")], {}),
    "a late pseudo-field": ([(b"x", b"y"), (b":late", b"z")], {}),
    "an unknown pseudo-field": ([], {"late": b"z"}),
    "a pseudo-field of answers": ([(b":status", b"200")], {}),
    "a pseudo-field of extended CONNECT": ([], {"protocol": b"websocket"}),
    "no path": ([], {"path": b""}),
    "a request in the path": ([], {"path": b"/a HTTP/1.1\r\nHost: b\r\n\r\nGET /b"}),
    "CR LF in the method": ([], {"method": b"GET\r\n"}),
    "CR LF in the authority": ([], {"authority": b"a\r\nb"}),
    "CR LF in the scheme": ([], {"scheme": b"http\r\n"}),
    "a length that is none": ([(b"content-length", b"x")], {}),
    "a list of lengths": ([(b"content-length", b"0, 0")], {}),
    "a signed length": ([(b"content-length", b"+0")], {}),
    "a negative length": ([(b"content-length", b"-1")], {}),
    "an empty length": ([(b"content-length", b"")], {}),
}


@pytest.mark.parametrize("tls", [False, True], ids=["clear text", "TLS"])
@pytest.mark.parametrize(("fields", "special"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_could_be_taken_for_something_else_ends_the_connection(
    serve: Serve, authority: Authority, fields: list[tuple[bytes, bytes]], special: dict[str, bytes], tls: bool
) -> None:
    """RFC 9113 sections 8.2 and 8.3: fields of HTTP/1.1's connection, line breaks, doubled or late pseudo-fields."""
    server = await serve(authority.tls(), https_port=0) if tls else await serve()
    client = await Client2.to(server, authority.client(alpn=("h2",)) if tls else None)
    changed = {"scheme": b"https" if tls else b"http"} | special
    path, method = changed.pop("path", b"/"), changed.pop("method", b"GET")
    client.ask(path, *fields, method=method, **changed)
    await client.end()
    assert client.goaway == ErrorCodes.PROTOCOL_ERROR
    assert server.far.requests == []
    client.close()


@pytest.mark.parametrize(
    "lengths", [[b"3"], [b"9"], [b"5", b"6"], [b"5_0"], [b"+5"], [b"5 "], ["٥".encode()], [b"0x5"], [b"5, 5"], [b"5", b"5"]], ids=str
)
async def test_the_length_is_that_of_the_body(serve: Serve, lengths: list[bytes]) -> None:
    """Five bytes that are announced otherwise, or twice, are no body of any request (RFC 9113, 8.1.1)."""
    server = await serve(answer=reading)
    client = await Client2.to(server)
    number = client.ask(b"/", *[(b"content-length", length) for length in lengths], method=b"POST", body=b"hello")
    answer = await client.answer(number)
    assert answer.status != 200
    assert answer.status == 400 or client.goaway == ErrorCodes.PROTOCOL_ERROR
    client.close()


async def test_a_head_that_is_packed_too_densely_ends_the_connection(serve: Serve) -> None:
    """maxHeaderBlockSize holds for what a head unpacks to (CVE-2016-6581)."""
    client = await Client2.to(await serve(options=HttpOptions(max_header_block_size=16384)))
    client.ask(b"/", *[(b"x", b"y" * 1000)] * 40)
    await client.end()
    assert client.goaway is not None
    client.close()
