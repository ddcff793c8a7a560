"""server start: a server in the background."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.home import WEB, Home, free_port, numbers, until
from zconnect.cli.action import Exit


def pid(home: Home) -> int:
    return int(home.path(".pid", "s1.pid").read_text())


def test_start_ends_when_the_server_is_ready(home: Home) -> None:
    """A request is answered right after it; the pid file has the number that was said."""
    port = free_port()
    home.write("s1", WEB.format(port=port))
    done = home.server("start", "s1")
    assert done.code == Exit.OK
    socket.create_connection(("127.0.0.1", port)).close()
    assert done.out == f"\nStarting server s1.\nServer s1 started with process ID {pid(home)}.\n"
    assert home.log("s1", "console.log").startswith("Launching s1 (zconnect/wlp-")
    assert home.server("status", "s1").out.endswith(f"with process ID {pid(home)}.\n")


def test_a_second_start(home: Home) -> None:
    """1 and one clear line; no log of the command is left."""
    home.write("s1")
    home.server("start", "s1")
    done = home.server("start", "s1")
    assert (done.code, done.out) == (Exit.REDUNDANT, f"\nServer s1 is already running with process ID {pid(home)}.\n")
    assert not home.path("s1", "logs", "start.log").exists()


def test_after_kill_9_it_starts_again(home: Home) -> None:
    """What the dead one left does not matter; its message log is kept under another name."""
    home.write("s1")
    home.server("start", "s1")
    os.kill(pid(home), signal.SIGKILL)
    until(lambda: home.server("status:fast", "s1").code == Exit.REDUNDANT)
    assert home.server("start", "s1").code == Exit.OK
    assert len(list(home.path("s1", "logs").glob("messages_*.log"))) == 1


@pytest.mark.parametrize("text", ["hello\n", "999999\n", f"{os.getpid()}\n", ""], ids=["junk", "nobody", "somebody", "empty"])
def test_a_stale_pid_file_is_no_obstacle(home: Home, text: str) -> None:
    """Whatever stands in it (recorded: stale-pid-junk, stale-pid-live)."""
    home.write("s1")
    home.write(".pid", text, "s1.pid")
    assert home.server("start", "s1").code == Exit.OK
    assert home.server("stop", "s1").code == Exit.OK


def test_a_port_in_use_is_said_at_once(home: Home) -> None:
    """As in Liberty the server runs without the port; otherwise than in Liberty the command says so to a person."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.write("s1", WEB.format(port=taken.getsockname()[1]))
        done = home.on_terminal("start", "s1")
    assert (done.code, done.numbers) == (Exit.OK, ["CWWKO0221E"])


def test_a_script_reads_what_it_reads_from_liberty(home: Home) -> None:
    """No message that it does not know; they are in the console log (recorded: start-unknown-feature, start-malformed-xml)."""
    home.write("s1", "<server><featureManager><feature>nosuch-1.0</feature></featureManager></server>")
    done = home.server("start", "s1")
    assert (done.code, done.numbers, done.err) == (Exit.OK, [], "")
    home.write("s2", "<server>")
    done = home.server("start", "s2")
    assert (done.code, done.numbers, done.err) == (Exit.START_FAILED, [], "")


def test_where_there_can_be_no_log_the_place_is_named(home: Home) -> None:
    """22, and standard error has the reason, since there is nothing to look into."""
    home.write("s1")
    home.write("s1", "LOG_DIR=/proc/nosuch\n", "server.env")
    done = home.server("start", "s1")
    assert done.code == Exit.START_FAILED
    assert done.err == "/proc/nosuch: No such file or directory\n"


def test_a_configuration_that_cannot_be_used(home: Home) -> None:
    """22; every problem is on the terminal, with place and hint, and in the logs."""
    home.write("s1", "<server>\n  <include location='a.xml'/>\n  <include location='b.xml'/>\n</server>")
    done = home.on_terminal("start", "s1")
    assert done.code == Exit.START_FAILED
    assert done.out.endswith(f"Server s1 start failed. Look into the logs in {home.path('s1', 'logs')}.\n")
    assert "a.xml" in done.out
    assert "server.xml:3" in done.out
    assert "b.xml" in home.log("s1")
    assert numbers(home.log("s1", "console.log")) == ["CWWKE0001I", "CWWKG0090E", "CWWKG0090E", "CWWKG0010I", "CWWKE0036I"]
    assert home.server("status", "s1").code == Exit.REDUNDANT


def test_a_server_that_dies_without_a_word(home: Home) -> None:
    """The last lines of its console are shown."""
    home.write("s1")
    home.write("s1", "SERVER_WORKING_DIR=/proc/nosuch\n", "server.env")
    done = home.on_terminal("start", "s1")
    assert done.code == Exit.START_FAILED
    assert "CWWKE0044E" in done.out


def test_a_command_port_that_is_taken(home: Home) -> None:
    """Liberty waits for ever (recorded); we say which port it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.write("s1")
        home.write("s1", f"command.port={taken.getsockname()[1]}\n", "bootstrap.properties")
        done = home.on_terminal("start", "s1")
    assert done.code == Exit.START_FAILED
    assert "ZCON0853E" in done.out


def test_a_command_port_that_is_off(home: Home) -> None:
    """5, with the number of the process that has to be killed."""
    home.write("s1")
    home.write("s1", "command.port=-1\n", "bootstrap.properties")
    done = home.server("start", "s1")
    assert (done.code, done.numbers) == (Exit.UNKNOWN, ["CWWKE0088W"])
    assert str(pid(home)) in done.out


PLACES: list[tuple[str, str, Callable[[Home], Path]]] = [
    ("LOG_DIR", "{folder}/lg", lambda home: home.folder / "lg" / "messages.log"),
    ("LOG_FILE", "c.txt", lambda home: home.path("s1", "logs", "c.txt")),
    ("PID_DIR", "{folder}/pp", lambda home: home.folder / "pp" / "s1.pid"),
    ("PID_FILE", "{folder}/pq/the.pid", lambda home: home.folder / "pq" / "the.pid"),
    ("WLP_OUTPUT_DIR", "{folder}/out", lambda home: home.folder / "out" / "s1" / "workarea" / ".sCommand"),
    ("SERVER_WORKING_DIR", "wd", lambda home: home.path("s1", "wd")),
]


@pytest.mark.parametrize(("variable", "value", "place"), PLACES)
def test_the_environment_says_where_things_are(
    home: Home, variable: str, value: str, place: Callable[[Home], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each variable moves what Liberty moves by it (recorded: env-*)."""
    home.write("s1")
    monkeypatch.setenv(variable, value.format(folder=home.folder))
    assert home.server("start", "s1").code == Exit.OK
    assert place(home).exists()
    assert home.server("stop", "s1").code == Exit.OK


def test_variables_reach_the_server(home: Home) -> None:
    """Behind -- they win over everything."""
    wanted, other = free_port(), free_port()
    home.write("s1", WEB.format(port="${a.port}").replace("<httpEndpoint", f'<variable name="a.port" value="{other}"/><httpEndpoint'))
    assert home.server("start", "s1", "--", f"--a.port={wanted}").code == Exit.OK
    assert f"port {wanted}." in home.log("s1")


def test_what_is_made_is_for_nobody_else(home: Home) -> None:
    """Folders 750, files 640, as Liberty makes them."""
    home.write("s1")
    home.server("start", "s1")
    made = [home.path(".pid"), *home.path("s1", "logs").rglob("*"), *home.path("s1", "workarea").iterdir()]
    assert [path for path in made if path.stat().st_mode & 0o007] == []
