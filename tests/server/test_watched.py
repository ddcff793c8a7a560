"""What files look like from outside."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from zconnect.server.watched import content, differing, fingerprint, neighbourhood
from zconnect.values import Place


def under_its_old_date(path: Path) -> None:
    """Written in place: as long as before, and dated as before."""
    found = path.stat()
    path.write_text("b")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def swapped(folder: Path) -> None:
    """What a link leads to is another file, as when Kubernetes replaces a ConfigMap."""
    (folder / "..data_tmp").symlink_to("new")
    (folder / "..data_tmp").rename(folder / "..data")


def made_anew(folder: Path) -> None:
    """Removed, and there again with the same files."""
    (folder / "sub").rename(folder / "former")
    (folder / "sub").mkdir()
    for file in ("b.xml", "l.xml", ".#b.xml"):
        (folder / "former" / file).rename(folder / "sub" / file)


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("longer", lambda folder: (folder / "a.xml").write_text("longer")),
    ("newer", lambda folder: os.utime(folder / "a.xml", (1, 1))),
    ("replaced", lambda folder: (folder / "fresh").rename(folder / "a.xml")),
    ("removed", lambda folder: (folder / "a.xml").unlink()),
    ("one more in the folder", lambda folder: (folder / "sub" / "c.xml").write_text("c")),
    ("one less in the folder", lambda folder: (folder / "sub" / "b.xml").unlink()),
    ("changed in the folder", lambda folder: os.utime(folder / "sub" / "b.xml", (1, 1))),
    ("there at last", lambda folder: (folder / "missing.xml").write_text("m")),
    ("under its old date", lambda folder: under_its_old_date(folder / "sub" / "b.xml")),
    ("older, as when the clock goes back", lambda folder: os.utime(folder / "a.xml", (1e9, 1e9))),
    ("readable at last", lambda folder: (folder / "a.xml").chmod(0o444)),
    ("a link that leads elsewhere", swapped),
    ("a folder that is made anew", made_anew),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("a.xml", "fresh", "sub/b.xml"):
        (tmp_path / name).write_text("a")
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "l.xml").write_text("l")
    (tmp_path / "..data").symlink_to("old")
    (tmp_path / "sub" / "l.xml").symlink_to("../..data/l.xml")
    (tmp_path / "sub" / ".#b.xml").symlink_to("somebody@somewhere.1")
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
    assert differing(before, content(watched)) == []
    (folder / "sub" / "b.xml").write_text("other")
    (folder / "missing.xml").write_text("m")
    assert differing(before, content(watched)) == [folder / "missing.xml", folder / "sub" / "b.xml"]


def test_thousands_of_files_are_looked_at(tmp_path: Path) -> None:
    """None is left out."""
    for number in range(5_000):
        (tmp_path / f"{number}.xml").touch()
    assert len(fingerprint([tmp_path])) == 5_001


def test_the_neighbourhood_leaves_out_what_the_server_writes(folder: Path) -> None:
    """Or each line in a log would be a change of the configuration."""
    (folder / "logs").mkdir()
    (folder / "workarea").mkdir()
    place = Place("s1", folder, folder, folder, folder / "logs")
    assert {path.name for path in neighbourhood(place)} == {"..data", "a.xml", "fresh", "new", "old", "sub"}
