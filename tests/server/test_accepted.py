"""Elements that are accepted without effect."""

from pathlib import Path

from zconnect.config.load import load
from zconnect.server.accepted import ELEMENTS, Library
from zconnect.values import Place


def test_each_says_why_it_has_no_effect() -> None:
    """Nothing is passed over in silence."""
    assert [kind.tag for kind in ELEMENTS if not kind.unused] == []


def test_they_are_read_like_any_other(tmp_path: Path) -> None:
    """With types, references and nested elements; each kind is announced once, and not for each attribute."""
    (tmp_path / "server.xml").write_text(
        '<server><library id="l" filesetRef="f"><fileset dir="b"/></library><fileset id="f" dir="a"/></server>'
    )
    place = Place("s", tmp_path, tmp_path, tmp_path, tmp_path)

    loaded = load(place, ELEMENTS, environment={}, command_line={})

    assert [each.dir for each in loaded.configuration.all(Library)[0].fileset] == ["a", "b"]
    assert [(each.told.message.number, each.path) for each in loaded.problems] == [
        ("ZCON0180I", "/server/library[l]"),
        ("ZCON0180I", "/server/fileset[f]"),
    ]
