"""What pages of other origins may do."""

from pathlib import Path

import pytest

from tests.applied import applied
from zconnect.config.configuration import Configuration
from zconnect.runtime.manager import Manager
from zconnect.server.cors import Cors, CorsRules
from zconnect.values import NO_BODY, Headers, Page, Peer, Request, Response

RULE = Cors(
    domain="/echo",
    allowed_origins=("https://web.test", "https://two.test"),
    allowed_methods=("GET", "PUT"),
    allowed_headers=("X-One", "Content-Type"),
    expose_headers="X-E1, X-E2",
    max_age=600,
    allow_credentials=True,
)


ALLOWED = b"\r\naccess-control-allow-origin: https://web.test\r\n"


def rules(*elements: Cors) -> CorsRules:
    """The rules of a server that serves every path."""
    return CorsRules(Configuration(elements), lambda request: True)


def asking(method: str = "GET", path: str = "/echo/x", **fields: str) -> Request:
    headers = Headers([(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()])
    return Request(method, path, path, "", headers, NO_BODY, Peer("a", 1, "b", 2), "http", "a", "1.1", 0.0, "1", {})


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        ("/echo/x", "https://web.test", True),
        ("/echoes", "https://two.test", True),
        ("/other", "https://web.test", False),
        ("/echo/x", "https://evil.test", False),
        ("/echo/x", "https://WEB.test", False),
        ("/echo/x", "https://web.test:443", False),
        ("/echo/x", "https://web.test https://two.test", False),
        ("/echo/x", "null", False),
        ("/echo/x", "", False),
    ],
)
def test_an_answer_names_an_allowed_origin(path: str, origin: str, allowed: bool) -> None:
    """Origins are compared exactly; another one gets the answer without permission (case cors-list)."""
    fields = dict(rules(RULE).edit(asking(path=path, origin=origin), Response(200)).headers)
    expected = {
        b"access-control-allow-credentials": b"true",
        b"access-control-allow-origin": origin.encode(),
        b"access-control-expose-headers": b"X-E1, X-E2",
        b"vary": b"Origin",
    }
    assert fields == (expected if allowed else {})


@pytest.mark.parametrize(
    ("method", "headers", "allowed"),
    [
        ("PUT", "X-One, content-type", True),
        ("PUT", "", True),
        ("DELETE", "", False),
        ("put", "", False),
        ("PUT", "X-Bad", False),
        ("", "", False),
    ],
)
def test_a_preflight_is_answered_before_the_guard(method: str, headers: str, allowed: bool) -> None:
    """Method and fields have to be allowed; else it is an ordinary OPTIONS."""
    request = asking("OPTIONS", origin="https://web.test", access_control_request_method=method, access_control_request_headers=headers)
    answer = rules(RULE).answer(request)
    assert (answer is not None) == allowed
    assert rules(RULE).edit(request, Response(200)).headers == ()
    if answer:
        assert answer == Response(
            200,
            (
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-allow-origin", b"https://web.test"),
                (b"access-control-max-age", b"600"),
                (b"access-control-allow-methods", b"GET, PUT"),
                (b"access-control-allow-headers", b"X-One, Content-Type"),
            ),
        )


def test_only_options_is_a_preflight() -> None:
    """Another method with the same fields goes its way."""
    assert rules(RULE).answer(asking("PUT", origin="https://web.test", access_control_request_method="PUT")) is None


@pytest.mark.parametrize(
    ("origin", "scheme", "authority", "page"),
    [
        ("https://shop.test", "https", "shop.test", Page.OWN),
        ("https://shop.test", "https", "shop.test:443", Page.OWN),
        ("https://shop.test:9443", "https", "shop.test:9443", Page.OWN),
        ("https://[::1]:9443", "https", "[::1]:9443", Page.OWN),
        ("https://shop.test", "http", "shop.test", Page.OWN),
        ("http://shop.test", "https", "shop.test", Page.FOREIGN),
        ("http://shop.test:80", "https", "shop.test:80", Page.FOREIGN),
        ("https://shop.test", "https", "shop.test:9443", Page.FOREIGN),
        ("https://shop.test@evil.test", "https", "evil.test", Page.FOREIGN),
        ("https://", "https", "", Page.FOREIGN),
        ("ftp://shop.test", "https", "shop.test", Page.FOREIGN),
        ("https://web.test", "https", "shop.test", Page.TRUSTED),
    ],
)
def test_a_page_of_this_host_is_known_by_its_origin(origin: str, scheme: str, authority: str, page: Page) -> None:
    """Host and port as the caller asked for them (RFC 6454); TLS may end before this server, but no page without it speaks for one with."""
    request = asking(origin=origin)._replace(scheme=scheme, authority=authority)
    assert rules(RULE).page(request) is page


def test_any_origin_is_never_given_credentials() -> None:
    """With * everybody may read what anybody may read, and nothing more."""
    rule = Cors(domain="/", allowed_origins=("*",), allow_credentials=True)
    fields = rules(rule).edit(asking(origin="https://evil.test"), Response(200)).headers
    assert fields == ((b"access-control-allow-origin", b"*"),)


def test_the_longest_domain_decides() -> None:
    """Whatever the order in server.xml."""
    found = rules(Cors(domain="/", allowed_origins=("*",)), Cors(domain="/echo", allowed_origins=("https://a",)))
    assert found.edit(asking(origin="https://b"), Response(200)).headers == ()
    assert found.edit(asking(path="/x", origin="https://b"), Response(200)).headers != ()


async def test_a_path_that_means_nothing_has_no_rule(tmp_path: Path) -> None:
    """No field of CORS, and no answer to a preflight (recorded from a real server); an application's own 404 has them."""
    app = """
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 404})
            await send({"type": "http.response.body"})
    """
    rule = Cors(domain="/", allowed_origins=("https://web.test",), allowed_methods=("PUT",))
    async with applied(tmp_path, app, rule) as server:
        end = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: https://web.test\r\n"
        preflight = end + b"Access-Control-Request-Method: PUT\r\n"
        for line, status, told in (
            (b"GET /app/x" + end, 404, True),
            (b"GET /apples" + end, 404, False),
            (b"OPTIONS /app/x" + preflight, 200, True),
            (b"OPTIONS /apples" + preflight, 404, False),
        ):
            answer = await server.ask(line)
            assert answer.startswith(b"HTTP/1.1 %d " % status), line
            assert (ALLOWED in answer) == told, line


async def test_a_stranger_does_not_find_paths_by_their_rules(tmp_path: Path) -> None:
    """Where z/OS Connect guards what is not there like what is, the two answers are the same in this, too."""
    rule = Cors(domain="/", allowed_origins=("https://web.test",), allowed_methods=("PUT",))
    async with applied(tmp_path, "app = None", Manager(require_secure=False), rule, features=("zosconnect:zosconnect-2.0",)) as server:
        end = b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: https://web.test\r\n"
        for more in (b"", b"Access-Control-Request-Method: PUT\r\n"):
            there, absent = [await server.ask(method + path + end + more) for method in (b"OPTIONS ",) for path in (b"/app/x", b"/x")]
            assert there.split(b"\r\n")[0] == absent.split(b"\r\n")[0]
            assert ALLOWED in there
            assert ALLOWED in absent
