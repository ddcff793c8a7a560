"""The variables folders."""

import os
from pathlib import Path

from tests.config.vocabulary import place_at, write
from zconnect.config.variablefiles import folders, paths_of, read_folders, with_subfolders


def test_files_are_variables(tmp_path: Path) -> None:
    """First line only, blanks kept; .properties at the top; one level of sub-folders (04-variables-directory-forms)."""
    files = {"one": "1\n", "two": "a\nb", "blank": "  b  \n", "v.properties": "p.a=A\np.b = B ", "sub/inner": "I", "sub/deep/x": "D"}
    write(tmp_path, {**files, "sub/q.properties": "k=v"})

    found, problems = read_folders([tmp_path])

    assert found == {"one": "1", "two": "a", "blank": "  b  ", "p.a": "A", "p.b": "B ", "sub/inner": "I", "sub/q.properties": "k=v"}
    assert problems == []


def test_the_later_folder_wins(tmp_path: Path) -> None:
    """04-variables-directory-elsewhere."""
    write(tmp_path, {"a/x": "1", "b/x": "2"})

    assert read_folders([tmp_path / "a", tmp_path / "b", tmp_path / "none"])[0] == {"x": "2"}


def test_a_relative_folder_is_below_the_output_folder(tmp_path: Path) -> None:
    """Wherever the command is given."""
    place = place_at(tmp_path)

    assert paths_of(os.pathsep.join(["vars", "", "/else/where"]), place) == [place.output_dir / "vars", Path("/else/where")]


def test_where_a_change_can_be_seen(tmp_path: Path) -> None:
    """Folders that are not there yet, and the sub-folders that are read."""
    write(tmp_path, {"a/x": "1", "a/sub/y": "2"})

    assert list(with_subfolders([tmp_path / "a", tmp_path / "none"])) == [tmp_path / "a", tmp_path / "a" / "sub", tmp_path / "none"]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A pipe is no value; an empty file stops the start as in Liberty, but with its name."""
    write(tmp_path, {"empty": ""})
    os.mkfifo(tmp_path / "pipe")

    found, problems = read_folders([tmp_path])

    assert found == {}
    assert [(each.told.message.number, each.stops) for each in problems] == [("ZCON0104E", True), ("CWWKG0106E", True)]
    assert str(tmp_path / "empty") in problems[0].told.text


def test_the_folders_can_be_chosen(tmp_path: Path) -> None:
    """By property or environment, else the folder variables."""
    place = place_at(tmp_path)

    assert folders(place, {}, {}) == f"{tmp_path}/variables/"
    assert folders(place, {}, {"VARIABLE_SOURCE_DIRS": "/a:/b"}) == "/a:/b"
