"""SARIF, by its official schema."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from tests.cli.home import Home
from tests.cli.test_validate import GOOD
from zconnect.cli.sarif import as_sarif
from zconnect.errors import Problem, Where
from zconnect.messages import info, warning

SCHEMA = Draft4Validator(
    json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text()), format_checker=Draft4Validator.FORMAT_CHECKER
)
WARNED = warning("ZCON9901W", "The value {value} is odd.", "Correct it.")
NOTED = info("ZCON9902I", "Something is so.")


def run(text: str) -> dict[str, Any]:
    """The only run of a log, which the schema accepts."""
    log = json.loads(text)
    SCHEMA.validate(log)
    assert len(log["runs"]) == 1
    found: dict[str, Any] = log["runs"][0]
    return found


def test_the_schema_refuses() -> None:
    """A log of another version is none."""
    assert not SCHEMA.is_valid({"version": "2.0.0", "runs": []})
    assert not SCHEMA.is_valid({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]})


def test_places_rules_and_levels() -> None:
    """Relative addresses are below the server's folder; each rule stands there once."""
    told = WARNED(value="${x}")
    problems = [
        Problem(told, Where("sub folder/a.xml", 2, 3), "/server/x/@y", ("z",), (Where("/etc/b.xml", 4),)),
        Problem(told, Where("http://host/c.xml", 5, 6), stops=True),
        Problem(told, Where("server.xml")),
        Problem(NOTED()),
    ]
    found = run(as_sarif(problems, Path("/srv/s1")))
    assert found["originalUriBaseIds"] == {"SERVER": {"uri": "file:///srv/s1/"}}
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["ZCON9901W", "ZCON9902I"]
    first, second, third, last = found["results"]
    assert first["message"]["text"] == "The value ${{x}} is odd. Did you mean z? Correct it."
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "sub%20folder/a.xml", "uriBaseId": "SERVER"},
                "region": {"startLine": 2, "startColumn": 3},
            },
            "logicalLocations": [{"fullyQualifiedName": "/server/x/@y"}],
        }
    ]
    assert first["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///etc/b.xml"}
    assert second["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "http://host/c.xml"}
    assert "region" not in third["locations"][0]["physicalLocation"]
    assert (last["locations"], last["level"]) == ([], "note")
    assert [each["level"] for each in found["results"][:3]] == ["warning", "error", "warning"]


def test_a_whole_configuration(home: Home) -> None:
    """What the command prints is a document of the schema, with and without problems."""
    home.write("s1", "<server>\n  <loging maxFiles='3'/>\n  <include location='a.xml'/>\n</server>")
    results = run(home.server("validate", "s1", "--format=sarif").out)["results"]
    assert [(each["level"], each["ruleId"]) for each in results] == [("warning", "ZCON0121W"), ("error", "CWWKG0090E")]
    home.write("s2", GOOD)
    assert run(home.server("validate", "s2", "--format=sarif").out)["results"] == []
