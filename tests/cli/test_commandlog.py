"""The small logs of commands."""

from tests.cli.home import Home


def test_a_log_stays_after_a_failure_and_goes_after_a_success(home: Home) -> None:
    """It has the command line, the folders and the exit code."""
    home.write("s1")
    home.server("stop", "s1")
    log = home.path("s1", "logs", "stop.log").read_text()
    assert "server stop s1" in log
    assert "exit code 1" in log
    home.run("s1")
    home.server("stop", "s1")
    assert not home.path("s1", "logs", "stop.log").exists()
