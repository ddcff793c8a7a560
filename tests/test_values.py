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


def test_claims_do_not_make_somebody_else() -> None:
    """What is remembered of callers is kept under them."""
    alice, with_claims, other = (Identity("alice", "zosConnect", "u1", **more) for more in ({}, {"claims": {"a": 1}}, {"expires": 7.0}))
    assert alice == with_claims
    assert not alice != with_claims  # noqa: SIM202  # the inverse is an operator of its own
    assert hash(alice) == hash(with_claims)
    assert alice != other
    assert alice != tuple(alice)
    assert {alice: 1}.get(with_claims) == 1
