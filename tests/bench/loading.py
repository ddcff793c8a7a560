"""CPU of reading a configuration: 10,000 elements in 50 includes, as a multiple of what lxml needs to parse the same files.

Process time, the least of the rounds, which run interleaved; and that of `server validate quickstart`, a process of its own.
"""

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from zconnect.config.load import load
from zconnect.config.source import Node, parse
from zconnect.features import VOCABULARY
from zconnect.values import Place

ROOT = Path(__file__).resolve().parents[2]
INCLUDES, TEAMS, ROUNDS = 50, 5, 7  # TEAMS in an include

SERVER = """<server description="A large server">
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>appSecurity-2.0</feature></featureManager>
  <zosconnect_zosConnectManager requireAuth="true" requireSecure="true" globalInterceptorsRef="everywhere"/>
  <zosconnect_zosConnectInterceptors id="everywhere" interceptorRef="audit,authorization"/>
  <zosconnect_auditInterceptor id="audit" sequence="1"/>
  <zosconnect_authorizationInterceptor id="authorization" sequence="2"/>
  @
</server>
"""
# Forty elements of a team, a dozen references, a variable in a third of the values; # is the team's number, @ a service.
TEAM = """
  <!-- Team #: its back end, its services, who may call them. -->
  <variable name="team#" value="TEAM#"/>
  <variable name="host#" value="https://backend#.example.com"/>
  <variable name="issuer#" value="${host#}/oidc"/>
  <variable name="secret#" defaultValue="secret-of-#"/>
  <openidConnectClient id="tokens#" inboundPropagation="required" issuerIdentifier="${issuer#}" audiences="${team#},everybody"
      signatureAlgorithm="RS256" jwkEndpointUrl="${host#}/jwks" clockSkew="30s" authFilterRef="filter#"/>
  <authFilter id="filter#">
    <requestUrl id="url" urlPattern="/${team#}" matchType="contains"/>
    <requestHeader id="header" name="Authorization" value="Bearer" matchType="contains"/>
  </authFilter>
  <zosconnect_zosConnectServiceRestClientBasicAuth id="user#" userName="${team#}" password="{xor}Lz4sLChwLTs="/>
  <zosconnect_zosConnectServiceRestClientConnection id="at#" host="${host#}" port="9443" basicAuthRef="user#"
      connectionTimeout="5s" receiveTimeout="30s"/>
"""
SERVICE = """
  <zosconnect_zosConnectService id="@#" serviceName="@#" serviceRef="@Client#" invokeURI="/${team#}/@" interceptorsRef="everywhere"
      invokeGroup="CALLERS#" adminGroup="${team#}" requireSecure="true"/>
  <zosconnect_zosConnectServiceRestClient id="@Client#" connectionRef="at#" uri="/${team#}/@" httpMethod="POST"/>
  <webApplication id="@Api#" name="@Api#" location="@:app" contextRoot="/api/${team#}/@"/>
  <zosconnect_zosConnectAPIs>
    <zosConnectAPI name="@Api#" requireAuth="true" invokeGroup="${team#}" interceptorsRef="everywhere"/>
  </zosconnect_zosConnectAPIs>
"""
PEOPLE = """
    <user name="ANNE#" password="${secret#}"/>
    <user name="BERT#" password="${secret#}"/>
    <user name="CARL#" password="{xor}Lz4sLChwLTs="/>
    <user name="DORA#" password="{xor}Lz4sLChwLTs="/>
    <user name="EMIL#" password="{xor}Lz4sLChwLTs="/>
    <user name="FRED#" password="{xor}Lz4sLChwLTs="/>
    <group name="CALLERS#">
      <member name="ANNE#"/>
      <member name="BERT#"/>
      <member name="CARL#"/>
    </group>
    <group name="${team#}">
      <member name="ANNE#"/>
      <member name="DORA#"/>
      <member name="EMIL#"/>
      <member name="FRED#"/>
    </group>
"""
SERVICES = ("accounts", "loans", "cards")


def write(folder: Path) -> list[Path]:
    """A large server in an empty folder: its documents."""
    names = [f"includes/part{number:02}.xml" for number in range(INCLUDES)]
    (folder / "includes").mkdir()
    (folder / "server.xml").write_text(SERVER.replace("@", "\n  ".join(f'<include location="{name}"/>' for name in names)))
    block = TEAM + "".join(SERVICE.replace("@", service) for service in SERVICES)
    for number, name in enumerate(names):
        teams = range(number * TEAMS, (number + 1) * TEAMS)
        blocks, people = ("".join(text.replace("#", str(team)) for team in teams) for text in (block, PEOPLE))
        (folder / name).write_text(f'<server>{blocks}<basicRegistry id="basic" realm="zosConnect">{people}</basicRegistry></server>\n')
    return [folder / name for name in ("server.xml", *names)]


def least(*subjects: Callable[[], object]) -> list[float]:
    """The least CPU milliseconds of each."""
    used = [float("inf")] * len(subjects)
    for _ in range(ROUNDS):
        for at, subject in enumerate(subjects):
            gc.collect()
            begun = time.process_time()
            subject()
            used[at] = min(used[at], (time.process_time() - begun) * 1000)
    return used


def validation() -> float:
    """The least CPU milliseconds of `server validate quickstart`."""
    command = [sys.executable, "-P", "-m", "zconnect.cli.main", "validate", "quickstart"]
    environment = {**os.environ, "WLP_USER_DIR": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}  # the first round compiles
    used = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(used) * 1000


def _size(node: Node) -> int:
    return 1 + sum(map(_size, node.children))


def report() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = write(folder)
        place = Place("large", folder, folder, folder, folder / "logs")
        elements = sum(_size(parse(path.read_bytes(), path.name)) for path in documents)
        loaded = load(place, VOCABULARY, environment={}, command_line={})
        if loaded.problems:
            raise SystemExit("\n".join(map(str, loaded.problems[:5])))

        bare, ours, whole = least(
            lambda: [etree.parse(path) for path in documents],
            lambda: [parse(path.read_bytes(), path.name) for path in documents],
            lambda: load(place, VOCABULARY, environment={}, command_line={}),
        )
        print(f"CPU of reading {elements} elements in {len(documents)} documents, least of {ROUNDS} rounds\n")
        print(f"{'':44}{'ms':>10}{'µs each':>10}{'/ lxml':>10}")
        for what, used in (("lxml parses the documents", bare), ("our parser alone", ours), ("the whole configuration, typed", whole)):
            print(f"{what:44}{used:10.1f}{used * 1000 / elements:10.2f}{used / bare:10.1f}")
    print(f"\nserver validate quickstart: {validation():.0f} ms CPU")
