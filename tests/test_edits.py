"""A hundred edits, good and bad, of all kinds of files, while requests come on old and new connections, plain and TLS.

Every answer is the one of a configuration that was in force, or coming into force, while it was under way; none is lost.
"""

import http.client
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import jwt
import pytest

from tests.cli.home import Home, free_port, home, until

__all__ = ["home"]

ROUNDS, REST = 9, 0.02  # of twelve edits; seconds between the requests of one caller
SECRET = "a-secret-of-32-bytes-or-some-more"
BAD, GOOD = "ZCON0856E", ("CWWKG0017I", "CWWKG0018I")

SERVER = """<server>
  <featureManager>
    <feature>zosconnect:zosConnect-2.0</feature><feature>appSecurity-2.0</feature>
    <feature>transportSecurity-1.0</feature><feature>openidConnectClient-1.0</feature>
  </featureManager>
  <config monitorInterval="50ms"/>
  <include location="registry.xml"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{plain}" httpsPort="{secure}" httpOptionsRef="long"/>
  <httpEndpoint id="moving" httpPort="{moving}" httpsPort="-1" httpOptionsRef="long"/>
  <httpOptions id="long" maxKeepAliveRequests="-1"/>
  <headers><set>x-mark:${{mark}}</set></headers>
  <keyStore id="defaultKeyStore" password="change-it"/>
  <authFilter id="bearer"><requestHeader name="Authorization" value="Bearer" matchType="contains"/></authFilter>
  <openidConnectClient id="tokens" inboundPropagation="required" signatureAlgorithm="HS256" sharedKey="{secret}" issuerIdentifier="issuer"
      audiences="edits" mapIdentityToRegistryUser="true" authFilterRef="bearer"/>
  <webAppSecurity allowFailOverToBasicAuth="true"/>
  <authorization-roles id="zos.connect.access.roles">
    <security-role name="zosConnectAccess"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role>
  </authorization-roles>
  <zosconnect_zosConnectManager requireAuth="true" requireSecure="false" globalInvokeGroup="callers" globalInterceptorsRef="guards"/>
  <zosconnect_zosConnectInterceptors id="guards" interceptorRef="authorization"/>
  <zosconnect_authorizationInterceptor id="authorization"/>
  <webApplication id="talk" location="talk:app" contextRoot="/talk"/>
</server>
"""
REGISTRY = """<server>
  <basicRegistry id="basic" realm="edits">
    <user name="alice" password="alice-secret"/>
    <user name="bob" password="bob-secret"/>
    <group name="callers"><member name="alice"/>{bob}</group>
  </basicRegistry>
</server>
"""
EXTRA = '<server><webApplication id="extra" location="talk:app" contextRoot="/extra"/></server>'
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        body = (await receive())["body"] if scope["method"] == "POST" else b"talk"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
"""


class State(NamedTuple):
    """What a good configuration says."""

    mark: str
    bob: bool
    extra: bool
    moving: int


class Caller(NamedTuple):
    """Who sends requests, and what comes back under which configuration."""

    user: str
    path: str = "/talk/"
    secure: bool = False
    keeps: bool = True
    bearer: bool = False
    body: bytes | None = None

    def headers(self) -> dict[str, str]:
        if not self.user:
            return {}
        if not self.bearer:
            return {"Authorization": "Basic " + b64encode(f"{self.user}:{self.user}-secret".encode()).decode()}
        claims = {"iss": "issuer", "aud": "edits", "sub": self.user, "iat": int(time.time()), "exp": int(time.time()) + 600}
        return {"Authorization": "Bearer " + jwt.encode(claims, SECRET, "HS256")}

    def expected(self, state: State) -> tuple[int, str]:
        """Status and mark."""
        may = {"alice": 200, "bob": 200 if state.bob else 403, "": 401}[self.user]
        return (404 if self.path == "/extra/" and not state.extra else may), state.mark


CALLERS = (
    Caller("alice"),
    Caller("alice", secure=True, bearer=True),
    Caller("alice", "/extra/", secure=True),
    Caller("alice", body=b"some body" * 100),
    Caller("bob", keeps=False),
    Caller("bob", secure=True, bearer=True),
    Caller("", secure=True, keeps=False),
)


class Served:
    """A server whose files are edited; `states` are the configurations that may be in force."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.plain, self.secure = free_port(), free_port()
        self.state = State("m0", bob=True, extra=False, moving=free_port())
        self.states: tuple[State, ...] = (self.state,)
        self.wrong: list[str] = []
        self.answered = [0] * len(CALLERS)
        self.ended = threading.Event()
        home.write("s1", APPLICATION, "apps/talk.py")
        for name, text in self.files().items():
            home.write("s1", text, name)
        home.run("s1")

    def files(self) -> dict[str, str]:
        """What the files of the present state hold."""
        return {
            "server.xml": SERVER.format(plain=self.plain, secure=self.secure, moving=self.state.moving, secret=SECRET),
            "registry.xml": REGISTRY.format(bob='<member name="bob"/>' if self.state.bob else ""),
            "variables/mark": self.state.mark,
            "configDropins/overrides/extra.xml": EXTRA if self.state.extra else "<server/>",
        }

    def call(self, number: int) -> None:
        """Ask again and again; note each answer that no configuration can have given, and what breaks."""
        caller = CALLERS[number]
        headers, client = caller.headers(), self.client(caller)
        while not self.ended.wait(REST):
            before = self.states
            try:
                client.request("GET" if caller.body is None else "POST", caller.path, caller.body, headers)
                answer = client.getresponse()
                found, body = (answer.status, answer.headers["x-mark"]), answer.read()
                if found not in {caller.expected(state) for state in (*before, *self.states)}:
                    self.wrong.append(f"{caller}: {found} while {before} to {self.states}")
                if found[0] == 200 and body != (caller.body or b"talk"):
                    self.wrong.append(f"{caller}: {body!r}")
                self.answered[number] += 1
                if not caller.keeps:
                    client.close()
                elif found[0] == 200 and client.sock is None:
                    self.wrong.append(f"{caller}: the connection was not kept")
            except (OSError, http.client.HTTPException) as cause:
                self.wrong.append(f"{caller}: {cause!r}")
                client.close()
        client.close()

    def client(self, caller: Caller) -> http.client.HTTPConnection:
        """It connects when it is used, and again after it was closed."""
        if caller.secure:
            return http.client.HTTPSConnection("localhost", self.secure, timeout=10, context=ssl._create_unverified_context())
        return http.client.HTTPConnection("localhost", self.plain, timeout=10)

    def log(self) -> str:
        return self.home.log("s1")

    def edit(self, name: str, text: str, *, renamed: bool = False) -> None:
        """Write a file in place, or beside it and then over it."""
        if renamed:
            self.home.write("s1", text, f"{name}.new").rename(self.home.path("s1", name))
        else:
            self.home.write("s1", text, name)

    def good(self, *names: str, renamed: bool = False, **changes: object) -> None:
        """Bring another state into force by writing some files."""
        former, self.state = self.state, self.state._replace(**changes)  # type: ignore[arg-type]
        self.states = (former, self.state)
        seen = self.log()
        for name in names:
            self.edit(name, self.files()[name], renamed=renamed)
        until(lambda: "CWWKG0017I" in self.log()[len(seen) :])
        self.states = (self.state,)
        assert "ZCON0862I" in self.log()[len(seen) :], "what has changed is not told"

    def bad(self, name: str, text: str, number: str, place: str) -> None:
        """Write something that cannot be used; it is told with its place, and what was there stays in force."""
        seen = self.log()
        self.edit(name, text)
        until(lambda: BAD in self.log()[len(seen) :])
        said = [line for line in self.log()[len(seen) :].splitlines() if number in line]
        assert any(place in line for line in said), (number, place, self.log()[len(seen) :])
        assert "CWWKG0017I" not in self.log()[len(seen) :]

    def half(self) -> None:
        """Write half a file, and the rest when the server may have looked at it."""
        whole = self.files()["server.xml"]
        self.edit("server.xml", whole[: len(whole) // 2])
        time.sleep(0.12)


@pytest.fixture
def served(home: Home) -> Iterator[Served]:
    found = Served(home)
    threads = [threading.Thread(target=found.call, args=(number,)) for number in range(len(CALLERS))]
    for thread in threads:
        thread.start()
    yield found
    found.ended.set()
    for thread in threads:
        thread.join()


def status(port: int) -> int:
    with closing(http.client.HTTPConnection("localhost", port, timeout=10)) as client:
        client.request("GET", "/talk/", headers=CALLERS[0].headers())
        return client.getresponse().status


def test_no_request_is_lost_while_a_hundred_edits_come(served: Served) -> None:
    """Twelve in a round, six of them bad; a port moves and another stays."""
    whole = served.files()
    for number in range(ROUNDS):
        served.good("registry.xml", renamed=True, bob=not served.state.bob)
        served.bad("server.xml", "<server>", "CWWKG0014E", "server.xml:1:")
        served.good("server.xml", moving=free_port())
        assert status(served.state.moving) == 200
        strict = EXTRA.replace("<webApp", '\n<zosconnect_zosConnectManager requireAuth="perhaps"/><webApp')
        served.bad("configDropins/overrides/extra.xml", strict, "requireAuth", "configDropins/overrides/extra.xml:2:")
        served.good("configDropins/overrides/extra.xml", extra=not served.state.extra)
        circle = '<variable name="a" value="${b}"/>\n<variable name="b" value="${a}"/>'
        served.bad("server.xml", served.files()["server.xml"].replace("<keyStore", circle + "<keyStore"), "ZCON0129E", "server.xml:")
        served.good("server.xml", "variables/mark", mark=f"m{number + 1}")
        served.bad(
            "registry.xml",
            whole["registry.xml"].replace("<basic", '<include location="gone.xml"/>\n<basic'),
            "CWWKG0090E",
            "registry.xml:2:",
        )
        served.half()
        served.good("server.xml", "registry.xml", moving=free_port())
        served.bad("variables/mark", "", "ZCON0104E", "variables/mark")
        served.good("variables/mark", mark=f"m{number + 1}b")

    time.sleep(10 * REST)  # each caller sees the last configuration
    served.ended.set()
    assert served.wrong == []
    assert min(served.answered) > ROUNDS * 10
    assert status(served.state.moving) == 200
