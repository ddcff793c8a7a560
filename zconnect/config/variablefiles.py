"""The variables folders: files whose names are variables and whose first lines are values."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from zconnect.config.properties import parse_properties
from zconnect.config.source import read_bytes
from zconnect.errors import Problem, Where
from zconnect.messages import error
from zconnect.values import Place

SOURCES = "VARIABLE_SOURCE_DIRS"
MOST_FILES = 10_000  # of one folder

UNREADABLE = error(
    "CWWKG0106E",
    "The variable file {file} cannot be read.",
    "Make it readable for the server, or remove it; the server does not start while a value of lower rank would stand in for it.",
)
EMPTY = error(
    "ZCON0104E",
    "The variable file {file} is empty.",
    "Write the value into its first line, or remove the file. Liberty does not start with such a file either.",
)


def folders(place: Place, properties: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The folders as one text, separated as in PATH."""
    return properties.get(SOURCES) or environment.get(SOURCES) or f"{place.config_dir}/variables/"


def paths_of(folders: str, place: Place) -> list[Path]:
    """The folders in a text one by one; relative ones are below the output folder, where a Liberty server works."""
    return [place.output_dir / folder for folder in folders.split(os.pathsep) if folder]


def read_folders(paths: Sequence[Path]) -> tuple[dict[str, str], list[Problem]]:
    """The variables of some folders, of which the later win, and what could not be read."""
    problems: list[Problem] = []
    return {name: value for _, found in folder_layers(paths, problems) for name, value in found.items()}, problems


def folder_layers(paths: Sequence[Path], problems: list[Problem]) -> Iterator[tuple[Path, dict[str, str]]]:
    """What each file says, the strongest last; what could not be read goes to `problems`."""
    for path in paths:
        for name, file in _files(path):
            yield file, _read(name, file, problems)


def with_subfolders(paths: Sequence[Path]) -> Iterator[Path]:
    """The folders, there or not, and the sub-folders that are read: where a change of a variable can be seen."""
    for path in paths:
        yield path
        yield from (Path(entry) for entry in _sorted(path) if entry.is_dir())


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder and, by names with a slash, of its sub-folders, one level deep."""
    for entry in _sorted(folder):
        if entry.is_dir():
            yield from ((f"{entry.name}/{inner.name}", Path(inner)) for inner in _sorted(Path(entry)) if not inner.is_dir())
        else:
            yield entry.name, Path(entry)


def _sorted(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)[:MOST_FILES]
    except OSError:
        return []


def _read(name: str, file: Path, problems: list[Problem]) -> dict[str, str]:
    where = Where(str(file))
    try:
        data = read_bytes(file)
        if name.endswith(".properties") and "/" not in name:
            return parse_properties(data.decode("latin-1"))
        text = data.decode("utf-8")
    except (OSError, ValueError):
        problems.append(Problem(UNREADABLE(file=file), where, stops=True))
        return {}
    if not text:
        problems.append(Problem(EMPTY(file=file), where, stops=True))
        return {}
    return {name: text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")[0]}
