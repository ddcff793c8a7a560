"""Which endpoints there are, and on which hosts and ports."""

from pathlib import Path

import pytest

from zconnect.config.configuration import Configuration
from zconnect.config.load import load
from zconnect.features import VOCABULARY
from zconnect.server.endpoint import HttpEndpoint, TcpOptions, endpoints_of, own_or_default
from zconnect.values import Place


def written(folder: Path, text: str) -> tuple[HttpEndpoint, ...]:
    """The endpoints of a server.xml with this content."""
    (folder / "server.xml").write_text(f"<server>{text}</server>")
    place = Place("s", folder, folder, folder, folder)
    return endpoints_of(load(place, VOCABULARY, environment={}, command_line={}).configuration)


def test_the_default_endpoint_is_there_without_being_written(tmp_path: Path) -> None:
    """defaultHttpEndpoint on 9080 and 9443."""
    (endpoint,) = written(tmp_path, "")
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


def test_endpoints_may_be_switched_off(tmp_path: Path) -> None:
    """enabled false, also for the default one; those that are written come first."""
    assert written(tmp_path, '<httpEndpoint id="defaultHttpEndpoint" enabled="false"/>') == ()
    found = written(tmp_path, '<httpEndpoint id="a"/><httpEndpoint id="b" enabled="false"/>')
    assert [each.id for each in found] == ["a", "defaultHttpEndpoint"]


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
    assert [endpoint.host for endpoint in written(tmp_path, text)] == [found]


def test_options_have_a_default_id() -> None:
    """An endpoint's own options go before those with the default id."""
    common, own = TcpOptions(id="defaultTCPOptions", port_open_retries=1), TcpOptions(id="own", port_open_retries=2)
    configuration = Configuration([common, own])
    assert own_or_default(None, TcpOptions, configuration) is common
    assert own_or_default(own, TcpOptions, configuration) is own
    assert own_or_default(None, TcpOptions, Configuration([])) == TcpOptions()
