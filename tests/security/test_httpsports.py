"""To which https port a caller by http is sent."""

from collections.abc import Sequence

import pytest

from tests.security.support import request
from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.security.httpsports import HttpProxyRedirect, HttpsPorts
from zconnect.server.endpoint import DEFAULT_ENDPOINT, HttpEndpoint

ENDPOINT = HttpEndpoint(id=DEFAULT_ENDPOINT)
OTHER = HttpEndpoint(id="b", http_port=8080, https_port=8443)
PLAIN = HttpEndpoint(id=DEFAULT_ENDPOINT, https_port=-1)
FRONT = HttpProxyRedirect(host="Front.test", http_port=81, https_port=444)
ANY = HttpProxyRedirect(http_port=81, https_port=445)


@pytest.mark.parametrize(
    ("elements", "authority", "expected"),
    [
        ((ENDPOINT,), "front.test:9080", "front.test:9443"),
        ((ENDPOINT,), "front.test:8080", None),
        ((ENDPOINT, OTHER), "front.test:8080", "front.test:8443"),
        ((ENDPOINT,), "front.test", "front.test:443"),
        ((ENDPOINT,), "front.test:80", "front.test:443"),
        ((ENDPOINT,), "[2001:db8::1]", "[2001:db8::1]:443"),
        ((ENDPOINT,), "", "localhost:9443"),
        ((PLAIN,), "front.test:9080", None),
        ((PLAIN,), "front.test", "front.test:443"),
        ((ENDPOINT, FRONT), "FRONT.test:81", "FRONT.test:444"),
        ((ENDPOINT, FRONT), "other.test:81", None),
        ((ENDPOINT, FRONT, ANY), "other.test:81", "other.test:445"),
        ((ENDPOINT, FRONT, ANY), "front.test:81", "front.test:444"),
        ((ENDPOINT, HttpProxyRedirect(http_port=80, https_port=8443)), "front.test", "front.test:8443"),
        ((ENDPOINT, HttpProxyRedirect(http_port=81, https_port=1, enabled=False)), "front.test:81", None),
    ],
)
def test_the_port_in_host_chooses_the_pair(elements: Sequence[Element], authority: str, expected: str | None) -> None:
    """Pairs that are written go before those of the endpoints, those of a host before those of all (liberty-server.md, 5.9)."""
    asked = request(scheme="http", authority=authority, local_port=9080)
    assert HttpsPorts(Configuration(elements)).authority(asked) == expected


@pytest.mark.parametrize(
    ("address", "name"), [("127.0.0.2", "localhost"), ("::1", "localhost"), ("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "[2001:db8::1]")]
)
def test_a_caller_without_host_is_told_the_address_he_has_reached(address: str, name: str) -> None:
    """HTTP/1.0; loopback addresses have the name localhost."""
    asked = request(scheme="http", authority="", local_port=9080)
    asked = asked._replace(peer=asked.peer.__class__("192.0.2.9", 5, address, 9080))
    assert HttpsPorts(Configuration([ENDPOINT])).authority(asked) == f"{name}:9443"
