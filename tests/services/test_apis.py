"""What is said of APIs one by one."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from tests.services.conftest import asking
from tests.services.test_webapplication import HELLO
from zconnect.config.configuration import Configuration
from zconnect.config.load import load
from zconnect.features import vocabulary
from zconnect.runtime.assembly import assembled
from zconnect.runtime.memory import Memory
from zconnect.services.apis import ZosConnectApi, ZosConnectApis, api_of, warn_of_unserved
from zconnect.values import Place

CATALOG = ZosConnectApi(name="catalog", invoke_group=("catalogUsers",))
SPOKEN = Configuration([ZosConnectApis(apis=(CATALOG,))])


def test_an_api_is_found_by_its_exact_name() -> None:
    """What is said of another does not count."""
    assert api_of(SPOKEN, "catalog") is CATALOG
    assert api_of(SPOKEN, "Catalog").invoke_group == ()
    assert api_of(Configuration([]), "catalog").invoke_group == ()


def test_an_api_that_nobody_serves_is_told_of(told: Callable[[str], int]) -> None:
    """One of the two names may be misspelt."""
    warn_of_unserved(SPOKEN, ["catalog"])
    assert told("ZCON0661W") == 0
    warn_of_unserved(SPOKEN, ["catalogue"])
    assert told("ZCON0661W: The zosConnectAPI catalog ") == 1


DECK = """
<server>
  <basicRegistry id="b" realm="r">
    <user name="alice" password="alice"/><user name="carol" password="carol"/><user name="bob" password="bob"/>
    <group name="CATINVOK"><member name="alice"/></group><group name="GMADMIN"><member name="carol"/></group>
    <group name="GMINVOKE"><member name="bob"/></group>
  </basicRegistry>
  <webAppSecurity allowFailOverToBasicAuth="true"/>
  <authorization-roles id="zos.connect.access.roles">
    <security-role name="zosConnectAccess"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role>
  </authorization-roles>
  <zosconnect_zosConnectManager requireSecure="false" globalInterceptorsRef="interceptorList_g"
      globalAdminGroup="GMADMIN" globalInvokeGroup="GMINVOKE"/>
  <zosconnect_authorizationInterceptor id="auth" sequence="2"/>
  <zosconnect_auditInterceptor id="audit" sequence="1"/>
  <zosconnect_zosConnectInterceptors id="interceptorList_g" interceptorRef="auth"/>
  <zosconnect_zosConnectInterceptors id="interceptorList_a" interceptorRef="auth,audit"/>
  <zosconnect_zosConnectAPIs location="">
    <zosConnectAPI name="catalog" runGlobalInterceptors="false" invokeGroup="CATINVOK" interceptorsRef="interceptorList_a"/>
  </zosconnect_zosConnectAPIs>
  <webApplication id="catalog" location="catalog:app"/>
  <webApplication id="other" name="other" location="catalog:app"/>
  <zosconnect_zosConnectService id="stock" serviceRef="client" invokeURI="/stock/*, /s" invokeGroup="CATINVOK"/>
  <zosconnect_zosConnectServiceRestClient id="client" host="localhost" port="1" forwardHeaders="Cookie, authorization">
    <basicAuth userName="u" password="{xor}LDo8LTor"/>
  </zosconnect_zosConnectServiceRestClient>
</server>
"""


async def test_the_example_of_the_deck_loads_and_acts(place: Place, write: Callable[[str, str], Path]) -> None:
    """Groups and interceptors of the API instead of the global ones; the global administrators pass everywhere."""
    (place.config_dir / "server.xml").write_text(DECK)
    write("catalog.py", HELLO)
    loaded = load(place, vocabulary(), environment={}, command_line={})
    assert [problem.told.message.number for problem in loaded.problems] == ["ZCON0124I"]  # location has no effect
    async with assembled(loaded.configuration, place, Memory()) as runtime:

        async def status(path: str, user: str) -> int:
            basic = b64encode(f"{user}:{user}".encode()).decode()
            return (await runtime.handle(asking(path, authorization=f"Basic {basic}"))).status

        table = {path: [await status(path, user) for user in ("alice", "bob", "carol", "mallory")] for path in ("/catalog/x", "/other/x")}
        assert table == {"/catalog/x": [200, 403, 200, 401], "/other/x": [403, 200, 200, 401]}
        assert [await status(path, "alice") for path in ("/stock", "/s", "/stock/x")] == [503, 503, 503]
    records = [json.loads(line) for line in (place.log_dir / "audit.log").read_bytes().splitlines()]
    assert [(each["userName"], each["outcome"]) for each in records] == [("alice", "success"), ("bob", "denied"), ("carol", "success")]
