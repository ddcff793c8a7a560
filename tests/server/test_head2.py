"""Which heads of HTTP/2 are acceptable requests."""

import pytest
from h2.errors import ErrorCodes

from tests.server.client2 import Client2
from tests.server.conftest import Serve
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
    "announced body": (400, [(b"content-length", b"5")], {}),
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


@pytest.mark.parametrize(
    "fields",
    [
        [(b"X-A", b"b")],
        [(b"connection", b"close")],
        [(b"transfer-encoding", b"chunked")],
        [(b"te", b"gzip")],
        [(b"x", b"a\r\nb")],
        [(b"x\r\ny", b"b")],
        [(b"host", b"elsewhere")],
        [(b":path", b"/other")],
        [(b"x", b"y"), (b":late", b"z")],
    ],
)
async def test_what_could_be_taken_for_something_else_ends_the_connection(serve: Serve, fields: list[tuple[bytes, bytes]]) -> None:
    """RFC 9113 sections 8.2 and 8.3: fields of HTTP/1.1's connection, line breaks, doubled or late pseudo-fields."""
    server = await serve()
    client = await Client2.to(server)
    client.ask(b"/", *fields)
    await client.end()
    assert client.goaway == ErrorCodes.PROTOCOL_ERROR
    assert server.far.requests == []
    client.close()


async def test_a_head_that_is_packed_too_densely_ends_the_connection(serve: Serve) -> None:
    """maxHeaderBlockSize holds for what a head unpacks to (CVE-2016-6581)."""
    client = await Client2.to(await serve(options=HttpOptions(max_header_block_size=16384)))
    client.ask(b"/", *[(b"x", b"y" * 1000)] * 40)
    await client.end()
    assert client.goaway is not None
    client.close()
