"""Elements where they do not belong."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, told, write
from zconnect.config.load import Loaded
from zconnect.errors import ConfigurationError, Problem


def problems(folder: Path, content: str) -> tuple[Problem, ...]:
    write(folder, {"server.xml": f"<server>{content}</server>"})
    try:
        loaded: Loaded = read(folder)
    except ConfigurationError as refusal:
        return refusal.problems
    return loaded.problems


def test_a_child_at_the_top_is_sent_home(tmp_path: Path) -> None:
    """The message says where it belongs; one that guards stops the start."""
    note, item = problems(tmp_path, "<note text='x'/><item name='x'/>")
    assert list(told([note, item])) == ["! ZCON0140W server.xml:1:9 /server/note", "! ZCON0140W server.xml:1:25 /server/item stops"]
    assert "does not belong directly in server" in note.told.text
    assert "it belongs inside thing" in note.told.text


def test_a_top_level_element_inside_another_is_sent_home(tmp_path: Path) -> None:
    """So is a child of another element."""
    found = problems(tmp_path, "<needy name='a'><store path='p'/><note text='x'/></needy>")
    assert list(told(found)) == [
        "! ZCON0140W server.xml:1:25 /server/needy[default-0]/store",
        "! ZCON0140W server.xml:1:42 /server/needy[default-0]/note",
    ]
    assert [each.told.text.partition("; ")[2] for each in found] == ["it belongs directly in server.", "it belongs inside thing."]


GUARDED = {
    "<zconnect_guarded open='false'/>": "! ZCON0141E server.xml:1:9 /server/zconnect_guarded stops (guarded)",
    "<guarded2 colour='red'/>": "! ZCON0121W server.xml:1:9 /server/guarded2 (guarded)",
    "<needy name='a'><guarded open='false'/></needy>": "! ZCON0140W server.xml:1:25 /server/needy[default-0]/guarded stops",
    "<needy name='a'><guarded colour='red'/></needy>": "! ZCON0140W server.xml:1:25 /server/needy[default-0]/guarded",
}


@pytest.mark.parametrize(("content", "expected"), GUARDED.items())
def test_a_lost_guard_stops_the_start(tmp_path: Path, content: str, expected: str) -> None:
    """An element that holds with its defaults where it is not written must not lose what it says about guards."""
    assert list(told(problems(tmp_path, content))) == [expected]
