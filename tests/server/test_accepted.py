"""Elements that are accepted without effect."""

from pathlib import Path

from zconnect.config.load import load
from zconnect.server.accepted import ELEMENTS, JndiEntry
from zconnect.values import Place


def test_each_says_why_it_has_no_effect() -> None:
    """Nothing is passed over in silence."""
    assert [kind.tag for kind in ELEMENTS if not kind.unused] == []


def test_they_are_read_like_any_other(tmp_path: Path) -> None:
    """With types; each kind is announced once, and not for each attribute."""
    (tmp_path / "server.xml").write_text('<server><jndiEntry jndiName="a" value="1"/><jndiEntry jndiName="b" value="2"/></server>')
    place = Place("s", tmp_path, tmp_path, tmp_path, tmp_path)

    loaded = load(place, ELEMENTS, environment={}, command_line={})

    assert [each.value for each in loaded.configuration.all(JndiEntry)] == ["1", "2"]
    assert [(each.told.message.number, each.path) for each in loaded.problems] == [("ZCON0180I", "/server/jndiEntry[default-0]")]
