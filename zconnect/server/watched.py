"""What files look like from outside, so that a change is seen without reading them."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from zconnect.values import Place

Facts = tuple[int, int, int, int]
NOTHING: Facts = (0, 0, 0, 0)  # of what is not there
_OWN = frozenset({"logs", "workarea", "resources"})  # folders in which the server itself writes


def fingerprint(paths: Iterable[Path]) -> dict[str, Facts]:
    """Times, size and number of each file and folder, and of what a folder directly holds; zeros for what is not there.

    Links are followed. The time of the last change of any kind tells also what was written under an old date or became readable.
    """
    return {name: facts for path in paths for name, facts in _looks(str(path))}


def content(paths: Iterable[Path]) -> dict[Path, bytes]:
    """Digests of what the files say, and of those that a folder directly holds."""
    return {file: hashlib.sha256(_bytes(file)).digest() for path in paths for file in _files(path)}


def differing(old: Mapping[Path, bytes], new: Mapping[Path, bytes]) -> list[Path]:
    """The files whose digests are not the same."""
    return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))


def neighbourhood(place: Place) -> tuple[Path, ...]:
    """Everything beside server.xml, where a file may appear that a refused configuration has missed."""
    try:
        return tuple(sorted(path for path in place.config_dir.iterdir() if path.name not in _OWN))
    except OSError:
        return ()


def _looks(name: str) -> Iterator[tuple[str, Facts]]:
    yield name, _facts(name)
    try:
        names = os.listdir(name)
    except OSError:  # no folder, or gone
        return
    for inner in names:
        path = os.path.join(name, inner)
        yield path, _facts(path)


def _facts(name: str) -> Facts:
    try:
        found = os.stat(name)
    except OSError:  # also a link that leads nowhere
        return NOTHING
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _files(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError:
        return []


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.is_file() else b""
    except OSError:
        return b""
