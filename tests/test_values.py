"""What travels: header lookup, identities, the empty body."""

from zconnect.values import NO_BODY, Headers, Identity


def test_headers_keep_order_and_repetition() -> None:
    """`get` is the first of a name, `all` every one."""
    headers = Headers([(b"a", b"1"), (b"b", b"2"), (b"a", b"3")])
    assert (headers.get(b"a"), headers.all(b"a"), headers.get(b"c"), len(headers)) == (b"1", [b"1", b"3"], None, 3)


def test_an_access_id_is_liberty_s() -> None:
    """user:REALM/UNIQUE_ID."""
    assert Identity("alice", "zosConnect", "u1").access_id == "user:zosConnect/u1"


async def test_no_body_is_empty() -> None:
    """Reading and iterating give nothing."""
    assert await NO_BODY.read() == b""
    assert [piece async for piece in NO_BODY] == []
