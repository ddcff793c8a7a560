"""server pause."""

import pytest

from tests.cli.home import WEB, Home, free_port
from zconnect.cli.action import Exit


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_stopped_server(home: Home, command: str) -> None:
    """5, as recorded, whatever the documentation says."""
    home.write("s1")
    done = home.server(command, "s1", "--target=x")
    assert (done.code, done.out) == (Exit.UNKNOWN, "\nServer s1 is not running.\n")


def test_targets(home: Home) -> None:
    """What is there is paused; a name that is not there, or none at all, makes the command fail."""
    home.write("s1", WEB.format(port=free_port()))
    home.run("s1")
    assert home.server("pause", "s1", "--target=defaultHttpEndpoint").code == Exit.OK
    assert home.server("pause", "s1", "--target=nosuch,defaultHttpEndpoint").code == Exit.PAUSE_FAILED
    assert home.server("pause", "s1", "--target=").code == Exit.PAUSE_FAILED
    assert home.server("pause", "s1").code == Exit.OK
    assert home.server("resume", "s1", "--target=nosuch").code == Exit.RESUME_FAILED
    assert home.server("resume", "s1").code == Exit.OK
