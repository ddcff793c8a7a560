"""What passes on to a back end and what does not."""

import pytest

from tests.services.conftest import asking
from zconnect.errors import Refused
from zconnect.services.forwarding import request_fields, response_fields, target
from zconnect.values import Headers


def passed(*fields: tuple[bytes, bytes], forwarded: frozenset[bytes] = frozenset(), own: str = "") -> dict[str, str]:
    request = asking("/x")._replace(headers=Headers(list(fields)))
    return dict(request_fields(request, forwarded, own))


def test_what_belongs_to_the_caller_stays_here() -> None:
    """Hop by hop (RFC 9110, 7.6.1), credentials, and what only a proxy may say."""
    held = (
        b"host",
        b"content-length",
        b"expect",
        b"connection",
        b"keep-alive",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"proxy-authorization",
        b"proxy-connection",
        b"authorization",
        b"cookie",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-user",
        b"x-real-ip",
        b"$wsra",
        b"x-request-id",
    )
    fields = [(name, b"secret") for name in held] + [(b"accept", b"*/*"), (b"x-mine", "ä".encode())]
    assert passed(*fields) == {"accept": "*/*", "x-mine": "ä", "x-request-id": "r-1"}


def test_what_the_connection_field_names_stays_here() -> None:
    """In any case, with blanks round it."""
    assert passed((b"connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"x-end", b"2")) == {"x-end": "2", "x-request-id": "r-1"}


def test_credentials_pass_only_by_name_and_our_own_win() -> None:
    """forwardHeaders, and basicAuthRef before it."""
    fields = ((b"authorization", b"Bearer his"), (b"cookie", b"a=b"))
    both = frozenset({b"authorization", b"cookie"})
    assert passed(*fields, forwarded=both) == {"authorization": "Bearer his", "cookie": "a=b", "x-request-id": "r-1"}
    assert passed(*fields, forwarded=both, own="Basic ours") == {"authorization": "Basic ours", "cookie": "a=b", "x-request-id": "r-1"}


def test_an_answer_passes_without_its_hops_and_cookies() -> None:
    """A back end that gets no cookies sets none; names become lower case, repeated fields stay."""
    raw = [
        (b"Set-Cookie", b"LtpaToken2=x"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Connection", b"x"),
        (b"X", b"1"),
        (b"Via", b"a"),
        (b"Via", b"b"),
    ]
    assert response_fields(raw, cookies=False) == ((b"via", b"a"), (b"via", b"b"))
    assert (b"set-cookie", b"LtpaToken2=x") in response_fields(raw, cookies=True)


@pytest.mark.parametrize(
    ("base", "subpath", "query", "expected"),
    [
        ("http://h/base", "", "", "http://h/base"),
        ("http://h/base", "/x", "a=b&c=%20", "http://h/base/x?a=b&c=%20"),
        ("http://h/", "/x", "", "http://h/x"),
        ("http://h/base/", "/x", "", "http://h/base/x"),
        ("http://h/base", "/a b/ä", "", "http://h/base/a%20b/%C3%A4"),
        ("http://h/base", "/%2e%2e/x", "", "http://h/base/%252e%252e/x"),
        ("http://h/base", "/a?b#c", "", "http://h/base/a%3Fb%23c"),
        ("http://h/base", "/x", "a=\r\nä", "http://h/base/x?a=%0D%0A%E4"),
        ("http://h/base", "/@evil.example/:80", "", "http://h/base/@evil.example/:80"),
    ],
)
def test_a_path_is_joined_safely(base: str, subpath: str, query: str, expected: str) -> None:
    """It cannot leave the base, end early, or begin another line."""
    assert target(base, subpath, query) == expected


@pytest.mark.parametrize("subpath", ["/../x", "/x/..", "/./x", "/..;/x", "/a/..;v=1/x", "/..\\x", "/a\\..\\x"])
def test_a_path_that_some_server_reads_as_a_way_out_is_refused(subpath: str) -> None:
    """Dot segments, also those with parameters or backslashes."""
    with pytest.raises(Refused, match="ZCON0631W") as refused:
        target("http://h/base", subpath, "")
    assert refused.value.status == 400


def test_a_value_that_is_not_utf8_is_passed_on_readable() -> None:
    """As the ISO-8859-1 that it probably is."""
    assert passed((b"x-mine", b"\xe4")) == {"x-mine": "ä", "x-request-id": "r-1"}
