"""The life of a server, in a process of its own."""

import json
import socket
import threading
import urllib.request

import pytest

from tests.cli.home import Home, free_port, home, numbers, until
from zconnect.cli.action import Exit

__all__ = ["home"]

WEB = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature>{features}</featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1" {more}/>
  <zosconnect_zosConnectManager requireAuth="false" requireSecure="false"/>
  <webApplication location="talk:app" contextRoot="/talk"/>
</server>"""
APPLICATION = """
import asyncio
import os
from pathlib import Path

HERE = Path(__file__).parent
print("loaded in", os.environ.get("MARK"))


async def app(scope, receive, send):
    if scope["type"] == "http":
        (HERE / "entered").touch()
        while scope["path"].endswith("/slow") and not (HERE / "gate").exists():
            await asyncio.sleep(0.02)
        while scope["path"].endswith("/long") and (await receive())["type"] != "http.disconnect":
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
"""


@pytest.fixture
def port(home: Home) -> int:
    found = free_port()
    home.write("s1", WEB.format(port=found, features="", more=""))
    home.write("s1", APPLICATION, "apps/talk.py")
    return found


def test_a_request_under_way_is_finished_before_the_end(home: Home, port: int) -> None:
    """The stop waits for it; new connections are not taken meanwhile."""
    process = home.run("s1")
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(urllib.request.urlopen(f"http://127.0.0.1:{port}/talk/slow").read()))
    asking.start()
    until(home.path("s1", "apps", "entered").exists)
    process.terminate()
    until(lambda: "CWWKO0220I" in home.log("s1"))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert process.poll() is None
    home.path("s1", "apps", "gate").touch()
    assert process.wait(10) == Exit.SIGTERM
    asking.join()
    assert answers == [b"hello"]
    assert home.log("s1").index("CWWKO0220I") < home.log("s1").index("CWWKE1101I")


def test_a_forced_stop_waits_for_nobody(home: Home, port: int) -> None:
    """It cuts off what is under way."""
    process = home.run("s1")
    failed: list[Exception] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/talk/long").close()
        except OSError as cause:
            failed.append(cause)

    asking = threading.Thread(target=ask)
    asking.start()
    until(home.path("s1", "apps", "entered").exists)
    assert home.server("stop", "s1", "--force").code == Exit.OK
    assert process.wait(10) == 0
    asking.join()
    assert len(failed) == 1


def test_features_that_nobody_knows(home: Home, port: int) -> None:
    """A message with the nearest name; the server runs without it, as Liberty does."""
    home.write("s1", WEB.format(port=port, features="<feature>appSecurty-2.0</feature>", more=""))
    home.run("s1")
    assert "CWWKF0001E" in numbers(home.console("s1"))
    assert "Did you mean appSecurity-2.0?" in home.console("s1")


def test_without_features_there_is_no_port(home: Home) -> None:
    """It is the features that bring the ports; the message says so."""
    port = free_port()
    home.write("s1", f'<server><httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/></server>')
    home.run("s1")
    assert "CWWKF0009W" in numbers(home.console("s1"))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_host_that_must_not_be_missing(home: Home, port: int) -> None:
    """onError=FAIL: the start fails and says which endpoint it was."""
    home.write("s1", WEB.format(port=port, features="", more='host="nosuch.invalid" onError="FAIL"'))
    done = home.server("start", "s1")
    assert done.code == Exit.START_FAILED
    assert "CWWKT0021I" in home.log("s1")
    assert "CWWKE0036I" in home.log("s1")


def test_the_state_folder_is_empty_at_every_start(home: Home, port: int) -> None:
    """It holds what belongs to one run."""
    old = home.write("s1", "x", "logs/state/old")
    home.run("s1")
    assert not old.exists()
    assert old.parent.is_dir()


def test_applications_see_the_environment_of_server_env(home: Home, port: int) -> None:
    """And what they print is in the log."""
    home.write("s1", "MARK=here\n", "server.env")
    home.run("s1")
    assert "O loaded in here\n" in home.log("s1")


def test_the_format_of_the_first_line_is_that_of_bootstrap_properties(home: Home, port: int) -> None:
    """Before server.xml is read."""
    home.write("s1", "com.ibm.ws.logging.message.format=json\n", "bootstrap.properties")
    home.run("s1", ready="CWWKF0011I")
    assert all(json.loads(line)["type"] == "liberty_message" for line in home.log("s1").splitlines())


def test_an_included_document_is_announced(home: Home, port: int) -> None:
    """As Liberty does, before anything else is said about the configuration."""
    home.write("s1", WEB.format(port=port, features="", more="").replace("</server>", '<include location="more.xml"/></server>'))
    home.write("s1", "<server/>", "more.xml")
    home.run("s1")
    assert numbers(home.console("s1"))[:2] == ["CWWKE0001I", "CWWKG0028A"]
