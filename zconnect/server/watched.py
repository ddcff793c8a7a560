"""What files look like from outside, so that a change is seen without reading them."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from zconnect.values import Place

Facts = tuple[str, int, int, int]
_OWN = frozenset({"logs", "workarea", "resources"})  # folders in which the server itself writes


def fingerprint(paths: Iterable[Path]) -> tuple[Facts, ...]:
    """Time, size and number of each file and folder, and of what a folder directly holds; zeros for what is not there."""
    return tuple(sorted(facts for path in paths for facts in _looks(path)))


def content(paths: Iterable[Path]) -> str:
    """A digest of what the files say, and of those that a folder directly holds."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        for file in _files(path):
            digest.update(f"{file}\0".encode("utf-8", "surrogateescape") + _bytes(file) + b"\0")
    return digest.hexdigest()


def neighbourhood(place: Place) -> tuple[Path, ...]:
    """Everything beside server.xml, where a file may appear that a refused configuration has missed."""
    try:
        return tuple(sorted(path for path in place.config_dir.iterdir() if path.name not in _OWN))
    except OSError:
        return ()


def _looks(path: Path) -> Iterator[Facts]:
    try:
        yield _facts(str(path), os.stat(path))
        if path.is_dir():
            with os.scandir(path) as entries:
                yield from sorted(_facts(entry.path, entry.stat()) for entry in entries)
    except OSError:
        yield str(path), 0, 0, 0


def _facts(name: str, found: os.stat_result) -> Facts:
    return name, found.st_mtime_ns, found.st_size, found.st_ino


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
