"""A user directory of a test's own, and the commands in it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zconnect.cli.main import main
from zconnect.cli.securityutility import main as security_utility

NUMBER = re.compile(r"^(?:\[\w+ *\] )?([A-Z]{4,5}\d{4}[A-Z])")
MINIMAL = "<server/>"
WEB = """<server>
  <featureManager><feature>appSecurity-2.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/>
</server>"""


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def numbers(self) -> list[str]:
        """The numbers of the messages on standard output, in order."""
        return numbers(self.out)


def numbers(text: str) -> list[str]:
    """The numbers of the messages that begin a line of a console."""
    return [match[1] for line in text.splitlines() if (match := NUMBER.match(line))]


@dataclass
class Home:
    """A user directory; `running` are the processes to be ended with the test."""

    folder: Path
    read: Callable[[], tuple[str, str]]
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def server(self, *words: str) -> Done:
        """The command `server`, in this process; but for `start`, which leaves a child behind."""
        if words[0] != "start":
            return self._done(main(words))
        command = [sys.executable, "-P", "-m", "zconnect.cli.main", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def on_terminal(self, *words: str, **environment: str) -> Done:
        """The same, with a terminal behind both of its outputs; what that shows is `out`."""
        master, slave = os.openpty()
        command = [sys.executable, "-P", "-m", "zconnect.cli.main", *words]
        with open(master, "rb", buffering=0) as screen:
            process = subprocess.Popen(command, stdout=slave, stderr=slave, env={**os.environ, **environment})
            os.close(slave)
            shown = b""
            with suppress(OSError):  # the other end is closed
                while part := screen.read(65536):
                    shown += part
            return Done(process.wait(), shown.decode().replace("\r\n", "\n"), "")

    def utility(self, *words: str) -> Done:
        """The command `securityUtility`, in this process."""
        return self._done(security_utility(words))

    def _done(self, code: int) -> Done:
        out, err = self.read()
        return Done(code, out, err)

    def path(self, *parts: str) -> Path:
        """A path in the folder of servers."""
        return self.folder.joinpath("servers", *parts)

    def write(self, name: str, text: str = MINIMAL, file: str = "server.xml") -> Path:
        """A server, or one more file of it."""
        path = self.path(name, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, name: str, *words: str, ready: str = "CWWKF0011I") -> "subprocess.Popen[bytes]":
        """`server run` in a process of its own, once its console has said that it is ready."""
        console = self.folder / f"{name}.console"
        with console.open("wb") as output:
            command = [sys.executable, "-P", "-m", "zconnect.cli.main", "run", name, *words]
            process = subprocess.Popen(command, stdout=output, stderr=output)
        self.running.append(process)
        until(lambda: ready in console.read_text() or process.poll() is not None)
        return process

    def console(self, name: str) -> str:
        """What `run` has written."""
        return (self.folder / f"{name}.console").read_text()

    def log(self, name: str, file: str = "messages.log") -> str:
        """A log of a server."""
        return self.path(name, "logs", file).read_text()


def until(reached: Callable[[], object], limit: float = 60.0) -> None:
    """Wait for something that other processes do."""
    end = time.monotonic() + limit
    while not reached():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Home]:
    """An empty user directory; what still runs at the end is killed."""
    for variable in [name for name in os.environ if name.startswith(("WLP_", "LOG_", "PID_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("WLP_USER_DIR", str(tmp_path))
    before = os.umask(0o022)
    found = Home(tmp_path, lambda: tuple(capfd.readouterr()))  # type: ignore[arg-type,return-value]
    yield found
    os.umask(before)
    for process in found.running:
        process.kill()
        process.wait()
    for file in tmp_path.glob("servers/.pid/*.pid"):
        with suppress(OSError, ValueError):
            os.kill(int(file.read_text()), signal.SIGKILL)
