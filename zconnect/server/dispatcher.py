"""<compression>: an element of an endpoint that is accepted and has no effect yet."""

from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, element

_AS_MADE = "answers leave as the service made them"


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
