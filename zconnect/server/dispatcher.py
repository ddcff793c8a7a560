"""<httpProxyRedirect>, <compression>: elements of an endpoint that are accepted and have no effect yet."""

from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, element

_AS_MADE = "answers leave as the service made them"
_ONE_PORT = "callers are sent to the https port of the endpoint"


@element
class HttpProxyRedirect(Element):
    """The https port that belongs to an http port."""

    tag: ClassVar[str] = "httpProxyRedirect"
    unused: ClassVar[str | None] = _ONE_PORT

    enabled: bool = attr(default=True, doc="Whether the pair of ports is used")
    host: str = attr(default="*", doc="The name of the proxy, or * for all")
    http_port: int = attr(minimum=1, maximum=65535, doc="The port of the proxy for http")
    https_port: int = attr(minimum=1, maximum=65535, doc="The port of the proxy to which callers of the http port are sent")


@element
class Compression(Element):
    """Answers that are compressed."""

    tag: ClassVar[str] = "compression"
    default_id: ClassVar[str | None] = "defaultCompression"
    unused: ClassVar[str | None] = _AS_MADE

    server_preferred_algorithm: Literal["none", "gzip", "x-gzip", "zlib", "deflate", "identity"] = attr(
        default="none", doc="The algorithm to prefer where the caller takes it"
    )
    types: tuple[str, ...] = attr(default=("text/*",), doc="The content types that are compressed")
