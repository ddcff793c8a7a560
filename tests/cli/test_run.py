"""server run: a server in the foreground."""

import os
import signal
import subprocess

import pytest

from tests.cli.home import WEB, Home, free_port, numbers, until
from zconnect.cli.action import Exit

SIGNALS = [(signal.SIGTERM, Exit.SIGTERM), (signal.SIGINT, Exit.SIGINT), (signal.SIGHUP, Exit.SIGHUP)]
BEGINNING = ["CWWKE0001I", "CWWKF0009W", "CWWKF0012I", "CWWKF0011I"]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_ends_it_in_order(home: Home, number: signal.Signals, code: Exit) -> None:
    """Messages in Liberty's order, and the exit code says which signal it was (recorded: run-int, run-hup)."""
    home.write("s1")
    process = home.run("s1")
    process.send_signal(number)
    assert process.wait(10) == code
    assert numbers(home.console("s1")) == [*BEGINNING, "CWWKE0085I", "CWWKE1100I", "CWWKE0036I"]
    assert not home.path("s1", "workarea", ".sRunning").exists()
    assert not home.path("s1", "workarea", ".sCommand").exists()


def test_the_command_stop_ends_it_well(home: Home) -> None:
    """Exit code 0; the message log has more than the console (recorded: run-stop, start-web)."""
    home.write("s1", WEB.format(port=free_port()))
    process = home.run("s1")
    assert home.server("stop", "s1").code == Exit.OK
    assert process.wait(10) == 0
    known = [line.split(" A ")[-1].split(" I ")[-1][:10] for line in home.log("s1").splitlines() if " CWWK" in line]
    beginning = ["CWWKE0001I", "CWWKE0002I", "CWWKF0007I", "CWWKO0219I", "CWWKF0012I", "CWWKF0008I", "CWWKF0011I"]
    assert known == [*beginning, "CWWKE0055I", "CWWKE1100I", "CWWKO0220I", "CWWKE1101I", "CWWKE0036I"]


def test_a_second_one_is_refused(home: Home) -> None:
    """One clear message and exit code 1; the first is not disturbed."""
    home.write("s1")
    first = home.run("s1")
    second = home.run("s1", ready="CWWKE0029E")
    assert second.wait(10) == Exit.REDUNDANT
    assert first.poll() is None
    assert home.server("status", "s1").code == Exit.OK


def test_the_console_may_be_off(home: Home) -> None:
    """Not even the banner is printed (recorded: run-console-off)."""
    home.write("s1")
    home.write("s1", "com.ibm.ws.logging.console.log.level=off\n", "bootstrap.properties")
    process = home.run("s1", ready="\n")
    until(lambda: home.path("s1", "logs", "messages.log").exists() and "CWWKF0011I" in home.log("s1"))
    process.terminate()
    assert process.wait(10) == Exit.SIGTERM
    assert home.console("s1").strip() == ""


def test_a_missing_default_server_is_made(home: Home) -> None:
    """And no other."""
    process = home.run("defaultServer", ready="CWWKF0011I")
    process.terminate()
    process.wait(10)
    assert "Server defaultServer created." in home.console("defaultServer")
    done = home.server("run", "s1")
    assert (done.code, done.numbers) == (Exit.LOCATION, ["CWWKE0005E", "CWWKE0010E"])
    assert not home.path("s1").exists()


def test_a_bootstrap_include_that_is_missing(home: Home) -> None:
    """23, before anything is made (recorded: bootstrap-include-missing)."""
    home.write("s1")
    home.write("s1", "bootstrap.include=nosuch.properties\n", "bootstrap.properties")
    done = home.server("run", "s1")
    assert (done.code, done.numbers) == (Exit.LOCATION, ["CWWKE0005E", "CWWKE0014E"])


@pytest.mark.parametrize("action", ["run", "start"])
def test_bootstrap_properties_that_are_none(home: Home, action: str) -> None:
    """25 (recorded: 09-environment-bootstrap-broken-escape of the configuration)."""
    home.write("s1")
    home.write("s1", "a=\\u00zz\n", "bootstrap.properties")
    done = home.server(action, "s1")
    assert (done.code, done.numbers[-1]) == (Exit.RUNTIME, "CWWKE0018E")


def test_a_workarea_that_was_left_in_disorder_is_emptied(home: Home) -> None:
    """.sRunning says that the last run did not end in order."""
    home.write("s1")
    leftover = home.write("s1", "x", "workarea/leftover")
    home.write("s1", "", "workarea/.sRunning")
    home.run("s1")
    assert not leftover.exists()


@pytest.mark.parametrize("source", ["server.env", "shell"])
def test_the_environment_reaches_the_configuration(home: Home, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """server.env beats the shell."""
    wanted, other = free_port(), free_port()
    home.write("s1", WEB.format(port="${the.port}"))
    monkeypatch.setenv("the_port", str(wanted if source == "shell" else other))
    if source == "server.env":
        home.write("s1", f"the_port={wanted}\n", "server.env")
    home.run("s1")
    assert f"port {wanted}." in home.log("s1")


def test_libraries_are_not_taken_from_the_current_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that happens to be called json.py does not become part of the server."""
    home.write("s1")
    (home.folder / "json.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(home.folder)
    home.run("s1")
    assert "CWWKF0011I" in home.console("s1")


def test_the_launcher_runs_the_server_itself(home: Home) -> None:
    """The shell is replaced, so signals reach the server (the file `server` of the project)."""
    home.write("s1")
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    console = home.folder / "console"
    with console.open("wb") as output:
        process = subprocess.Popen([f"{root}/server", "run", "s1"], stdout=output, stderr=output)
    home.running.append(process)
    until(lambda: "CWWKF0011I" in console.read_text() or process.poll() is not None)
    process.terminate()
    assert process.wait(10) == Exit.SIGTERM
