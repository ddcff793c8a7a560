"""<httpDispatcher>, <httpProxyRedirect>, <compression>: elements of an endpoint that are accepted and have no effect yet."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr

_NO_PAGE = "a path that nobody answers for is answered with 404 by the guard of the server"
_NO_PRIVATE = "private headers of a web server plug-in ($WS…) are never believed"
_AS_MADE = "answers leave as the service made them"
_ONE_PORT = "callers are sent to the https port of the endpoint"


@dataclass(frozen=True, kw_only=True)
class HttpDispatcher(Element):
    """What is answered where no application is meant."""

    tag: ClassVar[str] = "httpDispatcher"
    singleton: ClassVar[bool] = True

    enable_welcome_page: bool = attr(default=True, doc="A page for the path /", unused=_NO_PAGE)
    app_or_context_root_missing_message: str = attr(default="", doc="The text for unknown paths", unused=_NO_PAGE)
    pad_app_or_context_root_missing_message: bool = attr(default=False, doc="Make that text long", unused=_NO_PAGE)
    trusted_header_origin: tuple[str, ...] = attr(default=("*",), doc="Who may send private headers", unused=_NO_PRIVATE)
    trusted_sensitive_header_origin: tuple[str, ...] = attr(default=("none",), doc="Who may send those on callers", unused=_NO_PRIVATE)


@dataclass(frozen=True, kw_only=True)
class HttpProxyRedirect(Element):
    """The https port that belongs to an http port."""

    tag: ClassVar[str] = "httpProxyRedirect"

    enabled: bool = attr(default=True, doc="The pair is used", unused=_ONE_PORT)
    host: str = attr(default="*", doc="The host it is for", unused=_ONE_PORT)
    http_port: int = attr(minimum=1, maximum=65535, doc="The port for http", unused=_ONE_PORT)
    https_port: int = attr(minimum=1, maximum=65535, doc="The port for https", unused=_ONE_PORT)


@dataclass(frozen=True, kw_only=True)
class Compression(Element):
    """Answers that are compressed."""

    tag: ClassVar[str] = "compression"
    default_id: ClassVar[str | None] = "defaultCompression"

    server_preferred_algorithm: Literal["none", "gzip", "x-gzip", "zlib", "deflate", "identity"] = attr(
        default="none", doc="The algorithm to prefer where the caller takes it", unused=_AS_MADE
    )
    types: tuple[str, ...] = attr(default=("text/*",), doc="Content types that are compressed", unused=_AS_MADE)
