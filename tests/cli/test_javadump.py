"""server javadump."""

from tests.cli.home import Home
from zconnect.cli.action import Exit


def test_a_stopped_server_has_no_threads(home: Home) -> None:
    """4."""
    home.write("s1")
    assert home.server("javadump", "s1").code == Exit.INACTIVE


def test_the_stacks_of_a_running_server(home: Home) -> None:
    """A file named as Liberty names them; a kind that is not there is 1."""
    home.write("s1")
    home.run("s1")
    assert home.server("javadump", "s1").code == Exit.OK
    (file,) = home.path("s1").glob("javadump.*.*.*.0001.txt")
    assert "Current thread" in file.read_text()
    assert "Stack for <Task" in file.read_text()
    assert home.server("javadump", "s1", "--include=heap").code == Exit.REDUNDANT
