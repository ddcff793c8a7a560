"""<remoteIp>, <compression>, <samesite>: what an endpoint may do to callers' addresses, bodies and cookies."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr

# Private, link-local and loopback addresses: where proxies of one's own stand.
OWN_NETWORK = (
    r"10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}|169\.254\.\d{1,3}\.\d{1,3}|127\.\d{1,3}\.\d{1,3}\.\d{1,3}"
    r"|172\.1[6-9]\.\d{1,3}\.\d{1,3}|172\.2[0-9]\.\d{1,3}\.\d{1,3}|172\.3[0-1]\.\d{1,3}\.\d{1,3}|0:0:0:0:0:0:0:1|::1"
)
_NOT_YET = "answers leave as the service made them"


@dataclass(frozen=True, kw_only=True)
class RemoteIp(Element):
    """Proxies that are believed when they say who the caller is."""

    tag: ClassVar[str] = "remoteIp"
    default_id: ClassVar[str | None] = "defaultRemoteIp"

    proxies: str = attr(default=OWN_NETWORK, guard=True, doc="A regular expression that the addresses of these proxies match as a whole")
    use_remote_ip_in_access_log: bool = attr(default=False, doc="The access log names the caller, not the proxy")


@dataclass(frozen=True, kw_only=True)
class Compression(Element):
    """Answers that are compressed."""

    tag: ClassVar[str] = "compression"
    default_id: ClassVar[str | None] = "defaultCompression"

    server_preferred_algorithm: Literal["none", "gzip", "x-gzip", "zlib", "deflate", "identity"] = attr(
        default="none", doc="The algorithm to prefer where the caller takes it", unused=_NOT_YET
    )
    types: tuple[str, ...] = attr(default=("text/*",), doc="Content types that are compressed", unused=_NOT_YET)


@dataclass(frozen=True, kw_only=True)
class SameSite(Element):
    """Cookies that get a SameSite attribute; each list has names, beginnings with a * at their end, or * alone."""

    tag: ClassVar[str] = "samesite"
    default_id: ClassVar[str | None] = "defaultSameSite"

    lax: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=Lax")
    strict: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=Strict")
    none: tuple[str, ...] = attr(default=(), doc="Cookies that get SameSite=None and Secure")
