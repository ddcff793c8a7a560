"""<authFilter>: which requests an authentication method is for."""

from collections.abc import Callable, Iterable, Sequence
from logging import getLogger
from typing import AnyStr, ClassVar, Literal

from zconnect.config.declarations import declarations
from zconnect.config.schema import Element, attr, children, element
from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import error, info
from zconnect.security.addresses import number_of, range_of, ranges_of
from zconnect.values import Request

logger = getLogger(__name__)

EMPTY_FILTER = info(
    "CWWKS4357I",
    "The authentication filter {id} has no condition, so it accepts every request.",
    "Give it a condition such as requestUrl, or remove it if that is meant.",
)
UNUSABLE_CONDITION = error(
    "ZCON0401E",
    "The condition {condition} of the authentication filter {id} cannot be used: {cause}.",
    "Correct its value; a condition that is left out would let the filter accept more than it should.",
)

MatchType = Literal["equals", "contains", "notContain"]
_MATCH = "equals: the whole text; contains: any of the parts between |; notContain: none of them"

# What a condition looks at, and the name of the application that the request is for.
Condition = Callable[[Request, str], bool]


@element
class TextCondition(Element):
    """A condition on a text; comparison minds the case and knows no wildcards."""

    match_type: MatchType = attr(default="contains", guard=True, doc=_MATCH)


@element
class WebApp(TextCondition):
    """A condition on the name of the application."""

    tag: ClassVar[str] = "webApp"
    name: str = attr(guard=True, doc="The name of the application, or a part of it")


@element
class RequestUrl(TextCondition):
    """A condition on the URL: scheme, host, decoded and normalised path, and the query as sent."""

    tag: ClassVar[str] = "requestUrl"
    url_pattern: str = attr(guard=True, doc="Text to look for; * is an ordinary character")


@element
class RemoteAddress(Element):
    """A condition on the address at the other end of the connection."""

    tag: ClassVar[str] = "remoteAddress"
    ip: str = attr(guard=True, doc="Address or range, for example 192.168.*.* or 10.0.0.[5-9]; several with | between them")
    match_type: Literal["equals", "contains", "notContain", "lessThan", "greaterThan"] = attr(
        default="contains", guard=True, doc="contains: in one of the ranges; equals, lessThan, greaterThan: against a single range"
    )


@element
class Host(TextCondition):
    """A condition on the Host header, port included."""

    tag: ClassVar[str] = "host"
    name: str = attr(guard=True, doc="Host, with the port where clients send one")


@element
class UserAgent(TextCondition):
    """A condition on the User-Agent header."""

    tag: ClassVar[str] = "userAgent"
    agent: str = attr(guard=True, doc="The text to look for in the header")


@element
class Cookie(TextCondition):
    """A condition on the raw Cookie header, names and values alike."""

    tag: ClassVar[str] = "cookie"
    name: str = attr(guard=True, doc="Text to look for; with equals it is the whole header, which is hardly ever meant")


@element
class RequestHeader(TextCondition):
    """A condition on a header."""

    tag: ClassVar[str] = "requestHeader"
    name: str = attr(guard=True, doc="The name of the header")
    value: str = attr(default="", guard=True, doc="Text to look for; without it the header only has to be there")


@element
class AuthFilter(Element):
    """Selects requests: all conditions must hold.

    <authFilter id="fromInside">
        <requestUrl urlPattern="/catalog|/orders"/>
        <remoteAddress ip="10.0.*.*"/>
        <userAgent agent="healthcheck" matchType="notContain"/>
    </authFilter>
    """

    tag: ClassVar[str] = "authFilter"
    conditions: ClassVar[bool] = True
    web_apps: tuple[WebApp, ...] = children(guard=True, doc="Conditions on the application")
    request_urls: tuple[RequestUrl, ...] = children(guard=True, doc="Conditions on the URL that was called")
    remote_addresses: tuple[RemoteAddress, ...] = children(guard=True, doc="Conditions on the client's address")
    hosts: tuple[Host, ...] = children(guard=True, doc="Conditions on the Host header")
    user_agents: tuple[UserAgent, ...] = children(guard=True, doc="Conditions on the User-Agent header")
    cookies: tuple[Cookie, ...] = children(guard=True, doc="Conditions on the Cookie header")
    request_headers: tuple[RequestHeader, ...] = children(guard=True, doc="Conditions on other headers")


class Filter:
    """An authentication filter, ready to be asked."""

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self._conditions = tuple(conditions)

    def accepts(self, request: Request, application: str = "") -> bool:
        """Whether every condition holds."""
        for condition in self._conditions:  # noqa: SIM110 - all() of a generator costs a microsecond more
            if not condition(request, application):
                return False
        return True


def compiled(settings: AuthFilter) -> Filter:
    """The filter of an element; raises `ConfigurationError` where a condition has no meaning."""
    conditions, problems = _conditions(settings)
    if problems:
        raise ConfigurationError(problems)
    return Filter(conditions)


def described(settings: AuthFilter) -> str:
    """Its conditions for a person, in the order in which they are asked."""
    children = (each for kind, _ in _ORDER for each in _children(settings) if isinstance(each, kind))
    return " and ".join(_described(each) for each in children) or "every request"


def _described(child: Element) -> str:
    values = ((each.name, getattr(child, each.field)) for each in declarations(type(child)) if each.name != "id")
    return " ".join([child.tag, *(f'{name}="{value}"' for name, value in values if value)])


def flaws(settings: AuthFilter) -> Sequence[Problem]:
    """The conditions that have no meaning; that there are none at all."""
    conditions, problems = _conditions(settings)
    if not conditions and not problems:
        return [Problem(EMPTY_FILTER(id=settings.id), settings.where, f"/server/{settings.tag}[{settings.id}]")]
    return problems


def _conditions(settings: AuthFilter) -> tuple[list[Condition], list[Problem]]:
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for kind, compile_one in _ORDER:
        for child in (each for each in _children(settings) if isinstance(each, kind)):
            try:
                conditions.append(compile_one(child))
            except ValueError as cause:
                told = UNUSABLE_CONDITION(condition=child.tag, id=settings.id, cause=cause)
                problems.append(Problem(told, child.where, f"/server/authFilter[{settings.id}]/{child.tag}", stops=True))
    return conditions, problems


def _children(settings: AuthFilter) -> tuple[Element, ...]:
    return (
        *settings.web_apps,
        *settings.request_urls,
        *settings.remote_addresses,
        *settings.hosts,
        *settings.user_agents,
        *settings.cookies,
        *settings.request_headers,
    )


def _test(match_type: str, wanted: AnyStr, bar: AnyStr) -> Callable[[AnyStr], bool]:
    """Whether one text equals the wanted one or contains a part of it."""
    wanted = wanted.strip()
    if not wanted:
        raise ValueError("it is empty")
    if match_type == "equals":
        return lambda text: text == wanted
    parts = [part for part in wanted.split(bar) if part]
    if len(parts) == 1:
        return lambda text: parts[0] in text
    return lambda text: any(part in text for part in parts)


def _web_app(element: WebApp) -> Condition:
    test = _test(element.match_type, element.name, "|")
    expected = element.match_type != "notContain"
    return lambda request, application: bool(application) and test(application) is expected


def _request_url(element: RequestUrl) -> Condition:
    test = _test(element.match_type, element.url_pattern, "|")
    expected = element.match_type != "notContain"
    # Or everybody could choose the client that judges him by a query that nobody else looks at.
    with_query = "?" in element.url_pattern
    return lambda request, application: test(url_of(request, with_query)) is expected


def url_of(request: Request, with_query: bool) -> str:
    """The URL that filters see: the path is the one that every other guard sees, not the one that was sent."""
    authority = request.authority.removesuffix(":443" if request.scheme == "https" else ":80")
    url = f"{request.scheme}://{authority}{request.path}"
    return f"{url}?{request.query}" if with_query and request.query else url


def _host(element: Host) -> Condition:
    test = _test(element.match_type, element.name, "|")
    expected = element.match_type != "notContain"
    return lambda request, application: (bool(request.authority) and test(request.authority)) is expected


def _user_agent(element: UserAgent) -> Condition:
    return _header(b"user-agent", element.match_type, element.agent)


def _cookie(element: Cookie) -> Condition:
    return _header(b"cookie", element.match_type, element.name)


def _request_header(element: RequestHeader) -> Condition:
    name = _bytes(element.name.strip().lower())
    if not name:
        raise ValueError("it names no header")
    if element.value.strip():
        return _header(name, element.match_type, element.value)
    expected = element.match_type != "notContain"
    return lambda request, application: (request.headers.get(name) is not None) is expected


def _header(name: bytes, match_type: MatchType, value: str) -> Condition:
    """Every field of that name counts, not only the first, so that a second one cannot hide."""
    test = _test(match_type, _bytes(value), b"|")
    expected = match_type != "notContain"

    def condition(request: Request, application: str) -> bool:
        found = any(test(text) for known, text in request.headers.fields if known == name)
        return found is expected

    return condition


def _bytes(text: str) -> bytes:
    """Header fields are Latin-1; a character beyond it becomes something that no client sends."""
    return text.encode("latin-1", "xmlcharrefreplace")


def _remote_address(element: RemoteAddress) -> Condition:
    if element.match_type in ("contains", "notContain"):
        ranges = ranges_of(element.ip)
        expected = element.match_type == "contains"
        return lambda request, application: _within(request, ranges) is expected
    low, high = range_of(element.ip)
    if element.match_type == "equals":
        return lambda request, application: low <= number_of(request.peer.address) <= high
    if element.match_type == "lessThan":
        return lambda request, application: number_of(request.peer.address) < low
    return lambda request, application: number_of(request.peer.address) > high


def _within(request: Request, ranges: tuple[tuple[int, int], ...]) -> bool:
    number = number_of(request.peer.address)
    return any(low <= number <= high for low, high in ranges)


# The order of evaluation is Liberty's, and so is the rule that it does not follow the document.
_ORDER: tuple[tuple[type[Element], Callable[..., Condition]], ...] = (
    (WebApp, _web_app),
    (RequestUrl, _request_url),
    (RemoteAddress, _remote_address),
    (Host, _host),
    (UserAgent, _user_agent),
    (Cookie, _cookie),
    (RequestHeader, _request_header),
)
