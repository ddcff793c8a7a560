"""A hundred certificates, one after another, while callers come, stay and go: each is served, and no request is lost."""

import http.client
import os
import ssl
import threading
from pathlib import Path

import pytest

from tests.cli.home import Home, free_port, home, until
from tests.server.certificates import PASSWORD, Authority

__all__ = ["home"]

SWAPS = 100
SERVER = """<server>
  <featureManager><feature>transportSecurity-1.0</feature><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="-1" httpsPort="{port}" httpOptionsRef="long"/>
  <httpOptions id="long" maxKeepAliveRequests="-1"/>
  <keyStore id="defaultKeyStore" location="{store}" password="{password}" updateTrigger="polled" pollingRate="50ms"/>
  <config monitorInterval="50ms"/>
  <webApplication id="talk" location="talk:app" contextRoot="/talk"/>
  <zosconnect_zosConnectManager requireAuth="false" requireSecure="true"/>
</server>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"talk"})
"""


class Callers:
    """Threads that ask again and again; `wrong` is what should not have come, `serials` the certificates that were seen."""

    def __init__(self, port: int, authority: Authority) -> None:
        self.wrong: list[str] = []
        self.serials: set[str] = set()
        self.ended = threading.Event()
        self.answers = 0
        self._port = port
        self._tls = ssl.create_default_context(cadata=authority.pem)
        self._threads = [threading.Thread(target=self._run, args=(keeps,)) for keeps in (True, False, False)]
        for thread in self._threads:
            thread.start()

    def _run(self, keeps: bool) -> None:
        line = http.client.HTTPSConnection("localhost", self._port, timeout=10, context=self._tls)
        while not self.ended.wait(0.005):
            try:
                line.request("GET", "/talk/")
                sock = line.sock
                answer = line.getresponse()
                if (answer.status, answer.read()) != (200, b"talk"):
                    self.wrong.append(str(answer.status))
                self.answers += 1
                if keeps and line.sock is not sock:
                    self.wrong.append("the connection was not kept")
                if not keeps:
                    self.serials.add(dict(sock.getpeercert())["serialNumber"])  # type: ignore[arg-type]
                    line.close()
            except (OSError, http.client.HTTPException) as cause:
                self.wrong.append(repr(cause))
                line.close()
        line.close()

    def end(self) -> None:
        self.ended.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_every_certificate_is_served_and_no_request_is_lost(home: Home, authority: Authority) -> None:
    """Connections go on under the certificate that they began with."""
    port, store = free_port(), home.path("s1", "own.p12")
    home.write("s1", APPLICATION, "apps/talk.py")
    home.write("s1", SERVER.format(port=port, store=store, password=PASSWORD))
    os.rename(authority.store("localhost").location, store)
    home.run("s1")
    callers = Callers(port, authority)
    try:
        for swap in range(SWAPS):
            until(lambda swap=swap: len(callers.serials) > swap or callers.wrong)  # type: ignore[misc]
            os.rename(authority.store("localhost").location, store)
        until(lambda: len(callers.serials) > SWAPS or callers.wrong)
    finally:
        callers.end()
    assert callers.wrong == []
    assert len(callers.serials) == SWAPS + 1
    assert callers.answers > 5 * SWAPS
