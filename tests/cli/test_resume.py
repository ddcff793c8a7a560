"""server resume."""

import socket

import pytest

from tests.cli.home import WEB, Home, free_port
from zconnect.cli.action import Exit


def test_a_resumed_endpoint_takes_connections_again(home: Home) -> None:
    """And a paused one does not."""
    port = free_port()
    home.write("s1", WEB.format(port=port))
    home.run("s1")
    home.server("pause", "s1")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert home.server("resume", "s1").code == Exit.OK
    socket.create_connection(("127.0.0.1", port)).close()
