"""Who a caller is, where trusted proxies say so."""

import pytest

from zconnect.server.remoteip import RemoteIp, identified
from zconnect.values import NO_BODY, Headers, Peer, Request

TOLD = ("9.9.9.9", 1234, "http")
PROXY = ("127.0.0.1", 1234, "http")


def asking(fields: dict[str, str], address: str = "127.0.0.1") -> Request:
    headers = Headers([(name.encode(), value.encode()) for name, value in fields.items()])
    return Request("GET", "/", "/", "", headers, NO_BODY, Peer(address, 1234, "127.0.0.1", 80), "http", "a", "1.1", 0.0, "1", {})


# Origin: cases remoteip-default and remoteip-proxies of the recorded server; where it keeps rubbish, the peer stays here.
CASES: list[tuple[dict[str, str], tuple[str, int, str]]] = [
    ({}, PROXY),
    ({"x-forwarded-for": "9.9.9.9"}, TOLD),
    ({"x-forwarded-for": "9.9.9.9, 10.0.0.1"}, TOLD),
    ({"x-forwarded-for": "9.9.9.9, 8.8.8.8"}, PROXY),
    ({"x-forwarded-for": "8.8.8.8, 9.9.9.9, 10.0.0.1"}, PROXY),
    ({"x-forwarded-for": "9.9.9.9:55"}, ("9.9.9.9", 55, "http")),
    ({"x-forwarded-for": "[2001:db8::1]:80"}, ("2001:db8::1", 80, "http")),
    ({"x-forwarded-for": "unknown"}, PROXY),
    ({"x-forwarded-for": "9.9.9.999"}, PROXY),
    ({"x-forwarded-for": ""}, PROXY),
    ({"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https"}, ("9.9.9.9", 1234, "https")),
    ({"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https, http"}, TOLD),
    ({"x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "ftp"}, TOLD),
    ({"x-forwarded-proto": "https"}, PROXY),
    ({"forwarded": "for=9.9.9.9"}, TOLD),
    ({"forwarded": "for=9.9.9.9;proto=https;host=front.test"}, ("9.9.9.9", 1234, "https")),
    ({"forwarded": "For=9.9.9.9;Proto=HTTPS"}, ("9.9.9.9", 1234, "https")),
    ({"forwarded": 'for="[2001:db8::1]:80"'}, ("2001:db8::1", 80, "http")),
    ({"forwarded": "for=9.9.9.9, for=10.0.0.1"}, TOLD),
    ({"forwarded": "for=9.9.9.9, for=8.8.8.8"}, PROXY),
    ({"forwarded": "for=_hidden"}, PROXY),
    ({"forwarded": "for=9.9.9.9;for=7.7.7.7"}, PROXY),
    ({"forwarded": "proto=https"}, PROXY),
    ({"forwarded": "garbage"}, PROXY),
    ({"forwarded": "for=9.9.9.9", "x-forwarded-for": "7.7.7.7"}, TOLD),
    ({"forwarded": "garbage", "x-forwarded-for": "7.7.7.7"}, PROXY),
]


@pytest.mark.parametrize(("fields", "caller"), CASES)
def test_only_an_unbroken_row_of_trusted_proxies_is_believed(fields: dict[str, str], caller: tuple[str, int, str]) -> None:
    """One node that is no proxy, or that cannot be read, leaves everything as it came."""
    request = identified(RemoteIp())(asking(fields))
    assert (request.peer.address, request.peer.port, request.scheme) == caller
    assert request.peer.secure == (request.scheme == "https")


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "110.0.0.1", "10.0.0.1.evil"])
def test_a_stranger_is_not_believed(address: str) -> None:
    """The connected peer has to be a proxy itself, by its whole address."""
    assert identified(RemoteIp())(asking({"x-forwarded-for": "9.9.9.9"}, address)).peer.address == address


def test_proxies_are_configured() -> None:
    """A pattern of one's own takes the place of the default."""
    identify = identified(RemoteIp(proxies=r"8\.8\.8\.8"))
    assert identify(asking({"x-forwarded-for": "9.9.9.9"})).peer.address == "127.0.0.1"
    assert identify(asking({"x-forwarded-for": "9.9.9.9"}, "8.8.8.8")).peer.address == "9.9.9.9"
