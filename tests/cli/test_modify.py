"""server modify."""

import base64
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.home import WEB, Home, free_port
from zconnect.cli.action import Exit
from zconnect.trust.token import signed

SECRET = "s" * 32
DOCUMENT = f"""<server>
  <featureManager>
    <feature>appSecurity-2.0</feature><feature>openidConnectClient-1.0</feature><feature>usr:staff-1.0</feature>
  </featureManager>
  <zconnect_workers count="2"/>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{{port}}" httpsPort="-1"/>
  <staffRegistry id="staff"/>
  <authFilter id="bearer"><requestHeader name="Authorization" value="Bearer"/></authFilter>
  <openidConnectClient id="rs" inboundPropagation="required" signatureAlgorithm="HS256" sharedKey="{SECRET}" issuerIdentifier="op"
    audiences="ALL_AUDIENCES" mapIdentityToRegistryUser="true" authnSessionDisabled="true" authFilterRef="bearer"/>
  <webAppSecurity allowFailOverToBasicAuth="true" singleSignonEnabled="false"/>
  <zosconnect_zosConnectManager requireAuth="true" requireSecure="false"/>
  <authorization-roles id="zos.connect.access.roles">
    <security-role name="zosConnectAccess"><group name="staff"/></security-role>
  </authorization-roles>
  <zconnect_failedLogins perUser="0" perAddress="0"/>
  <webApplication id="one" location="talk:app" contextRoot="/one">
    <application-bnd><security-role name="AllAuthenticated"><group name="staff"/></security-role></application-bnd>
  </webApplication>
</server>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""
# What somebody else would write: a user registry that looks into a file at every question.
STAFF = """
from pathlib import Path
from zconnect.config.schema import element
from zconnect.roles import RegistryPart

HERE = Path(__file__).parent

class Staff:
    realm = "Staff"
    elsewhere = False

    async def unique_id(self, user):
        return user

    async def user(self, name):
        return name if name in (HERE / "staff.txt").read_text().split() else None

    async def group(self, name):
        return name

    async def check_password(self, user, password):
        return await self.user(user)

    async def groups_of(self, user):
        return frozenset({"staff"})

    async def user_of_certificate(self, certificate):
        return None

@element
class StaffRegistry(RegistryPart):
    "The staff."
    tag = "staffRegistry"

    async def open(self, assembly):
        return Staff()

FEATURES = {"usr:staff-1.0": (StaffRegistry,)}
"""


class Office:
    """A server of two processes, and the registry that it asks."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder, self.port = home, folder, free_port()
        about = folder / "staff-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: staff\nVersion: 1\n")
        (about / "entry_points.txt").write_text("[zconnect.features]\nstaff = staff:FEATURES\n")
        (folder / "staff.py").write_text(STAFF)
        self.employ("anna")
        home.write("s1", DOCUMENT.format(port=self.port))
        home.write("s1", APPLICATION, "apps/talk.py")
        home.run("s1")

    def employ(self, *names: str) -> None:
        (self.folder / "staff.txt").write_text(" ".join(names))

    def status(self, authorization: str) -> set[int]:
        """How all processes answer."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/one", headers={"Authorization": authorization})

        def once(_: int) -> int:
            try:
                with urllib.request.urlopen(asked) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                return refused.code

        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(once, range(60)))


@pytest.fixture
def office(home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Office:
    folder = tmp_path_factory.mktemp("staff")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return Office(home, folder)


BASIC = "Basic " + base64.b64encode(b"anna:x").decode()


def bearer() -> str:
    now = int(time.time())
    return "Bearer " + signed({}, {"iss": "op", "sub": "anna", "iat": now, "exp": now + 600}, "HS256", SECRET.encode())


def test_logins_are_forgotten(office: Office) -> None:
    """By all processes: whoever has left the registry is refused, by password and by a token that is mapped to the registry."""
    token = bearer()
    assert office.status(BASIC) == office.status(token) == {200}
    office.employ()
    assert office.status(BASIC) == office.status(token) == {200}
    done = office.home.server("modify", "s1", "clearsafcache")
    assert (done.code, done.out) == (Exit.OK, "\nServer s1 has forgotten the logins that it remembered.\n")
    assert office.status(BASIC) == {401}
    assert office.status(token) == {403}
    assert office.home.log("s1").count("ZCON0843I") == 1


def test_tokens_are_forgotten(office: Office) -> None:
    """And logins are not."""
    token = bearer()
    assert office.status(BASIC) == office.status(token) == {200}
    office.employ()
    assert office.status(token) == {200}
    assert office.home.server("modify", "s1", "ZCON,CLEARTOKENCACHE").code == Exit.OK
    assert office.status(token) == {403}
    assert office.status(BASIC) == {200}
    assert office.home.log("s1").count("ZCON0844I") == 1


def test_refresh(home: Home) -> None:
    """As the command refresh."""
    first, second = free_port(), free_port()
    manual = WEB.replace("<featureManager>", '<config updateTrigger="mbean"/><featureManager>')
    home.write("s1", manual.format(port=first))
    home.run("s1")
    home.write("s1", manual.format(port=second))
    assert home.server("modify", "s1", "zcon,refresh").code == Exit.OK
    assert f"port {second}." in home.log("s1")


@pytest.mark.parametrize("words", [(), ("bogus",), ("refresh", "clearsafcache"), ("--refresh",)])
def test_a_verb_that_makes_no_sense(home: Home, words: tuple[str, ...]) -> None:
    """20, whether the server runs or not."""
    home.write("s1")
    done = home.server("modify", "s1", *words)
    assert (done.code, done.numbers) == (Exit.BAD_ARGUMENT, ["ZCON0905E"])


def test_a_server_that_cannot_be_asked(home: Home) -> None:
    """A stopped one, 5; one without a command port, 6; none at all, 2."""
    home.write("s1")
    assert home.server("modify", "s1", "cleartokencache").code == Exit.UNKNOWN
    assert home.server("modify", "nosuch", "cleartokencache").code == Exit.NOT_EXIST
    home.write("s1", "command.port=-1\n", "bootstrap.properties")
    home.run("s1")
    done = home.server("modify", "s1", "cleartokencache")
    assert (done.code, done.numbers) == (Exit.PORT_DISABLED, ["ZCON0906E"])
