"""Several processes that are one server: one port, one log, one life."""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.home import Home, free_port, home, until
from zconnect.cli.action import Exit
from zconnect.trust.token import signed

__all__ = ["home"]

DOCUMENT = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <config monitorInterval="50ms"/>
  <zconnect_workers count="{count}"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1">
    <accessLogging logFormat="%U%q %s" maxFileSize="{size}" maxFiles="0" {times}/>
  </httpEndpoint>
  <zosconnect_zosConnectManager requireAuth="false" requireSecure="false" {interceptors}/>
  <webApplication id="one" location="{module}:app" contextRoot="{root}"/>
  <zosconnect_zosConnectInterceptors id="audited" interceptorRef="audit"/>
  <zosconnect_auditInterceptor id="audit"/>
</server>"""
APPLICATION = """
import asyncio
import os
from pathlib import Path

HERE = Path(__file__).parent
print("loaded by", os.getpid())
{more}

async def app(scope, receive, send):
    if scope["type"] == "http":
        if scope["path"].endswith("/slow"):
            (HERE / f"{{os.getpid()}}-{{id(scope)}}.entered").touch()
            while not (HERE / "gate").exists():
                await asyncio.sleep(0.02)
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": str(os.getpid()).encode()}})
"""


class Several:
    """A server of several processes."""

    def __init__(self, home: Home, count: int) -> None:
        self.home = home
        self.port = free_port()
        self.application("talk")
        self.edit(count=count)
        self.process = home.run("s1")

    def application(self, module: str, more: str = "") -> None:
        self.home.write("s1", APPLICATION.format(more=more), f"apps/{module}.py")

    def edit(
        self,
        *,
        count: int = 3,
        root: str = "/one",
        module: str = "talk",
        size: int = 0,
        times: str = "",
        port: int = 0,
        audited: bool = False,
    ) -> None:
        self.port = port or self.port
        interceptors = 'globalInterceptorsRef="audited"' if audited else ""
        text = DOCUMENT.format(count=count, port=self.port, root=root, module=module, size=size, times=times, interceptors=interceptors)
        fresh = self.home.write("s1", text, "server.new")
        fresh.rename(self.home.path("s1", "server.xml"))

    def url(self, path: str = "/one") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path: str = "/one") -> int:
        """The process that answers."""
        with urllib.request.urlopen(self.url(path)) as answer:
            return int(answer.read())

    def answering(self, path: str = "/one", times: int = 60) -> set[int]:
        """The processes that answer so many requests, each on a connection of its own."""
        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(lambda _: self.ask(path), range(times)))

    def entered(self) -> int:
        """How many requests for /slow have come to the application."""
        return len(list(self.home.path("s1", "apps").glob("*.entered")))

    def workers(self) -> list[int]:
        """The processes beside the leading one."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]


@pytest.fixture
def several(home: Home) -> Several:
    return Several(home, 3)


def test_all_answer_on_one_port(several: Several) -> None:
    """The message names them; the process of the server is the one that was started."""
    processes = several.answering()
    assert processes == {several.process.pid, *several.workers()}
    assert len(processes) == 3
    (told,) = re.findall(r"ZCON0865I: .* 3 processes: (.*)\.", several.home.console("s1"))
    assert set(map(int, told.split(", "))) == processes


def test_connections_are_shared_fairly(several: Several) -> None:
    """None has more than two thirds of 90 connections that come at once and stay."""
    with ThreadPoolExecutor(90) as pool:
        asked = [pool.submit(several.ask, "/one/slow") for _ in range(90)]
        until(lambda: several.entered() == 90)
        several.home.path("s1", "apps", "gate").touch()
        answered = [each.result() for each in asked]
    assert max(answered.count(process) for process in set(answered)) <= 60


def test_one_that_dies_is_replaced(several: Several) -> None:
    """Both are told; meanwhile the others answer."""
    dead = several.workers()[0]
    os.kill(dead, signal.SIGKILL)
    until(lambda: "ZCON0869I" in several.home.log("s1"))
    assert f"ZCON0866E: The worker process {dead} was ended by SIGKILL" in several.home.console("s1")
    assert several.answering() == {several.process.pid, *several.workers()}
    assert len(several.workers()) == 2


def test_a_change_is_taken_by_all(several: Several) -> None:
    """On connections that stay open, too."""
    before = several.answering()
    several.edit(root="/two")
    until(lambda: "CWWKG0017I" in several.home.log("s1"))
    assert several.answering("/two") == before
    with pytest.raises(urllib.error.HTTPError, match="404"):
        several.ask("/one")


def test_a_change_that_one_cannot_take_is_taken_by_none(several: Several) -> None:
    """The message is the worker's; all go on with what they had."""
    before = several.answering()
    spoiling = f"""
if os.getpid() != {several.process.pid}:
    (HERE.parent / "logs" / "audit.log").unlink()
    (HERE.parent / "logs" / "audit.log").mkdir()
"""
    several.application("spoiling", spoiling)
    several.edit(count=2, module="spoiling", root="/two", audited=True)
    until(lambda: "ZCON0856E" in several.home.log("s1"))
    assert re.search(r"ZCON0511E: The file .*audit.log", several.home.log("s1"))
    assert several.answering() == before


def test_a_worker_that_dies_of_a_change_does_not_stop_it(several: Several) -> None:
    """The others have it; the one is tried again later."""
    several.application("deadly", f"(HERE / 'gate').exists() or os.getpid() == {several.process.pid} or os._exit(7)")
    several.edit(count=2, module="deadly", root="/two")
    until(lambda: "ended with code 7" in several.home.log("s1") and "CWWKG0017I" in several.home.log("s1"), 60)
    assert several.answering("/two") == {several.process.pid}
    several.home.path("s1", "apps", "gate").touch()
    until(lambda: "ZCON0869I" in several.home.log("s1"), 60)
    assert several.answering("/two") == {several.process.pid, *several.workers()}


def test_the_number_can_be_changed(several: Several) -> None:
    """More and fewer, without a restart; who is let go first finishes what it does."""
    several.edit(count=1)
    until(lambda: not several.workers())
    assert several.answering() == {several.process.pid}
    several.edit(count=2)
    until(lambda: several.home.log("s1").count("CWWKG0017I") == 2)
    assert several.answering() == {several.process.pid, *several.workers()}


def test_ports_move_in_all(several: Several) -> None:
    """The old one is closed in every process."""
    old, before = several.port, several.answering()
    several.edit(port=free_port())
    until(lambda: "CWWKG0017I" in several.home.log("s1"))
    assert several.answering() == before
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{old}/one")


def test_pause_and_resume(several: Several) -> None:
    """For all processes."""
    before = several.answering()
    assert several.home.server("pause", "s1").code == Exit.OK
    with pytest.raises(urllib.error.URLError):
        several.ask()
    assert several.home.server("resume", "s1").code == Exit.OK
    assert several.answering() == before


def test_a_dump_of_all(several: Several) -> None:
    """A file for each process, and each is named."""
    done = several.home.server("javadump", "s1")
    assert done.code == Exit.OK
    assert done.out.count("dump complete in") == 3


def test_a_stop_waits_for_all(several: Several) -> None:
    """What is under way in a worker is finished, too; then there is no process any more."""
    workers = several.workers()
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(several.ask, "/one/slow") for _ in range(20)]
        until(lambda: several.entered() == 20)
        several.process.terminate()
        until(lambda: "CWWKO0220I" in several.home.log("s1"))
        several.home.path("s1", "apps", "gate").touch()
        assert len({each.result() for each in asked}) == 3
    assert several.process.wait(10) == Exit.SIGTERM
    assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)
    assert "CWWKE1101I" in several.home.log("s1")


def test_one_access_log(several: Several) -> None:
    """No line is lost or broken, also where the file is full and another one is begun."""
    several.edit(size=1)
    until(lambda: "CWWKG0017I" in several.home.log("s1"))
    padding = "x" * 4000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: several.ask(f"/one?{number}-{padding}"), range(600)))
    several.process.terminate()
    several.process.wait(10)
    files = list(several.home.path("s1", "logs").glob("http_access*.log"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert len(files) > 2
    assert sorted(lines) == sorted(f"/one?{number}-{padding} 200" for number in range(600))


def test_an_access_log_is_rolled_at_its_time_once(several: Several) -> None:
    """By whoever has the first line behind it; the others go on in the new file."""
    log = several.home.path("s1", "logs", "http_access.log")
    log.write_text("of yesterday\n")
    os.utime(log, (time.time() - 24 * 3600,) * 2)
    several.edit(times='rolloverStartTime="00:00"')
    until(lambda: "CWWKG0017I" in several.home.log("s1"))
    assert len(several.answering(times=90)) == 3
    several.process.terminate()
    several.process.wait(10)
    (old,) = log.parent.glob("http_access_*.log")
    assert re.fullmatch(r"http_access_\d\d\.\d\d\.\d\d_00\.00\.00\.log", old.name)
    assert old.read_text() == "of yesterday\n"
    assert log.read_text().count("\n") == 90


TOKENS = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>openidConnectClient-1.0</feature></featureManager>
  <zconnect_workers count="{count}"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/>
  <openidConnectClient id="rs" inboundPropagation="required" signatureAlgorithm="HS256" sharedKey="{secret}" issuerIdentifier="op"
    audiences="ALL_AUDIENCES"/>
  <zosconnect_zosConnectManager requireAuth="true" requireSecure="false"/>
  <authorization-roles id="zos.connect.access.roles">
    <security-role name="zosConnectAccess"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role>
  </authorization-roles>
  <webApplication id="one" location="talk:app" contextRoot="/one"/>
</server>"""


def test_a_token_is_used_once_in_all_processes_and_across_restarts(home: Home) -> None:
    """And after the death of the server."""
    secret, port, now = "s" * 32, free_port(), int(time.time())
    home.write("s1", TOKENS.format(count=2, port=port, secret=secret))
    home.write("s1", APPLICATION.format(more=""), "apps/talk.py")
    token = signed({}, {"iss": "op", "sub": "anna", "iat": now, "exp": now + 600, "jti": "1"}, "HS256", secret.encode())

    def status(_: int = 0) -> int:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/one", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(asked) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    process = home.run("s1")
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(status, range(20))) == [200, *[401] * 19]
    process.kill()
    process.wait()
    home.run("s1")
    assert status() == 401
