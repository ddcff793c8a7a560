"""Where a token stands in a request and what it looks like."""

import base64
from collections.abc import AsyncIterator

import pytest

from zconnect.security.challenges import Shape
from zconnect.security.credential import claimed_issuer, in_form, named, shape_of, stripped
from zconnect.server.body import Incoming
from zconnect.values import Headers

from .support import request


def part(text: str) -> bytes:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=")


JWT = part('{"alg":"RS256"}') + b"." + part('{"iss":"https://op"}') + b".c2ln"


class Text:
    """A body of known bytes."""

    def __init__(self, content: bytes, length: int | None = None) -> None:
        self._content = content
        self.received = 0
        self.length = length if length is not None else len(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content

    async def read(self) -> bytes:
        raise AssertionError("the application could not read it any more")

    async def peek(self) -> bytes:
        return self._content


# recorded case 21
@pytest.mark.parametrize(
    ("value", "token"),
    [(b"Bearer abc", b"abc"), (b"bearer abc", b"abc"), (b"BEARER  abc", b" abc"), (b"abc", b"abc"), (b"Basic YTpi", b"Basic YTpi")],
)
def test_the_scheme_is_taken_off_in_any_letter_case(value: bytes, token: bytes) -> None:
    """A value without the scheme is a token as it is; a second blank belongs to the token."""
    assert token == stripped(value)


# recorded case 38
@pytest.mark.parametrize(
    ("fields", "token"),
    [
        ([(b"x-token", b"abc")], b"abc"),
        ([(b"x-token", b"Bearer  abc ")], b"abc"),
        ([(b"x-token", b"")], b""),
        ([(b"x-token", b"a"), (b"x-token", b"b")], b"a"),
        ([], None),
        ([(b"x-token-segments", b"1"), (b"x-token-1", b"abc")], b"abc"),
        ([(b"x-token-segments", b"2"), (b"x-token-1", b"ab "), (b"x-token-2", b"c")], b"abc"),
        ([(b"x-token-segments", b"2"), (b"x-token-1", b"Bearer "), (b"x-token-2", b"abc")], b"Bearerabc"),
        ([(b"x-token-segments", b"5"), (b"x-token-1", b"abc")], b"abc"),
        ([(b"x-token-segments", b"100000"), (b"x-token-1", b"abc"), (b"x-token-17", b"d")], b"abc"),
        ([(b"x-token-segments", b"0"), (b"x-token-1", b"abc")], None),
        ([(b"x-token-segments", b"-1"), (b"x-token-1", b"abc")], None),
        ([(b"x-token-segments", b"x"), (b"x-token-1", b"abc")], None),
        ([(b"x-token-segments", b"1")], None),
        ([(b"x-token-1", b"abc")], None),
    ],
)
def test_a_header_of_its_own_may_be_cut_into_segments(fields: list[tuple[bytes, bytes]], token: bytes | None) -> None:
    """The segments are walked through up to a limit."""
    assert token == named(Headers(fields), b"x-token")


FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


# vectors O36 to O38
@pytest.mark.parametrize(
    ("method", "headers", "query", "body", "token"),
    [
        ("POST", FORM, "", Text(b"a=1&access_token=abc"), b"abc"),
        ("POST", FORM, "", Text(b"a=1"), None),
        ("POST", FORM, "access_token=abc", Text(b""), None),
        ("GET", FORM, "access_token=abc", Text(b"access_token=abc"), None),
        ("PUT", FORM, "", Text(b"access_token=abc"), None),
        ("POST", (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),), "", Text(b"access_token=abc"), None),
        ("POST", (), "", Text(b"access_token=abc"), None),
        ("POST", FORM, "", Text(b"access_token=abc", 1_000_000), None),
    ],
)
async def test_a_form_may_carry_the_token(
    method: str, headers: tuple[tuple[str, str], ...], query: str, body: Text, token: bytes | None
) -> None:
    """Only the body of a short POST with exactly that content type is read, and no query ever is."""
    assert token == await in_form(request(method=method, headers=headers, query=query, body=body))


@pytest.mark.parametrize(
    ("token", "shape"),
    [
        (JWT, Shape.JWT),
        (b".".join(JWT.split(b".")[:2]), Shape.JWT),
        (b"x." + JWT.split(b".")[1] + b".c", Shape.JWT),
        (b"Bearer:" + JWT, Shape.JWT),
        (b"garbage", Shape.OPAQUE),
        (b"a.b.c", Shape.OPAQUE),
        (b"", Shape.OPAQUE),
        (part("[1]") + b"." + part("2") + b".c", Shape.OPAQUE),
        (part("[" * 5000) + b".x.y", Shape.OPAQUE),
        (part('{"a":"' + "x" * 20000 + '"}') + b".x.y", Shape.OPAQUE),
        (b"\xff\xfe.\x00.c", Shape.OPAQUE),
    ],
)
def test_what_a_token_looks_like(token: bytes, shape: Shape) -> None:
    """Two parts and a JSON object in one of the first two make it look like a JWT; nothing makes the look fail."""
    assert shape is shape_of(token)


@pytest.mark.parametrize(
    ("token", "issuer"),
    [
        (JWT, "https://op"),
        (b"x." + part('{"iss":["https://op"]}'), None),
        (b"x." + part("{}"), None),
        (b"x." + part("[]"), None),
        (b"x", None),
        (b"", None),
    ],
)
def test_the_issuer_that_a_token_names(token: bytes, issuer: str | None) -> None:
    """It serves to choose who judges, so anything but a text is none."""
    assert issuer == claimed_issuer(token)


class Silent:
    """A connection that needs not be told how far a body was read."""

    def wanted(self) -> None: ...

    def taken(self, size: int) -> None: ...


async def test_a_form_that_was_looked_at_is_still_there_to_be_read() -> None:
    """The application gets its form, token and all."""
    form = b"access_token=abc&a=1"
    body = Incoming(Silent(), len(form))
    body.feed(form[:5])
    body.feed(form[5:])
    body.end()
    assert await in_form(request(method="POST", headers=FORM, body=body)) == b"abc"
    assert await in_form(request(method="POST", headers=FORM, body=body)) == b"abc"
    assert [piece async for piece in body] == [form]
    assert await body.read() == b""
