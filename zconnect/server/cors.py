"""<cors>: which pages of other origins may use what is served here (the Fetch standard's CORS protocol)."""

import re
from collections.abc import Callable
from typing import ClassVar

from zconnect.config.configuration import Configuration
from zconnect.config.datatypes import LONG, Unlike
from zconnect.config.names import nearest
from zconnect.config.schema import Element, attr, element
from zconnect.server.headers import TOKEN
from zconnect.values import METHODS, Page, Request, Response

Fields = tuple[tuple[bytes, bytes], ...]

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]+\]|[^\s/:?#@\[\]]+)(?::\d{1,5})?", re.IGNORECASE)


def _path(text: str) -> None:
    if not text.startswith("/"):
        raise Unlike("it is no path; paths begin with /", (f"/{text}",))


def _origin(text: str) -> None:
    if text not in ("", "*", "null") and not _ORIGIN.fullmatch(text):
        found = _ORIGIN.match(text)
        raise Unlike("it is no origin; write scheme, host and port, or * for any, without a path", (found[0],) if found else ())


def _method(text: str) -> None:
    """A method of one's own is possible; one that differs from a known one in its case alone is a slip."""
    if text and (not TOKEN.fullmatch(text) or (text not in METHODS and text.upper() in METHODS)):
        raise Unlike("it is no method; upper and lower case count", nearest(text.upper(), METHODS))


def _field(text: str) -> None:
    if text and not TOKEN.fullmatch(text):
        raise ValueError("it is no name of a header field")


def _fields(text: str) -> None:
    for name in text.split(","):
        _field(name.strip())


@element
class Cors(Element):
    """What pages of other origins may do under a path.

    <cors domain="/catalog" allowedOrigins="https://shop.example" allowedMethods="GET, POST" allowedHeaders="Authorization"/>
    """

    tag: ClassVar[str] = "cors"

    domain: str = attr(guard=True, check=_path, doc="The beginning of the paths it is for; the longest one decides")
    allowed_origins: tuple[str, ...] = attr(
        default=(), guard=True, check=_origin, doc="Origins that are allowed; * as the first one is any; null is none"
    )
    allowed_methods: tuple[str, ...] = attr(
        default=(), guard=True, check=_method, doc="Methods that a preflight allows; upper and lower case count"
    )
    allowed_headers: tuple[str, ...] = attr(
        default=(), guard=True, check=_field, doc="Header fields that a preflight allows; * as the first one is any"
    )
    expose_headers: str = attr(default="", check=_fields, doc="The header fields of an answer that pages may read")
    allow_credentials: bool = attr(default=False, guard=True, doc="Pages of origins that are named may send cookies and the like")
    max_age: int | None = attr(default=None, minimum=0, maximum=LONG[-1], doc="How many seconds the answer to a preflight holds")

    def allows(self, origin: str) -> bool:
        """An origin may use what is served; origins are compared as they are written."""
        return self.allowed_origins[:1] == ("*",) or (origin in self.allowed_origins and origin != "null")

    def origin_fields(self, origin: str) -> Fields:
        """The fields of every answer to an allowed origin."""
        if origin not in self.allowed_origins:
            return ((b"access-control-allow-origin", b"*"),)  # never with credentials: those are for origins that are named
        fields = ((b"access-control-allow-origin", origin.encode("latin-1")),)
        return ((b"access-control-allow-credentials", b"true"), *fields) if self.allow_credentials else fields

    def preflight(self, origin: str, method: str, headers: str) -> Response | None:
        """The answer to a preflight; None where it asks for what is not allowed."""
        asked = {name.strip().lower() for name in headers.split(",") if name.strip()}
        anything = self.allowed_headers[:1] == ("*",)
        if method not in self.allowed_methods or not (anything or asked <= {name.lower() for name in self.allowed_headers}):
            return None
        fields = self.origin_fields(origin)
        if self.max_age is not None:
            fields = (*fields, (b"access-control-max-age", b"%d" % self.max_age))
        fields = (*fields, (b"access-control-allow-methods", ", ".join(self.allowed_methods).encode("latin-1")))
        allowed = headers if anything else ", ".join(self.allowed_headers)
        if allowed:
            fields = (*fields, (b"access-control-allow-headers", allowed.encode("latin-1")))
        return Response(200, fields)


class CorsRules:
    """All cors elements of a server; for paths that mean nothing here (`serves`) there is no rule, as in Liberty."""

    def __init__(self, configuration: Configuration, serves: Callable[[Request], bool]) -> None:
        self._rules = sorted(configuration.all(Cors), key=lambda rule: -len(rule.domain))
        self._serves = serves

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _rule(self, request: Request) -> tuple[Cors, str] | None:
        """The rule for a request and its origin, where it has one that is allowed."""
        origin = (request.headers.get(b"origin") or b"").decode("latin-1")
        rule = next((rule for rule in self._rules if request.path.startswith(rule.domain)), None)
        return (rule, origin) if rule and origin and rule.allows(origin) and self._serves(request) else None

    def page(self, request: Request) -> Page:
        """The page that offers WebSocket, for which browsers ask no leave and to which they add cookies all the same.

        It may do what it could do with a request whose answer it reads.
        """
        origins = request.headers.all(b"origin")
        if not origins:
            return Page.OWN
        origin = origins[0].decode("latin-1")
        if len(origins) == 1 and _is_own(origin, request):
            return Page.OWN
        found = self._rule(request) if len(origins) == 1 else None
        if found is None:
            return Page.FOREIGN
        trusted = found[0].allow_credentials and origin in found[0].allowed_origins and origin != "null"
        return Page.TRUSTED if trusted else Page.ADMITTED

    def answer(self, request: Request) -> Response | None:
        """The answer to a preflight, which carries no credentials and therefore goes before every guard."""
        found = self._rule(request) if _is_preflight(request) else None
        if found is None:
            return None
        headers = (request.headers.get(b"access-control-request-headers") or b"").decode("latin-1")
        method = (request.headers.get(b"access-control-request-method") or b"").decode("latin-1")
        return found[0].preflight(found[1], method, headers)

    def edit(self, request: Request | None, response: Response) -> Response:
        """An answer with what the rule adds to it; a preflight that comes so far has asked for what is not allowed."""
        found = self._rule(request) if request and not _is_preflight(request) else None
        if found is None or any(name == b"access-control-allow-origin" for name, _ in response.headers):
            return response
        rule, origin = found
        exposed = ((b"access-control-expose-headers", rule.expose_headers.encode("latin-1")),) if rule.expose_headers else ()
        # Without Vary a shared cache would give one origin's answer to another.
        vary = ((b"vary", b"Origin"),) if rule.allowed_origins != ("*",) else ()
        return response._replace(headers=(*response.headers, *rule.origin_fields(origin), *exposed, *vary))


def _is_own(origin: str, request: Request) -> bool:
    """Host and port are those that the caller asked for. A proxy may have taken TLS off; a page that came without it proves nothing."""
    scheme, _, host = origin.lower().partition("://")
    port = {"http": ":80", "https": ":443"}.get(scheme)
    if port is None or not host or (scheme == "http" and request.scheme == "https"):
        return False
    return host.removesuffix(port) == request.authority.lower().removesuffix(port)


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and request.headers.get(b"access-control-request-method") is not None
