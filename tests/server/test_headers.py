"""Header fields that every answer gets or loses."""

import pytest

from tests.server.conftest import Serve
from zconnect.server.headers import HeadersElement, header_edit, no_cache_cookies
from zconnect.values import Response

ANSWER = Response(200, ((b"content-type", b"text/plain"), (b"x-app", b"own"), (b"x-gone", b"1")))


@pytest.mark.parametrize(
    ("element", "fields"),
    [
        (HeadersElement(add=("X-App: two", "X-Add:one")), (*ANSWER.headers, (b"x-app", b"two"), (b"x-add", b"one"))),
        (HeadersElement(set=("X-App: two",)), (ANSWER.headers[0], ANSWER.headers[2], (b"x-app", b"two"))),
        (HeadersElement(set_if_missing=("X-App: two", "X-Miss: m")), (*ANSWER.headers, (b"x-miss", b"m"))),
        (HeadersElement(remove=("X-GONE", "x-never")), ANSWER.headers[:2]),
        (HeadersElement(set=("X-Empty:",)), (*ANSWER.headers, (b"x-empty", b""))),
    ],
)
def test_fields_are_added_set_and_removed(element: HeadersElement, fields: tuple[tuple[bytes, bytes], ...]) -> None:
    """Case headers-element of the recorded server."""
    edit = header_edit(element)
    assert edit is not None
    assert edit(None, ANSWER).headers == fields


def test_what_cannot_be_used_is_left_out() -> None:
    """Case headers-bad: no name, a line break, a name in two lists."""
    element = HeadersElement(add=("X-A: 1", "nocolon", ": v", "X: a\r\nY: b"), set=("x-a: 2",))
    edit = header_edit(element)
    assert edit is not None
    assert edit(None, Response(200)).headers == ((b"nocolon", b""),)
    assert [each.told.message.number for each in element.mistakes()] == ["CWWKT0042W", "CWWKT0042W", "CWWKT0043W"]


CLASHES = [
    # element, what an answer gets, messages; the rules of HttpChannelConfig.setHeaderToCollection
    (HeadersElement(add=("A: 1", "a: 2")), ((b"a", b"1"), (b"a", b"2")), []),
    (HeadersElement(remove=("A", "a")), (), []),
    (HeadersElement(set=("A: 1", "a: 2")), (), ["CWWKT0043W"]),
    (HeadersElement(set_if_missing=("A: 1", "a: 2", "B: 3")), ((b"b", b"3"),), ["CWWKT0043W"]),
    (HeadersElement(remove=("A",), add=("A: 1", "A: 2"), set=("A: 3",)), (), ["CWWKT0043W", "CWWKT0044W", "CWWKT0044W"]),
]


@pytest.mark.parametrize(("element", "fields", "numbers"), CLASHES)
def test_a_field_that_clashes_is_left_out(element: HeadersElement, fields: tuple[tuple[bytes, bytes], ...], numbers: list[str]) -> None:
    """With itself, too, where it can be set once only; told once as a clash, and then as one that is known."""
    edit = header_edit(element)
    assert (edit(None, Response(200)).headers if edit else ()) == fields
    assert [each.told.message.number for each in element.mistakes()] == numbers


def test_nothing_to_do_costs_nothing() -> None:
    """No edit without an entry."""
    assert header_edit(HeadersElement()) is None


@pytest.mark.parametrize(
    ("fields", "added"),
    [
        ((), ()),
        (((b"set-cookie", b"a"), (b"cache-control", b"private")), ()),
        (((b"set-cookie", b"a"), (b"expires", b"0")), (b"cache-control",)),
        (((b"set-cookie", b"a"),), (b"cache-control", b"expires")),
    ],
)
def test_cookies_are_kept_out_of_caches(fields: tuple[tuple[bytes, bytes], ...], added: tuple[bytes, ...]) -> None:
    """NoCacheCookiesControl, where the service says nothing itself."""
    edited = no_cache_cookies(None, Response(200, fields)).headers
    assert tuple(name for name, _ in edited[len(fields) :]) == added


async def test_refusals_of_the_edge_carry_them_too(serve: Serve) -> None:
    """A security header stands on every answer."""
    server = await serve(headers=HeadersElement(set=("X-Frame-Options: DENY",)))
    assert b"x-frame-options: DENY\r\n" in await server.ask(b"rubbish\r\n\r\n")
    assert b"x-frame-options: DENY\r\n" in await server.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
