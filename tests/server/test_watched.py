"""What files look like from outside."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.server.watched import content, fingerprint, neighbourhood
from zconnect.values import Place

CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("longer", lambda folder: (folder / "a.xml").write_text("longer")),
    ("newer", lambda folder: os.utime(folder / "a.xml", (1, 1))),
    ("replaced", lambda folder: (folder / "fresh").rename(folder / "a.xml")),
    ("removed", lambda folder: (folder / "a.xml").unlink()),
    ("one more in the folder", lambda folder: (folder / "sub" / "c.xml").write_text("c")),
    ("one less in the folder", lambda folder: (folder / "sub" / "b.xml").unlink()),
    ("changed in the folder", lambda folder: os.utime(folder / "sub" / "b.xml", (1, 1))),
    ("there at last", lambda folder: (folder / "missing.xml").write_text("m")),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.xml", "fresh", "sub/b.xml"):
        (tmp_path / name).write_text("a")
    return tmp_path


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_a_change_is_seen(folder: Path, change: Callable[[Path], object]) -> None:
    """Of a file, of a folder, of what a folder directly holds, of what is not there yet."""
    watched = (folder / "a.xml", folder / "sub", folder / "missing.xml")
    before = fingerprint(watched)
    assert fingerprint(watched) == before
    change(folder)
    assert fingerprint(watched) != before


def test_content_is_what_is_said(folder: Path) -> None:
    """A new time is no new content; files that are not there are not an error."""
    watched = (folder / "a.xml", folder / "sub", folder / "missing.xml")
    before = content(watched)
    os.utime(folder / "a.xml", (1, 1))
    assert content(watched) == before
    (folder / "sub" / "b.xml").write_text("other")
    assert content(watched) != before


def test_the_neighbourhood_leaves_out_what_the_server_writes(folder: Path) -> None:
    """Or each line in a log would be a change of the configuration."""
    (folder / "logs").mkdir()
    (folder / "workarea").mkdir()
    place = Place("s1", folder, folder, folder, folder / "logs")
    assert {path.name for path in neighbourhood(place)} == {"a.xml", "fresh", "sub"}
