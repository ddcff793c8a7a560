"""A running server whose files change."""

import shutil
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.home import Home, free_port, home, until
from zconnect.features import VOCABULARY
from zconnect.security.oidc import OpenidConnectClient
from zconnect.server.generation import Generation, Source
from zconnect.server.reading import Reading
from zconnect.server.reload import Reloader
from zconnect.values import Place

__all__ = ["home"]

DOCUMENT = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <config monitorInterval="50ms" updateTrigger="{trigger}"/>
  <httpEndpoint id="defaultHttpEndpoint" host="{host}" httpPort="{port}" httpsPort="-1" {more}/>
  <zosconnect_zosConnectManager requireAuth="false" requireSecure="false"/>
  <webApplication id="one" location="{module}:app" contextRoot="/one"/>
  {rest}
</server>"""
APPLICATION = """
import asyncio
from pathlib import Path

GATE = Path(__file__).with_name("gate")


async def app(scope, receive, send):
    if scope["type"] == "http":
        if scope["path"].endswith("/slow"):
            GATE.with_name("entered").touch()
            while not GATE.exists():
                await asyncio.sleep(0.02)
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"{answer}"}})
"""


class Served:
    """A server with one application, in a process of its own."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = free_port()
        self.application("talk", "first")
        self.edit()
        self.process = home.run("s1")

    def application(self, module: str, answer: str) -> None:
        self.home.write("s1", APPLICATION.format(answer=answer), f"apps/{module}.py")

    def edit(self, *, rest: str = "", trigger: str = "polled", module: str = "talk", host: str = "localhost", more: str = "") -> None:
        text = DOCUMENT.format(port=self.port, rest=rest, trigger=trigger, module=module, host=host, more=more)
        fresh = self.home.write("s1", text, "server.new")
        fresh.replace(self.home.path("s1", "server.xml"))

    def get(self, path: str = "/one/") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, ""

    def wait(self, number: str, times: int = 1) -> None:
        until(lambda: self.home.log("s1").count(number) >= times)


@pytest.fixture
def served(home: Home) -> Served:
    return Served(home)


def test_a_good_edit_is_in_force(served: Served) -> None:
    """New things are there, and the log says that they are."""
    assert served.get("/two/")[0] == 404
    served.edit(rest='<webApplication id="two" location="talk:app" contextRoot="/two"/>')
    served.wait("CWWKG0017I")
    assert served.get("/two/") == (200, "first")
    assert "CWWKG0016I" in served.home.console("s1")
    assert "ZCON0862I: What has changed in the configuration: added webApplication[two] [server.xml:7:3]." in served.home.log("s1")


def test_what_has_changed_is_told_within_bounds(served: Served) -> None:
    """Names of elements and attributes, never values; not more than a person reads."""
    served.edit(more='onError="FAIL"', rest="".join(f'<authFilter id="{"f" * 500}{at}"/>' for at in range(30)))
    served.wait("CWWKG0017I")
    line = next(line for line in served.home.log("s1").splitlines() if "ZCON0862I" in line)
    assert "changed httpEndpoint[defaultHttpEndpoint] (onError) [server.xml:4:" in line
    assert line.endswith(", and 11 more.")
    assert "FAIL" not in line
    assert len(line) < 5_000


def test_a_bad_edit_changes_nothing(served: Served) -> None:
    """The last good configuration stays; the problem is in the log with its place; a mended file is read by itself."""
    served.edit(rest="<zosconnect_zosConnectManager requireAuth='perhaps'/>")
    served.wait("ZCON0856E")
    assert served.get() == (200, "first")
    assert "[server.xml:" in served.home.log("s1")
    assert "requireAuth" in served.home.log("s1")
    served.edit(rest='<webApplication id="two" location="talk:app" contextRoot="/two"/>')
    served.wait("CWWKG0017I")
    assert served.get("/two/") == (200, "first")


@pytest.mark.parametrize("text", ["<server>", "", "<client/>", "\0"])
def test_a_document_that_is_none(served: Served, text: str) -> None:
    """Half a file, an empty one, another's: the server goes on."""
    served.home.write("s1", text)
    served.wait("ZCON0856E")
    assert served.get() == (200, "first")


def test_an_include_that_says_more_than_it_may(served: Served) -> None:
    """The last good configuration stays, and the log has both places."""
    served.home.write("s1", '<server>\n<webApplication id="two" location="talk:app" contextRoot="/two"/></server>', "team.xml")
    served.edit(rest='<include location="team.xml" allow="webApplication"/>')
    served.wait("CWWKG0017I")
    served.home.write("s1", '<server>\n<zosconnect_zosConnectManager requireAuth="false"/></server>', "team.xml")
    served.wait("ZCON0131E")
    assert served.get("/two/") == (200, "first")
    assert "[team.xml:2:1" in served.home.log("s1")
    assert "See also server.xml:7:3" in served.home.log("s1")


def test_a_server_without_its_document(served: Served) -> None:
    """A deleted server.xml changes nothing, and one that comes back is read."""
    served.home.path("s1", "server.xml").unlink()
    served.wait("CWWKG0110E")
    assert served.get() == (200, "first")
    served.edit(rest='<webApplication id="two" location="talk:app" contextRoot="/two"/>')
    served.wait("CWWKG0017I")
    assert served.get("/two/") == (200, "first")
    assert served.home.log("s1").count("CWWKG0016I") == 1


def test_an_edit_that_says_nothing_new(served: Served) -> None:
    """Comments and order do not make a new runtime."""
    served.edit(rest="<!-- a thought -->")
    served.wait("CWWKG0018I")
    assert served.get() == (200, "first")


async def test_another_order_is_in_force_and_told_as_no_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of two clients that accept the same request the first counts, so their order must be that of the file."""
    one, two = (f'<openidConnectClient id="{id}" inboundPropagation="supported" sharedKey="secret"/>' for id in "ab")
    (tmp_path / "server.xml").write_text(f"<server>{one}{two}</server>")
    source = Source(Place("s1", tmp_path, tmp_path, tmp_path, tmp_path / "logs"), VOCABULARY, {}, {})
    reading = Reading(source)
    reloader = Reloader(source, reading, await source.open(reading.first()), no_ports)
    (tmp_path / "server.xml").write_text(f"<server>{two}{one}</server>")

    with caplog.at_level("INFO"):
        assert await reloader.reload()

    assert [each.id for each in reloader.current.loaded.configuration.all(OpenidConnectClient)] == ["b", "a"]
    assert "CWWKG0018I" in caplog.text
    await reloader.close()


async def no_ports(_generation: Generation) -> None:
    """A server that listens nowhere."""


def test_what_is_read_at_an_edit_is_told_again(served: Served) -> None:
    """The log says which documents the new configuration is made of."""
    served.home.write("s1", "<server/>", "more.xml")
    served.edit(rest='<include location="more.xml"/>')
    served.wait("CWWKG0028A")


def test_an_include_that_appears_later(served: Served) -> None:
    """What a refused configuration has missed is waited for."""
    served.edit(rest='<include location="more.xml"/>')
    served.wait("ZCON0856E")
    served.home.write("s1", '<server><webApplication id="two" location="talk:app" contextRoot="/two"/></server>', "more.xml")
    served.wait("CWWKG0017I")
    assert served.get("/two/") == (200, "first")


def test_what_has_no_effect_is_said_once(served: Served) -> None:
    """At the start, or when it comes in; not again at every edit, good or bad."""
    served.edit(rest='<logging maxFfdcAge="1d"/>')
    served.wait("maxFfdcAge")
    served.edit(rest='<!-- --><logging maxFfdcAge="2d"/><jndiEntry jndiName="a" value="b"/>')
    served.wait("ZCON0180I")
    served.edit(rest='<logging maxFfdcAge="2d"/><jndiEntry jndiName="a" value="b"/><zosconnect_zosConnectManager requireAuth="perhaps"/>')
    served.wait("ZCON0856E")
    assert [served.home.log("s1").count(number) for number in ("ZCON0124I", "ZCON0180I")] == [1, 1]


def test_an_include_that_appears_elsewhere(served: Served, tmp_path: Path) -> None:
    """Also outside of the server's folder; and a variable in a sub-folder that is written in place."""
    served.home.write("s1", "/one", "variables/sub/root")
    text = '<webApplication id="two" location="talk:app" contextRoot="/two${sub/root}"/>'
    served.edit(rest=f'<include location="{tmp_path}/elsewhere/more.xml"/>')
    served.wait("ZCON0856E")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "more.xml").write_text(f"<server>{text}</server>")
    served.wait("CWWKG0017I")
    assert served.get("/two/one/") == (200, "first")
    served.home.path("s1", "variables", "sub", "root").write_text("/two")
    served.wait("CWWKG0017I", 2)
    assert served.get("/two/two/") == (200, "first")


def test_drop_ins_as_kubernetes_mounts_them(served: Served) -> None:
    """The folder appears, its files are links through ..data, which is swapped; at last all of it is gone."""
    mount = served.home.path("s1", "configDropins", "overrides")

    def swap(name: str, root: str) -> None:
        served.home.write(
            "s1", f'<server><webApplication id="two" location="talk:app" contextRoot="{root}"/></server>', f"maps/{name}/two.xml"
        )
        (mount / "fresh").symlink_to(served.home.path("s1", "maps", name))
        (mount / "fresh").replace(mount / "..data")

    mount.mkdir(parents=True)
    swap("first", "/two")
    (mount / "two.xml").symlink_to("..data/two.xml")
    served.wait("CWWKG0017I")
    assert served.get("/two/") == (200, "first")
    swap("second", "/too")
    served.wait("CWWKG0017I", 2)
    assert (served.get("/two/")[0], served.get("/too/")) == (404, (200, "first"))
    shutil.rmtree(mount)
    served.wait("CWWKG0017I", 3)
    assert served.get("/too/")[0] == 404


def test_a_file_that_a_part_depends_on(served: Served) -> None:
    """An application is loaded anew when its module changes, and the module is told."""
    served.application("talk", "second")
    served.wait("CWWKG0017I")
    assert served.get() == (200, "second")
    assert f"changed {served.home.path('s1', 'apps', 'talk.py')}" in served.home.log("s1")


def test_the_interval_of_the_bootstrap_properties(home: Home) -> None:
    """It wins over <config>, as in Liberty; and they are read at the start alone."""
    home.write("s1", "com.ibm.ws.config.monitorInterval=50\nroot=/boot", "bootstrap.properties")
    served = Served(home)
    served.edit(rest='<config monitorInterval="1h"/>')
    served.wait("CWWKG0017I")
    home.write("s1", "root=/changed", "bootstrap.properties")
    served.edit(rest='<webApplication id="two" location="talk:app" contextRoot="${root}"/>')
    served.wait("CWWKG0017I", 2)
    assert served.get("/boot/") == (200, "first")


def test_a_request_in_flight_ends_where_it_began(served: Served) -> None:
    """It gets its answer of the old runtime, while new requests get those of the new one."""
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(served.get("/one/slow")))
    asking.start()
    until(served.home.path("s1", "apps", "entered").exists)
    served.application("other", "second")
    served.edit(module="other")
    served.wait("CWWKG0017I")
    assert served.get() == (200, "second")
    assert answers == []
    served.home.path("s1", "apps", "gate").touch()
    asking.join()
    assert answers == [(200, "first")]


def test_nothing_is_lost_under_way(served: Served) -> None:
    """Requests that come all the time get an answer, whatever is edited meanwhile."""
    answers: list[int] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answers.append(served.get()[0])

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(3):
        served.edit(rest=f'<webApplication id="two" location="talk:app" contextRoot="/two{number}"/>')
        served.wait("CWWKG0017I", number + 1)
    ended.set()
    asking.join()
    assert set(answers) == {200}


def test_another_port(served: Served) -> None:
    """The new one is open and the old one closed."""
    before, served.port = served.port, free_port()
    served.edit()
    served.wait("CWWKG0017I")
    assert served.get() == (200, "first")
    served.port = before
    with pytest.raises(urllib.error.URLError):
        served.get()


def test_an_endpoint_that_must_not_be_missing(served: Served) -> None:
    """onError=FAIL: a host that cannot be resolved is no reason to give up what works."""
    served.edit(host="nosuch.invalid", more='onError="FAIL"')
    served.wait("ZCON0856E")
    assert served.get() == (200, "first")


def test_a_server_that_is_told_not_to_look(served: Served) -> None:
    """updateTrigger=disabled holds from the moment it is read."""
    served.edit(trigger="disabled")
    served.wait("CWWKG0017I")
    served.edit(rest='<webApplication id="two" location="talk:app" contextRoot="/two"/>')
    assert served.get("/two/")[0] == 404


def test_the_log_settings_are_replaced_as_well(served: Served, tmp_path: Path) -> None:
    """<logging> counts without a restart."""
    served.edit(rest='<logging messageFormat="JSON"/>')
    served.wait('"ibm_messageId":"CWWKG0017I"')
