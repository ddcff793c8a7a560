"""Every difference that is accepted has its reason in SECURITY.md, is about recorded cases, and is still needed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance import config
from tests.conformance.__main__ import AREAS, ROOT
from tests.conformance.differences import TABLES, Differences, Entry, entries

SECURITY = (Path(__file__).parents[2] / "SECURITY.md").read_text()
ROWS, LIMITS = (SECURITY.partition(f"## {title}")[2].partition("\n## ")[0] for title in ("Where we differ from Liberty", "Known limits"))
NUMBERS = [int(number) for number in re.findall(r"^\| (\d+) \|(?:[^|]+\|){4}$", ROWS, re.M)]
ACCEPTED = [(area, entry) for area in AREAS for verdict in TABLES for entry in entries(area, verdict)]
FOLDERS = {"config": "config/cases", "security": "security/cases", "cli": "server/cli/cases", "http": "server/http/cases"}

with_corpora = pytest.mark.skipif(not ROOT.is_dir(), reason="the recorded corpora are not here")


def id_of(value: object) -> str:
    return f"{value.reason} {value.cases[0]}" if isinstance(value, Entry) else str(value)


def cases(area: str) -> Iterator[str]:
    for path in (ROOT / FOLDERS[area]).iterdir():
        yield path.stem if path.suffix == ".toml" else path.name


def test_rows() -> None:
    """The rows of the table stand in the order of their numbers, and no two have the same."""
    assert sorted(set(NUMBERS)) == NUMBERS


@pytest.mark.parametrize(("area", "entry"), ACCEPTED, ids=id_of)
def test_reason(area: str, entry: Entry) -> None:
    """A divergence names a row that exists, a missing feature stands among the known limits."""
    if entry.verdict == "diverging":
        assert int(entry.reason.removeprefix("#")) in NUMBERS
    else:
        assert entry.reason in LIMITS


@pytest.mark.parametrize(("area", "entry"), ACCEPTED, ids=id_of)
def test_narrow(area: str, entry: Entry) -> None:
    """Only single requests may differ in every respect; whole cases in what is named."""
    if entry.differs is not None:
        assert not re.search(entry.differs, "anything else")
    elif entry.verdict == "diverging":
        assert area == "security"
        assert all("/" in case and "*" not in case for case in entry.cases)


@with_corpora
@pytest.mark.parametrize(("area", "entry"), ACCEPTED, ids=id_of)
def test_recorded(area: str, entry: Entry) -> None:
    """The cases that are named have been recorded."""
    recorded = set(cases(area))
    named = {case.partition("/")[0] for case in entry.cases}
    assert not {name for name in named if "*" not in name} - recorded


@with_corpora
def test_needed() -> None:
    """Nothing is accepted of the cases of the configuration that does not differ any more (the other areas say so when they are run)."""
    assert config.run(ROOT, False).unneeded == []


def test_unneeded() -> None:
    """An entry that covers nothing of the cases it is about is told."""
    differences = Differences("http")
    assert differences.judged("headers-remove-date", []) == ("matched", [])
    assert "unneeded: #89 for headers-remove-date" in differences.unneeded()


@pytest.mark.parametrize(
    ("complaints", "verdict", "notes"),
    [
        ([], "matched", []),
        (["start: refused by CWWKG0090E"], "diverging", ["#5"]),
        (["start: refused by CWWKG0090E", "start: ready is False"], "short", ["start: ready is False"]),
    ],
)
def test_judged(complaints: list[str], verdict: str, notes: list[str]) -> None:
    """A case diverges only when each complaint about it is covered."""
    assert Differences("config").judged("any", complaints) == (verdict, notes)
