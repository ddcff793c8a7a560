"""server status."""

import os

from tests.cli.home import Home
from zconnect.cli.action import Exit


def test_a_stopped_server(home: Home) -> None:
    """1, one line, and a log of the command beside the server's own."""
    home.write("s1")
    done = home.server("status", "s1")
    assert (done.code, done.out) == (Exit.REDUNDANT, "\nServer s1 is not running.\n")
    assert home.path("s1", "logs", "status.log").exists()


def test_a_server_that_does_not_exist(home: Home) -> None:
    """2 and one line; nothing is made."""
    done = home.server("status", "s1")
    assert (done.code, done.out) == (Exit.NOT_EXIST, "\nServer s1 does not exist.\n")
    assert not home.path().exists()


def test_a_missing_default_server_is_told_apart(home: Home) -> None:
    """Liberty lets the name pass its first check."""
    done = home.server("status")
    assert done.numbers[0] == "CWWKE0005E"
    assert done.code in (Exit.NOT_EXIST, Exit.LOCATION)


def test_a_folder_without_server_xml(home: Home) -> None:
    """23, with the places that were looked at."""
    home.path("s1").mkdir(parents=True)
    done = home.server("status", "s1")
    assert (done.code, done.numbers) == (Exit.LOCATION, ["CWWKE0005E", "CWWKE0010E"])
    assert f"Config: {home.path('s1')}/" in done.out


def test_the_pid_file_is_never_trusted(home: Home) -> None:
    """A living process that is no server does not make one run; the file goes."""
    home.write("s1")
    home.path(".pid").mkdir()
    home.path(".pid", "s1.pid").write_text(f"{os.getpid()}\n")
    assert home.server("status", "s1").code == Exit.REDUNDANT
    assert not home.path(".pid", "s1.pid").exists()


def test_a_server_in_the_foreground_has_no_pid(home: Home) -> None:
    """`run` writes no pid file."""
    home.write("s1")
    home.run("s1")
    assert home.server("status", "s1").out == "\nServer s1 is running.\n"
