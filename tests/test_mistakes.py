"""The mistakes people make: each gets one clear numbered message, the right exit code or status, and loses nothing."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.test_servers import ROOT, SERVER, Running, free_port

READY, FAILED, LOCATION, NOT_THERE, REDUNDANT = 0, 22, 23, 2, 1


@dataclass
class Sandbox:
    """A copy of the quickstart in a folder of its own, on ports of its own."""

    user_dir: Path
    name: str = "quickstart"
    http: int = field(default_factory=free_port)
    https: int = field(default_factory=free_port)

    @property
    def folder(self) -> Path:
        """The server's directory."""
        return self.user_dir / "servers" / self.name

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file; what is to be changed must be there."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{file} does not hold {old}"
        path.write_text(text.replace(old, new, 1))

    def server(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command."""
        environment = {**os.environ, "WLP_USER_DIR": str(self.user_dir)}
        return subprocess.run([*SERVER, *words], env=environment, capture_output=True, text=True, timeout=60, check=False)

    def start(self) -> int:
        """Start; the exit code."""
        done = self.server("start", self.name, "--", f"--http.port={self.http}", f"--https.port={self.https}")
        self.said = done.stdout + done.stderr
        return done.returncode

    def log(self) -> str:
        """All that the server and the last command said."""
        files = (self.folder / "logs" / name for name in ("console.log", "messages.log"))
        return self.said + "".join(file.read_text() for file in files if file.exists())

    def pid(self) -> int:
        """The process id of the running server."""
        return int((self.user_dir / "servers" / ".pid" / f"{self.name}.pid").read_text())

    def ask(self, path: str = "/catalog/items") -> int:
        """The status of a request by alice."""
        running = Running(self.name, self.user_dir, self.http, self.https)
        return running.ask({"path": path, "basic": ["alice", "alice-secret"]})[0]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    shutil.copytree(
        ROOT / "servers" / "quickstart", tmp_path / "servers" / "quickstart", ignore=shutil.ignore_patterns("logs", "workarea", "security")
    )
    found = Sandbox(tmp_path)
    yield found
    found.server("stop", found.name, "--force")


@dataclass(frozen=True)
class Mistake:
    """An edit of the quickstart, how `start` ends, and what must be said (regular expression over console and messages)."""

    name: str
    file: str
    old: str
    new: str
    exit: int
    says: str


SECURITY, APIS = "includes/security.xml", "includes/apis.xml"
MISTAKES = (
    Mistake("malformed XML", SECURITY, "</server>", "</servr>", FAILED, r"CWWKG0014E.*security\.xml:\d+:\d+"),
    Mistake(
        "an unknown element",
        SECURITY,
        '<jwtBuilder id="shortLived"',
        '<jwtBuildr id="shortLived"',
        READY,
        r"ZCON0121W.*jwtBuildr.*security\.xml:\d+:\d+.*jwtBuilder",
    ),
    Mistake("an unknown attribute", SECURITY, "clockSkew=", "clockSkw=", FAILED, r"clockSkw[\s\S]*security\.xml:\d+:\d+[\s\S]*clockSkew"),
    Mistake(
        "an unreadable guarding value", SECURITY, 'inboundPropagation="required"', 'inboundPropagation="yes"', FAILED, "inboundPropagation"
    ),
    Mistake("an algorithm that does not exist", SECURITY, 'signatureAlgorithm="ES256"', 'signatureAlgorithm="ES265"', FAILED, "ES256"),
    Mistake(
        "a filter that does not exist",
        SECURITY,
        'authFilterRef="bearerOnly"',
        'authFilterRef="bearrOnly"',
        FAILED,
        r"CWWKG0033W[\s\S]*bearrOnly",
    ),
    Mistake(
        "a missing include",
        "server.xml",
        'location="includes/apis.xml"',
        'location="includes/api.xml"',
        FAILED,
        r"CWWKG0090E.*server\.xml:\d+",
    ),
    Mistake("an include of itself", SECURITY, "<webAppSecurity", '<include location="security.xml"/><webAppSecurity', READY, "CWWKG0042W"),
    Mistake("an include that is not allowed", APIS, "<webApplication", '<include location="a.xml"/><webApplication', FAILED, "ZCON0131E"),
    Mistake("a key store with another password", "server.env", "keystore_password=", "unused=", READY, "keyStore|key store|key\\.p12"),
    Mistake("an application that does not import", "apps/catalog.py", "import json", "import jason", READY, r"CWWKZ0002E[\s\S]*jason"),
    Mistake("a missing file of an application", APIS, "catalog:app", "catalogue:app", READY, r"CWWKZ0014W.*catalogue"),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_told(sandbox: Sandbox, mistake: Mistake) -> None:
    """The message says what and where; a mistake in a guard stops the start."""
    sandbox.edit(mistake.file, mistake.old, mistake.new)
    assert sandbox.start() == mistake.exit, sandbox.log()
    assert re.search(mistake.says, sandbox.log()), sandbox.log()


def test_all_mistakes_of_a_file_are_told_in_one_run(sandbox: Sandbox) -> None:
    """Document after document in the order of reading, each with its place."""
    sandbox.edit(SECURITY, 'inboundPropagation="required"', 'inboundPropagation="yes"')
    sandbox.edit(SECURITY, "clockSkew=", "clockSkw=")
    sandbox.edit(SECURITY, 'authFilterRef="bearerOnly"', 'authFilterRef="bearrOnly"')
    sandbox.edit(APIS, "<webApplication ", "<webAplication ")
    done = sandbox.server("validate", sandbox.name)
    assert done.returncode == 2
    said = done.stdout + done.stderr
    places = [said.index(word) for word in ("clockSkw", "/server/webAplication")]
    assert places == sorted(places), said
    assert all(word in said for word in ("inboundPropagation may not be yes", "bearrOnly", "clockSkw", "/server/webAplication"))


def test_an_application_that_does_not_import_answers_503(sandbox: Sandbox) -> None:
    """The rest of the server works."""
    sandbox.edit("apps/catalog.py", "import json", "import jason")
    assert sandbox.start() == READY
    assert sandbox.ask() == 503


def test_a_port_in_use(sandbox: Sandbox) -> None:
    """The server starts without that port, as Liberty does, and says which."""
    with socket.create_server(("127.0.0.1", sandbox.http)):
        assert sandbox.start() == READY
        assert re.search(f"CWWKO0221E.*{sandbox.http}", sandbox.log())
        assert sandbox.ask() == 200


def test_the_audit_file_cannot_be_written(sandbox: Sandbox) -> None:
    """A server that must keep records does not run without."""
    (sandbox.folder / "logs" / "audit.log").mkdir(parents=True)
    assert sandbox.start() == FAILED
    assert "audit.log" in sandbox.log()


def test_a_server_that_does_not_exist(sandbox: Sandbox) -> None:
    """Exit code 2, as Liberty's script."""
    done = sandbox.server("start", "quickstrat")
    assert done.returncode == NOT_THERE
    assert "quickstrat" in done.stdout


def test_a_name_that_cannot_be_one(sandbox: Sandbox) -> None:
    """CWWKE0012E, exit code 23."""
    done = sandbox.server("create", "a/b")
    assert done.returncode == LOCATION
    assert "CWWKE0012E" in done.stdout


def test_a_second_start(sandbox: Sandbox) -> None:
    """The first one goes on."""
    assert sandbox.start() == READY
    pid = sandbox.pid()
    assert sandbox.start() == REDUNDANT
    assert sandbox.pid() == pid
    assert sandbox.ask() == 200


def test_killed_and_started_again(sandbox: Sandbox) -> None:
    """What was audited before the kill is there; the stale pid file is no hindrance."""
    assert sandbox.start() == READY
    assert sandbox.ask() == 200
    audit = sandbox.folder / "logs" / "audit.log"
    before = audit.read_text()
    os.kill(sandbox.pid(), signal.SIGKILL)
    time.sleep(0.1)
    assert sandbox.server("status", sandbox.name).returncode == REDUNDANT
    assert sandbox.start() == READY
    assert sandbox.ask() == 200
    assert audit.read_text().startswith(before)
    assert len(audit.read_text().splitlines()) == 2


def test_a_pid_file_of_somebody_else(sandbox: Sandbox) -> None:
    """The lock decides, never the pid file."""
    pids = sandbox.user_dir / "servers" / ".pid"
    pids.mkdir(parents=True)
    (pids / "quickstart.pid").write_text(f"{os.getpid()}\n")
    assert sandbox.server("status", sandbox.name).returncode == REDUNDANT
    assert sandbox.start() == READY


def test_a_bad_edit_keeps_the_last_good_configuration(sandbox: Sandbox) -> None:
    """The running server says what is wrong and serves on; the next good edit is in force."""
    assert sandbox.start() == READY
    kept = (sandbox.folder / SECURITY).read_text()
    sandbox.edit(SECURITY, 'inboundPropagation="required"', 'inboundPropagation="yes"')
    assert said_within(sandbox, "inboundPropagation")
    assert sandbox.ask() == 200
    (sandbox.folder / SECURITY).write_text(kept)
    sandbox.edit("includes/registry.xml", 'password="alice-secret"', 'password="other"')
    assert said_within(sandbox, "CWWKG0017I")
    assert sandbox.ask() == 401


def said_within(sandbox: Sandbox, text: str, seconds: float = 10) -> bool:
    """Whether a text appears in the log in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if text in sandbox.log():
            return True
        time.sleep(0.05)
    return False


NOT_HTTP = (
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 40000 + b"\r\n\r\n", 400),
    (b"\r\n\r\nnonsense\r\n\r\n", 400),
)


def test_what_is_not_http_is_answered_and_closed(sandbox: Sandbox) -> None:
    """400, and the next caller is served."""
    assert sandbox.start() == READY
    for sent, status in NOT_HTTP:
        with socket.create_connection(("127.0.0.1", sandbox.http), timeout=5) as connection:
            connection.sendall(sent)
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 %d" % status), (sent[:40], answer[:80])
    assert sandbox.ask() == 200


def test_commands_that_do_not_serve_import_nothing_heavy() -> None:
    """`server status` costs little more than Python itself."""
    code = "import sys; from zconnect.cli.main import main; main(['status', 'nowhere']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    loaded = set(done.stdout.split())
    assert not loaded & {"lxml.etree", "cryptography", "asyncio", "aiohttp", "httptools", "ssl", "jwt"}
