"""Which endpoints there are, and on which hosts and ports."""

from pathlib import Path

import pytest

from zconnect.config.configuration import Configuration
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.server.endpoint import HttpEndpoint, TcpOptions, endpoints_of, own_or_default
from zconnect.values import Place


def test_the_default_endpoint_is_there_without_being_written() -> None:
    """defaultHttpEndpoint on 9080 and 9443."""
    (endpoint,) = endpoints_of(Configuration([]))
    assert (endpoint.id, endpoint.port(False), endpoint.port(True)) == ("defaultHttpEndpoint", 9080, 9443)


@pytest.mark.parametrize(
    ("endpoint", "ports"),
    [
        (HttpEndpoint(id="defaultHttpEndpoint", http_port=80), (80, 9443)),
        (HttpEndpoint(id="defaultHttpEndpoint", http_port=-1), (-1, 9443)),
        (HttpEndpoint(id="other", http_port=80), (80, -1)),
        (HttpEndpoint(id="other"), (-1, -1)),
    ],
)
def test_only_the_default_endpoint_has_default_ports(endpoint: HttpEndpoint, ports: tuple[int, int]) -> None:
    """An endpoint of one's own has the ports that are written."""
    assert (endpoint.port(False), endpoint.port(True)) == ports


def test_endpoints_may_be_switched_off() -> None:
    """enabled false, also for the default one."""
    assert endpoints_of(Configuration([HttpEndpoint(id="defaultHttpEndpoint", enabled=False)])) == ()
    assert [each.id for each in endpoints_of(Configuration([HttpEndpoint(id="a"), HttpEndpoint(id="b", enabled=False)]))] == [
        "defaultHttpEndpoint",
        "a",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "localhost"),
        ('<variable name="defaultHostName" value="*"/>', "*"),
        ('<variable name="defaultHostName" defaultValue="10.0.0.1"/>', "10.0.0.1"),
        ('<variable name="defaultHostName" value="*"/><httpEndpoint id="defaultHttpEndpoint" host="127.0.0.1"/>', "127.0.0.1"),
        ('<variable name="another" value="*"/>', "localhost"),
    ],
)
def test_hosts(tmp_path: Path, text: str, found: str) -> None:
    """The endpoint's own, else the variable, else localhost."""
    (tmp_path / "server.xml").write_text(f"<server>{text}</server>")
    place = Place("s", tmp_path, tmp_path, tmp_path, tmp_path)
    configuration = load(place, VOCABULARY, environment={}, command_line={}).configuration
    assert [endpoint.host for endpoint in endpoints_of(configuration)] == [found]


def test_options_have_a_default_id() -> None:
    """An endpoint's own options go before those with the default id."""
    common, own = TcpOptions(id="defaultTCPOptions", port_open_retries=1), TcpOptions(id="own", port_open_retries=2)
    configuration = Configuration([common, own])
    assert own_or_default(None, TcpOptions, configuration) is common
    assert own_or_default(own, TcpOptions, configuration) is own
    assert own_or_default(None, TcpOptions, Configuration([])) == TcpOptions()
