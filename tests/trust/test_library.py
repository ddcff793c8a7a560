"""Folders with code of the server's owner."""

from pathlib import Path

from zconnect.config.load import load
from zconnect.trust.library import ELEMENTS, Library
from zconnect.values import Place


def test_its_folders_are_those_of_all_that_it_holds(tmp_path: Path) -> None:
    """Nested and referred to; relative ones begin in the folder of the server."""
    (tmp_path / "server.xml").write_text(
        '<server><library id="l" filesetRef="f"><fileset dir="b" includes="*.jar"/><folder dir="/opt/c"/><file name="d/e.py"/></library>'
        '<fileset id="f" dir="a"/></server>'
    )
    place = Place("s", tmp_path, tmp_path, tmp_path, tmp_path)

    loaded = load(place, ELEMENTS, environment={}, command_line={})

    (library,) = loaded.configuration.all(Library)
    assert library.folders(place) == (Path("/opt/c"), tmp_path / "a", tmp_path / "b", tmp_path / "d")
    assert [(each.told.message.number, each.path) for each in loaded.problems] == [
        ("ZCON0124I", "/server/library[l]/fileset[default-1]/@includes")
    ]
