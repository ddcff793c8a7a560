"""server validate --effective: what the server uses, value by value, and where each came from."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home
from tests.test_servers import ROOT
from zconnect.config.datatypes import STARS

SERVER = """<server>
  <variable name="idp.host" value="idp.example"/>
  <variable name="wait" defaultValue="7s"/>
  <variable name="pw" value="s3cret-file"/>
  <openidConnectClient id="rs" issuerIdentifier="https://old" clientSecret="s3cret-old"
      clockSkew="30s" audiences="a"/>
  <authFilter id="f">
    <requestUrl urlPattern="/old"/>
  </authFilter>
  <include location="includes/oidc.xml" onConflict="REPLACE"/>
  <include location="includes/weak.xml" onConflict="IGNORE"/>
  <basicRegistry id="basic" realm="${realm.name}">
    <user name="alice" password="${pw}"/>
    <group name="${pw}"><member name="alice"/></group>
  </basicRegistry>
  <keyStore id="defaultKeyStore" password="${env.STORE_PW}" location="${folder}/${file.name}" pollingRate="${wait}"/>
  <logging maxFiles="many"/>
  <jwtBuilder id="${builder}" issuer="${id}"/>
</server>
"""
OIDC = """<server>
  <variable name="idp.host" value="idp2.example"/>
  <openidConnectClient id="rs" clientSecret="{xor}LGw8LTor"
      issuerIdentifier="https://${idp.host}:${idp.port}">
    <authFilter id="inner"><requestUrl urlPattern="/x"/></authFilter>
    <audiences>b</audiences>
  </openidConnectClient>
  <authFilter id="f">
    <requestUrl urlPattern="/new"/>
  </authFilter>
</server>
"""
WEAK = """<server>
  <openidConnectClient id="rs" clockSkew="1h"/>
</server>
"""
FILES = {
    "server.xml": SERVER,
    "includes/oidc.xml": OIDC,
    "includes/weak.xml": WEAK,
    "bootstrap.properties": "bootstrap.include=more.properties\nidp.port=8443\ndefaultHostName=*",
    "more.properties": "folder=/keys\nidp.port=1",
    "server.env": "STORE_PW=s3cret-env\nREALM_NAME=fromEnv",
    "variables/file.name": "k.p12",
    "variables/pw": "s3cret-other",
}


WORDS = ("validate", "s1", "--effective")
GIVEN = ("--", "--builder=b1", "--wait=9s")
LISTING = Path(__file__).with_name("effective.txt")
OTHERS = {
    "dropins": {
        "server.xml": '<server><logging maxFiles="3"/></server>',
        "configDropins/defaults/a.xml": '<server><logging maxFiles="1" maxFileSize="5"/></server>',
        "configDropins/overrides/b.xml": '<server><logging maxFiles="4"/><httpEndpoint id="defaultHttpEndpoint" httpPort="0"/></server>',
    },
    "nested": {
        "server.xml": '<server><ssl id="a"><keyStore id="k" location="k.p12" password="p"/></ssl>\n'
        '<httpEndpoint id="e" httpsPort="9444"><sslOptions sslRef="a"/></httpEndpoint><nope x="1"/></server>'
    },
    "unusable": {"server.xml": '<server><include location="none.xml"/></server>'},
}


@pytest.fixture
def server(home: Home) -> Home:
    """A server that uses every source of values."""
    for name, text in FILES.items():
        home.write("s1", text, name)
    return home


def test_a_listing(server: Home) -> None:
    """An element a paragraph, a value a line; only the values that are defaults are left out here."""
    done = server.server(*WORDS, *GIVEN)
    lines = [line for line in done.out.splitlines() if not line.endswith("  default")]

    assert re.sub("\n\n+", "\n\n", "\n".join(lines)).strip() == LISTING.read_text().strip()
    assert done.code == 1
    assert "CWWKG0083W" in done.err
    assert "can be used: 0 errors, 3 warnings." in done.err


def test_defaults_are_listed_as_well(server: Home) -> None:
    """Those of elements that nobody wrote, too; what has no effect and was not written is not."""
    lines = server.server(*WORDS, *GIVEN).out.splitlines()
    at = lines.index(f"{'httpEndpoint[defaultHttpEndpoint]':<58}default")

    assert lines[at + 1 : at + 6] == [
        f"    {text:<54}{origin}"
        for text, origin in (
            ('id = "defaultHttpEndpoint"', "default"),
            ("enabled = true", "default"),
            ('host = "*"', "variable defaultHostName (bootstrap.properties)"),
            ("httpPort = 9080", "default"),
            ("httpsPort = 9443", "default"),
        )
    ]
    assert f"    {'httpOptionsRef = ->httpOptions[defaultHttpOptions]':<54}default" in lines
    assert not [line for line in lines if line.strip().startswith("waitToAccept")]


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_stars(server: Home, form: str) -> None:
    """Written, encoded, out of a variable, overridden, or in an attribute that uses a variable which a secret needs."""
    done = server.server(*WORDS, f"--format={form}", *GIVEN)

    assert done.out.count(STARS) == 5
    assert "s3cret" not in done.out + done.err
    assert "{xor}" not in done.out + done.err


def test_what_a_secret_is_made_of_is_a_secret(home: Home) -> None:
    """An attribute of the same element as well."""
    home.write("s1", '<server><keyStore id="k" location="n4me" password="${location}"/><include location="a.xml"/></server>')
    home.write("s1", '<server><keyStore id="k" location="n4me"/></server>', "a.xml")
    done = home.server(*WORDS)

    assert "n4me" not in done.out
    assert f"    {'location = *****':<54}a.xml:1; overrode ***** of server.xml:1" in done.out.splitlines()
    assert f"    {'password = *****':<54}server.xml:1, attribute location" in done.out.splitlines()


def test_names_do_not_steer_terminals(home: Home) -> None:
    """An id may hold what XML lets pass; one with a slash is shown whole."""
    home.write("s1", '<server><authFilter id="a&#10;b&#x9b;"><requestUrl id="x/y" urlPattern="/&#10;"/></authFilter></server>')
    lines = home.server(*WORDS).out.splitlines()

    at = next(at for at, line in enumerate(lines) if line.startswith(r"authFilter[a\x0ab\x9b] "))
    assert lines[at + 2] == f"    {'requestUrl[x/y]':<54}server.xml:1"
    assert [line for line in lines if line.startswith(r'        urlPattern = "/\n" ')]


def test_what_the_server_asks_for_by_itself(home: Home) -> None:
    """The password of the default key store, where nobody wrote one; it is a secret then, too."""
    home.write("s1", "<server/>")
    home.write("s1", "keystore_password=s3cret", "server.env")
    lines = [line for line in home.server(*WORDS).out.splitlines() if line.startswith("    password")]

    assert lines == [f"    {'password = *****':<54}variable env.keystore_password (server.env)"]


def test_a_document_for_programs(server: Home) -> None:
    """The shape of a recorded observation, and beside each value where it came from."""
    done = server.server(*WORDS, "--format=json", *GIVEN)
    (seen,) = json.loads(done.out)["observations"]
    element = seen["elements"]["openidConnectClient[rs]"]

    assert (seen["step"], seen["exit"], seen["started"], seen["ready"]) == ("start", 0, True, True)
    assert [each["id"] for each in seen["messages"]][:2] == ["CWWKG0028A", "CWWKG0028A"]
    assert [each["number"] for each in seen["problems"]] == ["CWWKF0009W", "CWWKG0102I", "CWWKG0083W", "ZCON0170W"]
    assert element["attrs"]["clockSkew"] == 30_000
    assert element["attrs"]["audiences"] == ["b"]
    assert element["defaults"]["inboundPropagation"] == "none"
    assert element["origin"] == {"from": ["server.xml:5"]}
    assert element["provenance"]["inboundPropagation"] == {"from": ["default"]}
    assert element["provenance"]["issuerIdentifier"] == {
        "from": ["includes/oidc.xml:4"],
        "variables": {
            "idp.host": {"from": "includes/oidc.xml:2", "overrode": ["server.xml:2"]},
            "idp.port": {"from": "bootstrap.properties", "overrode": []},
        },
        "overrode": [{"value": "https://old", "from": "server.xml:5"}],
    }
    assert seen["elements"]["logging"]["provenance"]["maxFiles"]["unusable"] == [{"value": "many", "from": "server.xml:17"}]
    assert done.code == 1


def test_a_configuration_that_cannot_be_used(home: Home) -> None:
    """No listing, an observation without elements, and 2; the problems are on standard error."""
    home.write("s1", '<server><include location="none.xml"/></server>')
    text, document = home.server(*WORDS), home.server(*WORDS, "--format=json")
    (seen,) = json.loads(document.out)["observations"]

    assert (text.code, document.code) == (2, 2)
    assert text.out == ""
    assert "CWWKG0090E" in text.err
    assert (seen["exit"], seen["started"], seen.get("elements")) == (22, False, None)
    assert seen["messages"][0]["id"] == "CWWKG0090E"


def test_there_is_no_sarif_of_it(home: Home) -> None:
    """SARIF tells of problems alone."""
    home.write("s1")
    done = home.server(*WORDS, "--format=sarif")
    assert done.code == 20
    assert "ZCON0903E" in done.err


@pytest.mark.parametrize("name", [*OTHERS, "quickstart", "keycloak"])
def test_the_shape_holds_everywhere(home: Home, name: str) -> None:
    """In a process of its own: values are JSON, references lead somewhere, and what is said to be written stands there."""
    folder = home.path(name)
    if name not in OTHERS:
        shutil.copytree(ROOT / "servers" / name, folder)
    for file, text in OTHERS.get(name, {}).items():
        home.write(name, text, file)
    command = [sys.executable, "-P", "-m", "zconnect.cli.main", "validate", name, "--effective", "--format=json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    document = json.loads(done.stdout)
    (seen,) = document["observations"]

    assert (document["case"], seen["step"]) == (name, "start")
    assert all(isinstance(each["id"], str) and isinstance(each["params"], list) for each in seen["messages"])
    assert seen["started"] is (done.returncode != 2)
    assert ("elements" in seen) is seen["started"]
    for key, element in seen.get("elements", {}).items():
        check(element, key, seen["elements"], folder)


def check(element: Mapping[str, Any], key: str, elements: Mapping[str, Any], folder: Path) -> None:
    """One element and those within it."""
    assert set(element) <= {"attrs", "defaults", "nested", "origin", "provenance"}, key
    values = {**element["attrs"], **element.get("defaults", {})}
    assert values.keys() <= element["provenance"].keys(), key
    for value in values.values():
        for each in value if isinstance(value, list) else [value]:
            assert isinstance(each, str | int | bool), key
            assert not str(each).startswith("->") or str(each)[2:] in elements, key
    for name, origin in [("", element["origin"]), *element["provenance"].items()]:
        places = origin.get("from", [])
        assert name not in element["attrs"] or "default" not in places or "unusable" in origin, f"{key}/{name}"
        for file, _, line in (place.partition(":") for place in places if place != "default"):
            text = (folder / file).read_text().splitlines()[int(line) - 1]
            assert name.removesuffix("Ref").lower() in text.lower(), f"{key}/{name}"
    for children in element.get("nested", {}).values():
        for child in children:
            check(child, key, elements, folder)
