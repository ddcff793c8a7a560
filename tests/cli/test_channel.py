"""How commands reach a server whose command port is off."""

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit

OFF = [("stop", "CWWKE0089E"), ("pause", "CWWKE0944E"), ("resume", "CWWKE0945E"), ("javadump", "CWWKE0091E")]


def test_a_port_that_is_off(home: Home) -> None:
    """Each command says so and ends with 6; the server runs on (recorded: command-port-off)."""
    home.write("s1")
    home.write("s1", "command.port=-1\n", "bootstrap.properties")
    process = home.run("s1")
    for command, number in OFF:
        done = home.server(command, "s1")
        assert (done.code, done.numbers) == (Exit.PORT_DISABLED, [number]), command
    assert home.server("dump", "s1", "--archive=d.zip").numbers == ["CWWKE0090W"]
    assert process.poll() is None


@pytest.mark.parametrize("text", ["", "nonsense", "a:b:c"])
def test_a_command_file_that_says_nothing(home: Home, text: str) -> None:
    """The command fails and says that nobody answers."""
    home.write("s1")
    home.run("s1")
    home.path("s1", "workarea", ".sCommand").write_text(text)
    done = home.server("stop", "s1")
    assert (done.code, done.numbers) == (Exit.STOP_FAILED, ["ZCON0851E"])
