"""<authFilter> and its conditions."""

from typing import Any

import pytest

from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError
from zconnect.security.authfilter import (
    AuthFilter,
    Cookie,
    Host,
    RemoteAddress,
    RequestHeader,
    RequestUrl,
    UserAgent,
    WebApp,
    compiled,
    flaws,
    url_of,
)

from .support import request

PLACES: dict[type[Element], str] = {
    WebApp: "web_apps",
    RequestUrl: "request_urls",
    RemoteAddress: "remote_addresses",
    Host: "hosts",
    UserAgent: "user_agents",
    Cookie: "cookies",
    RequestHeader: "request_headers",
}


def auth_filter(*conditions: Element) -> AuthFilter:
    children: dict[str, Any] = {}
    for condition in conditions:
        place = PLACES[type(condition)]
        children[place] = (*children.get(place, ()), condition)
    return AuthFilter(id="f", **children)


def url(text: str) -> dict[str, Any]:
    scheme, _, rest = text.partition("://")
    authority, slash, path = rest.partition("/")
    path, _, query = path.partition("?")
    return {"scheme": scheme, "authority": authority, "path": slash + path, "query": query}


def header(name: str, value: str) -> dict[str, Any]:
    return {"headers": ((name, value),)}


BEARER_OR_BASIC = RequestHeader(name="Authorization", value="Bearer |Basic ")

# The reference's vectors, section 10.1; F05 and F26 stand below, F10 differs on purpose.
VECTORS = [
    ("F01", [RequestUrl(url_pattern="/url1", match_type="notContain")], {"path": "/urlNotContain"}, True),
    ("F02", [RequestUrl(url_pattern="/url1", match_type="notContain")], {"path": "/url1"}, False),
    ("F03", [RequestUrl(url_pattern="/url1|/url2|/url3", match_type="notContain")], {"path": "/url2"}, False),
    ("F04", [RequestUrl(url_pattern="/url1|/url2|/url3", match_type="notContain")], {"path": "/urlNotContain"}, True),
    ("F06", [RequestUrl(url_pattern="/api")], url("http://h:9080/app?next=/api"), False),  # in Liberty it accepts
    ("F07", [RequestUrl(url_pattern="/API")], url("http://h/api"), False),
    ("F08", [RequestUrl(url_pattern="/api/*")], url("http://h/api/x"), False),
    ("F09", [RequestUrl(url_pattern="http://h:9080/a", match_type="equals")], url("http://h:9080/a?x=1"), True),  # in Liberty it does not
    ("F10", [RequestUrl(url_pattern="/api")], {"path": "/other", **header("request-url", "/api")}, False),
    ("F11", [Host(name="h.example", match_type="equals")], {"authority": "h.example:9443"}, False),
    ("F12", [Host(name="h.example")], {"authority": "h.example:9443"}, True),
    ("F13", [UserAgent(agent="curl")], {}, False),
    ("F14", [UserAgent(agent="curl", match_type="notContain")], {}, True),
    ("F15", [Cookie(name="LtpaToken2")], header("Cookie", "LtpaToken2=abc"), True),
    ("F16", [Cookie(name="LtpaToken2", match_type="equals")], header("Cookie", "LtpaToken2=abc"), False),
    ("F17", [Cookie(name="LtpaToken2", match_type="notContain")], {}, True),
    ("F18", [Cookie(name="abc")], header("Cookie", "x=abc"), True),
    ("F19", [RequestHeader(name="X-A")], header("X-A", "1"), True),
    ("F20", [RequestHeader(name="X-A", match_type="notContain")], header("X-A", "1"), False),
    ("F21", [BEARER_OR_BASIC], header("Authorization", "Bearer t"), True),
    ("F22", [RemoteAddress(ip="192.168.*.*", match_type="equals")], {"address": "192.168.255.255"}, True),
    ("F23", [RemoteAddress(ip="10.0.0.1|10.0.0.9")], {"address": "10.0.0.9"}, True),
    ("F24", [RemoteAddress(ip="10.0.0.[5-9]", match_type="lessThan")], {"address": "10.0.0.4"}, True),
    ("F25", [RemoteAddress(ip="10.0.0.[5-9]", match_type="greaterThan")], {"address": "10.0.0.9"}, False),
    ("F27", [RemoteAddress(ip="1080:0:0:0:8:800:200C:*")], {"address": "1080::8:800:200c:ffff"}, True),
    ("F28", [RequestUrl(url_pattern="/a"), Host(name="b")], {"path": "/a", "authority": "c"}, False),
]

# Sections 1.2 to 1.5 of the reference.
RULES = [
    ("a pattern with a query", [RequestUrl(url_pattern="/api?wsdl")], url("http://h/api?wsdl=1"), True),
    ("a pattern with another query", [RequestUrl(url_pattern="?wsdl", match_type="notContain")], url("http://h/api?x=1"), True),
    ("the web application's name", [WebApp(name="whoami", match_type="equals")], {}, True),
    ("another application", [WebApp(name="shop")], {}, False),
    ("notContain of another application", [WebApp(name="shop", match_type="notContain")], {}, True),
    ("a header cannot replace the application", [WebApp(name="shop")], header("webApp", "shop"), False),
    ("a header cannot replace the address", [RemoteAddress(ip="10.0.0.1")], header("remote-address", "10.0.0.1"), False),
    ("only bars: contains never holds", [UserAgent(agent="|")], header("User-Agent", "|"), False),
    ("only bars: notContain always holds", [UserAgent(agent="|", match_type="notContain")], header("User-Agent", "|"), True),
    ("blanks round a bar count", [UserAgent(agent="a | b")], header("User-Agent", "ab"), False),
    ("equals takes a bar as a character", [UserAgent(agent="a|b", match_type="equals")], header("User-Agent", "a|b"), True),
    ("header present, value different", [RequestHeader(name="X-A", value="1", match_type="equals")], header("X-A", "2"), False),
    ("header absent, contains", [RequestHeader(name="X-A", value="1")], {}, False),
    ("header absent, notContain", [RequestHeader(name="X-A", value="1", match_type="notContain")], {}, True),
    ("header without value, absent", [RequestHeader(name="X-A")], {}, False),
    ("header without value, absent, notContain", [RequestHeader(name="X-A", match_type="notContain")], {}, True),
    ("address outside", [RemoteAddress(ip="10.0.0.*", match_type="notContain")], {"address": "10.0.1.1"}, True),
    ("no Host header", [Host(name="h", match_type="notContain")], {"authority": ""}, True),
    ("values are trimmed", [UserAgent(agent=" curl ", match_type="equals")], header("User-Agent", "curl"), True),
    ("a second header counts", [RequestHeader(name="X-A", value="2")], {"headers": (("X-A", "1"), ("X-A", "2"))}, True),
    ("a second cookie header counts", [Cookie(name="b=")], {"headers": (("Cookie", "a=1"), ("Cookie", "b=2"))}, True),
]


@pytest.mark.parametrize(("_", "conditions", "asked", "accepted"), VECTORS + RULES, ids=[row[0] for row in VECTORS + RULES])
def test_a_filter_accepts_as_the_reference_says(_: str, conditions: list[Element], asked: dict[str, Any], accepted: bool) -> None:
    """Every vector of the reference holds, save those that are stricter on purpose."""
    assert accepted is compiled(auth_filter(*conditions)).accepts(request(**asked), "whoami")


@pytest.mark.parametrize("match_type", ["contains", "notContain"])
def test_without_an_application_no_condition_on_it_holds(match_type: Any) -> None:
    """A request that is for no application satisfies neither a condition nor its opposite (reference 1.5)."""
    assert not compiled(auth_filter(WebApp(name="shop", match_type=match_type))).accepts(request(), "")


def test_a_filter_without_conditions_accepts_all_and_says_so() -> None:
    """F05: nothing in it is told, because it is seldom meant."""
    assert compiled(auth_filter()).accepts(request())
    assert [each.told.message.number for each in flaws(auth_filter())] == ["CWWKS4357I"]


@pytest.mark.parametrize(
    "condition",
    [
        RemoteAddress(ip="10.[1-2].[3-4].*", match_type="equals"),  # F26: Liberty drops it and accepts everything
        RemoteAddress(ip="10.0.0.1|10.0.0.2", match_type="equals"),
        RemoteAddress(ip="127.0.0.0/8"),
        RemoteAddress(ip=""),
        RequestUrl(url_pattern=" "),
        RequestHeader(name=" ", value="x"),
    ],
    ids=str,
)
def test_a_condition_without_meaning_stops_the_start(condition: Element) -> None:
    """A condition that were dropped would let the filter accept more than is written."""
    with pytest.raises(ConfigurationError) as caught:
        compiled(auth_filter(condition, UserAgent(agent="x")))
    assert [problem.told.message.number for problem in caught.value.problems] == ["ZCON0401E"]
    assert all(problem.stops for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"path": "/a", "query": ""}, "https://localhost:9443/a"),
        ({"path": "/a", "query": "x=1"}, "https://localhost:9443/a?x=1"),
        ({"authority": "h:443"}, "https://h/app/x"),
        ({"authority": "h:80", "scheme": "http"}, "http://h/app/x"),
        ({"authority": "h:80"}, "https://h:80/app/x"),
    ],
)
def test_the_tested_url_is_the_normalised_one(asked: dict[str, Any], text: str) -> None:
    """The filter sees the path that constraints and routes see, and leaves out the port that goes without saying."""
    assert text == url_of(request(**asked), with_query=True)
