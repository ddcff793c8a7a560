"""The report of conflicting values."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.errors import Problem

CASES = [
    ('<thing id="t" name="two" secret="other"/>', "", ["name one two", "secret *"]),
    ('<thing id="t" name="two"/>', "IGNORE", ["name one one"]),
    ('<thing id="t" name="one"/>', "", []),
    ('<thing id="t"><item name="x"/></thing>', "", []),
]


@pytest.mark.parametrize(("included", "behaviour", "report"), CASES)
def test_conflicting_values_are_reported(tmp_path: Path, included: str, behaviour: str, report: list[str]) -> None:
    """With both places and the value in use; secrets without their values, equal values and children not at all."""
    server = f'<server><thing id="t" name="one" secret="hush"/><include location="a.xml" onConflict="{behaviour or "MERGE"}"/></server>'
    write(tmp_path, {"server.xml": server, "a.xml": f"<server>{included}</server>"})
    journal: list[Problem] = []
    loaded = read(tmp_path, journal=journal)

    text = "".join(each.told.text for each in journal if each.told.message.number == "CWWKG0102I")
    for line in report:
        name, *values = line.split()
        assert f"attribute {name}" in text
        if values[0] != "*":
            assert f"one is set in server.xml:1:9; {'two'} is set in a.xml:1:9; {values[1]} of" in text
    assert bool(text) == bool(report)
    assert "hush" not in text
    assert "other" not in text
    assert loaded.problems == ()
