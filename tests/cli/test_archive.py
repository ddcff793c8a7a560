"""Archives."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from zconnect.cli.archive import tree, write


@pytest.mark.parametrize("name", ["a.zip", "a.jar", "a.tar", "a.tar.gz", "a.pax"])
def test_an_archive_holds_what_it_was_given(tmp_path: Path, name: str) -> None:
    """Files, folders and contents, under the names they were given."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "file").write_text("x")
    (source / "left" / "out").mkdir(parents=True)
    write(tmp_path / name, [*tree(source, "root/", {"left"}), ("note", b"content"), ("empty/", b"")])
    assert names(tmp_path / name) == {"root", "root/sub", "root/sub/file", "note", "empty"}
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def names(path: Path) -> set[str]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {name.rstrip("/") for name in archive.namelist()}
    with tarfile.open(path) as archive:
        return {name.rstrip("/") for name in archive.getnames()}


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """An archive is there whole or not at all."""
    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "a.zip", [("gone", tmp_path / "gone")])
    assert list(tmp_path.iterdir()) == []
