"""<httpProxyRedirect>: to which https port a caller is sent who came by http and may not."""

import ipaddress
from typing import ClassVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, element
from zconnect.security.endpoints import port_pairs
from zconnect.values import Request


@element
class HttpProxyRedirect(Element):
    """The https port that belongs to the http port of a proxy.

    <httpProxyRedirect host="api.example" httpPort="8080" httpsPort="8443"/>
    """

    tag: ClassVar[str] = "httpProxyRedirect"

    enabled: bool = attr(default=True, doc="Whether the pair of ports is used")
    host: str = attr(default="*", doc="The name that callers use for the proxy, or * for all")
    http_port: int = attr(minimum=1, maximum=65535, doc="The port of the proxy for http")
    https_port: int = attr(minimum=1, maximum=65535, doc="The port of the proxy to which callers of the http port are sent")


class HttpsPorts:
    """The https ports by the host and port that callers use: of httpProxyRedirect, of the endpoints, and 443 for 80."""

    def __init__(self, configuration: Configuration) -> None:
        written = [each for each in configuration.all(HttpProxyRedirect) if each.enabled]
        self._pairs = (
            {("*", 80): 443}  # what a proxy in front is taken to have
            | {("*", http): https for http, https in port_pairs(configuration)}
            | {(each.host.lower(), each.http_port): each.https_port for each in written}
        )

    def authority(self, request: Request) -> str | None:
        """Host and https port for a caller who came by http; None where his port belongs to none."""
        host, colon, port = request.authority.rpartition(":")
        if not colon or "]" in port:
            host, port = request.authority, "80" if request.authority else str(request.peer.local_port)
        https = self._pairs.get((host.lower(), int(port))) or self._pairs.get(("*", int(port)))
        return f"{host or _own_name(request.peer.local_address)}:{https}" if https else None


def _own_name(address: str) -> str:
    """What a caller without Host is told to call this server."""
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback:
        return "localhost"
    return f"[{address}]" if parsed.version == 6 else address


def authority_of(request: Request) -> str:
    """Host and port as the caller knows them."""
    return request.authority or f"{_own_name(request.peer.local_address)}:{request.peer.local_port}"


def target_of(request: Request) -> str:
    """Path and query as sent, also of the absolute form (RFC 9112 section 3.2.2)."""
    if request.target.startswith("/"):
        return request.target
    return f"/{request.target.partition('://')[2].partition('/')[2]}"
