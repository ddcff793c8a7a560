"""What this room asks of <httpEndpoint>."""

import socket

import pytest

from zconnect.config.configuration import Configuration
from zconnect.security.endpoints import https_port, port_pairs, server_names
from zconnect.server.endpoint import HttpEndpoint

DEFAULT = "defaultHttpEndpoint"


@pytest.mark.parametrize(
    ("endpoints", "port"),
    [
        ([], None),
        ([HttpEndpoint(id=DEFAULT)], 9443),
        ([HttpEndpoint(id=DEFAULT, https_port=8443)], 8443),
        ([HttpEndpoint(id=DEFAULT, https_port=-1)], None),
        ([HttpEndpoint(id=DEFAULT, enabled=False), HttpEndpoint(id="b", https_port=9444)], 9444),
        ([HttpEndpoint(id="b", https_port=9444), HttpEndpoint(id=DEFAULT)], 9444),
        ([HttpEndpoint(id=DEFAULT, https_port=-1), HttpEndpoint(id="b"), HttpEndpoint(id="c", https_port=1)], 1),
    ],
)
def test_the_port_for_https(endpoints: list[HttpEndpoint], port: int | None) -> None:
    """That of the first endpoint that is open and has one."""
    assert https_port(Configuration(endpoints)) == port


def test_the_pairs_of_ports() -> None:
    """Of endpoints that are open for both."""
    endpoints = [
        HttpEndpoint(id=DEFAULT),
        HttpEndpoint(id="b", http_port=80, https_port=443),
        HttpEndpoint(id="c", http_port=81),
        HttpEndpoint(id="d", http_port=82, https_port=83, enabled=False),
    ]
    assert port_pairs(Configuration(endpoints)) == [(9080, 9443), (80, 443)]


def test_the_names_of_the_server() -> None:
    """What endpoints are bound to counts, all addresses do not."""
    endpoints = [HttpEndpoint(id="a", host="*"), HttpEndpoint(id="b", host="rs.example"), HttpEndpoint(id="c")]
    assert server_names(Configuration(endpoints)) == {"localhost", socket.gethostname(), "rs.example"}
