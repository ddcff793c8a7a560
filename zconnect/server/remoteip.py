"""<remoteIp>: what trusted proxies say about the caller (RFC 7239, and the X-Forwarded fields before it)."""

import ipaddress
import re
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from zconnect.config.schema import Element, attr, element
from zconnect.values import Headers, Request

# Private, link-local and loopback addresses: where proxies of one's own stand.
OWN_NETWORK = (
    r"10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}|169\.254\.\d{1,3}\.\d{1,3}|127\.\d{1,3}\.\d{1,3}\.\d{1,3}"
    r"|172\.1[6-9]\.\d{1,3}\.\d{1,3}|172\.2[0-9]\.\d{1,3}\.\d{1,3}|172\.3[0-1]\.\d{1,3}\.\d{1,3}|0:0:0:0:0:0:0:1|::1"
)
_NODE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?|([0-9.]+)(?::(\d{1,5}))?|([0-9A-Fa-f:]+)")
_PAIR = re.compile(r"\s*([A-Za-z]+)=(?:\"([^\"]*)\"|([^\s;,\"]*))\s*")


def _pattern_check(text: str) -> None:
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"it is no regular expression: {problem}") from None


@element
class RemoteIp(Element):
    r"""Proxies that are believed when they say who the caller is.

    <httpEndpoint id="defaultHttpEndpoint">
        <remoteIp proxies="10\.0\.0\.\d{1,3}" useRemoteIpInAccessLog="true"/>
    </httpEndpoint>
    """

    tag: ClassVar[str] = "remoteIp"
    default_id: ClassVar[str | None] = "defaultRemoteIp"

    proxies: str = attr(
        default=OWN_NETWORK,
        guard=True,
        check=_pattern_check,
        doc="A regular expression that matches their addresses as a whole",
    )
    use_remote_ip_in_access_log: bool = attr(default=False, doc="The access log names the caller, not the proxy")


class Node(NamedTuple):
    """An address on the way, with a port where the proxy told it."""

    address: str
    port: int


class Way(NamedTuple):
    """The nodes of the way, the caller first, and the scheme that he used, empty where nobody says."""

    nodes: list[Node]
    scheme: str


def identified(element: RemoteIp) -> Callable[[Request], Request]:
    """A request as its caller sent it, where every node between him and us is a trusted proxy; else as it came."""
    trusted = re.compile(element.proxies).fullmatch

    def identify(request: Request) -> Request:
        way = _way(request.headers) if trusted(request.peer.address) else None
        if way is None or not all(trusted(node.address) for node in way.nodes[1:]):
            return request
        caller = way.nodes[0]
        scheme = way.scheme or request.scheme
        peer = request.peer._replace(address=caller.address, port=caller.port or request.peer.port, secure=scheme == "https")
        return request._replace(peer=peer, scheme=scheme)

    return identify


def _way(headers: Headers) -> Way | None:
    """What the fields say; None where they say nothing or nothing that can be understood."""
    fields = [value.decode("latin-1") for value in headers.all(b"forwarded")]
    if fields:
        return _forwarded(",".join(fields))
    texts = [value.decode("latin-1") for value in headers.all(b"x-forwarded-for")]
    nodes = [_node(text.strip()) for text in ",".join(texts).split(",")]
    known = [node for node in nodes if node is not None]
    if not texts or len(known) != len(nodes):
        return None
    return Way(known, _scheme((headers.get(b"x-forwarded-proto") or b"").decode("latin-1")))


def _forwarded(text: str) -> Way | None:
    """The elements of Forwarded; the scheme is the first one's, because that is the caller's own."""
    nodes, scheme = [], ""
    for at, hop in enumerate(text.split(",")):
        pairs = [match for part in hop.split(";") if (match := _PAIR.fullmatch(part))]
        names = [match[1].lower() for match in pairs]
        if len(pairs) != len(hop.split(";")) or names.count("for") != 1:
            return None
        told = {match[1].lower(): match[2] if match[2] is not None else match[3] for match in pairs}
        node = _node(told["for"])
        if node is None:
            return None
        nodes.append(node)
        if at == 0:
            scheme = _scheme(told.get("proto", ""))
    return Way(nodes, scheme)


def _scheme(text: str) -> str:
    return text.strip().lower() if text.strip().lower() in {"http", "https"} else ""


def _node(text: str) -> Node | None:
    """`9.9.9.9`, `9.9.9.9:55`, `[2001:db8::1]:80`; None for `unknown`, `_hidden` and rubbish."""
    match = _NODE.fullmatch(text)
    if match is None:
        return None
    address, port = match[1] or match[3] or match[5], match[2] or match[4] or "0"
    try:
        return Node(str(ipaddress.ip_address(address)), int(port))
    except ValueError:
        return None
