"""server stop."""

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit


def test_a_stopped_server_leaves_nothing_that_says_it_runs(home: Home) -> None:
    """Lock, command file, pid file: all free or gone when the command ends."""
    home.write("s1")
    home.server("start", "s1")
    done = home.server("stop", "s1")
    assert (done.code, done.out) == (Exit.OK, "\nStopping server s1.\nServer s1 stopped.\n")
    assert not home.path(".pid", "s1.pid").exists()
    assert {path.name for path in home.path("s1", "workarea").iterdir()} == {".sLock", ".sCommandAuth"}


def test_a_server_that_was_never_started(home: Home) -> None:
    """1, and a warning that perhaps another folder is meant."""
    home.write("s1")
    done = home.server("stop", "s1")
    assert (done.code, done.numbers) == (Exit.REDUNDANT, ["CWWKE0965W"])
    assert "Server s1 is not running." in done.out


def test_a_command_file_that_is_gone(home: Home) -> None:
    """21, as recorded (scommand-removed); the server runs on."""
    home.write("s1")
    process = home.run("s1")
    home.path("s1", "workarea", ".sCommand").unlink()
    done = home.server("stop", "s1")
    assert (done.code, done.numbers) == (Exit.STOP_FAILED, ["CWWKE0966W"])
    assert process.poll() is None


def test_a_challenge_that_cannot_be_met(home: Home) -> None:
    """Who may not write to the workarea may not stop the server."""
    home.write("s1")
    process = home.run("s1")
    challenges = home.path("s1", "workarea", ".sCommandAuth")
    challenges.rename(challenges.with_name("elsewhere"))
    (challenges.with_name("real")).mkdir()
    assert home.server("stop", "s1", "--timeout=1").code == Exit.STOP_FAILED
    assert process.poll() is None


@pytest.mark.parametrize("words", [("--force",), ("--timeout=1m",), ("--timeout=0h0m30s",), ("--timeout=20",)])
def test_options(home: Home, words: tuple[str, ...]) -> None:
    """A forced stop quiesces nothing; times are written as Liberty writes them."""
    home.write("s1")
    home.run("s1")
    assert home.server("stop", "s1", *words).code == Exit.OK
    assert ("CWWKE1100I" in home.console("s1")) == ("--force" not in words)
