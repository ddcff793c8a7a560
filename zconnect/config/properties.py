"""bootstrap.properties and server.env: what is known before server.xml is read."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from zconnect.config.source import read_bytes
from zconnect.errors import Unavailable
from zconnect.messages import Told, error
from zconnect.values import Place

INCLUDE_UNREADABLE = error(
    "CWWKE0014E",
    "The bootstrap properties {location} cannot be read.",
    "Correct bootstrap.include, or make the file readable; the server does not start without it.",
)
BAD_PROPERTIES = error(
    "CWWKE0018E",
    "The bootstrap properties {location} are not a properties file: {cause}.",
    "Correct the escape; \\u is followed by four hexadecimal digits.",
)
ENV_UNREADABLE = error(
    "ZCON0186E",
    "The file {file} cannot be read: {cause}.",
    "Make it a text file that the server may read, or remove it; the server does not start with it.",
)

_INCLUDE = "bootstrap.include"
_ESCAPES: Final = str.maketrans({"t": "\t", "n": "\n", "r": "\r", "f": "\f"})
_EXPANSION = re.compile(r"\\(\$)|\$\{(\w+)\}|\$(\w+)")
_ENABLES_EXPANSION = "#enable_variable_expansion"
_ENV_LINE = re.compile(r"([^\W\d]\w*)=(.*)", re.DOTALL)


def read_properties(path: Path) -> dict[str, str]:
    """The properties of a bootstrap file and of the files that it includes; empty where there is no such file.

    The first to set a name wins, so an included file only adds. Raises `Unavailable` for an include that is missing
    (CWWKE0014E) and for a file that is no properties file (CWWKE0018E).
    """
    unread: list[tuple[Path, Told]] = []
    found = readable_properties(path, unread)
    for _, told in unread:
        raise Unavailable(told)
    return found


def readable_properties(path: Path, unread: list[tuple[Path, Told]]) -> dict[str, str]:
    """The same of the files that can be read; the others go to `unread`, with what is wrong with them."""
    return {name: value for _, found in property_layers(path, unread) for name, value in found.items()}


def property_layers(path: Path, unread: list[tuple[Path, Told]]) -> list[tuple[Path, dict[str, str]]]:
    """The same file by file, the strongest last."""
    return [*_included(path, set(), unread)][::-1] if os.path.lexists(path) else []


def option_layers(place: Place, unread: list[tuple[Path, Told]]) -> Iterator[tuple[Path, dict[str, str]]]:
    """What each jvm.options file says as `-Dname=value`, the strongest last; these go before bootstrap.properties."""
    dropins = place.config_dir / "configDropins"
    folders = (place.user_dir / "shared", dropins / "defaults", place.config_dir, dropins / "overrides")
    for path in filter(os.path.lexists, (folder / "jvm.options" for folder in folders)):
        try:
            lines = read_bytes(path).decode("utf-8", "surrogateescape").replace("\r", "").split("\n")
        except OSError as cause:
            unread.append((path, ENV_UNREADABLE(file=path, cause=cause.strerror)))
            continue
        yield path, {name: value for name, _, value in (line[2:].partition("=") for line in lines if line.startswith("-D"))}


def _included(path: Path, seen: set[Path], unread: list[tuple[Path, Told]]) -> Iterator[tuple[Path, dict[str, str]]]:
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        real = path
    if real in seen:
        return
    seen.add(real)
    try:
        # ISO-8859-1 with \u escapes by definition (java.util.Properties.load).
        own = parse_properties(read_bytes(path).decode("latin-1"))
    except OSError:
        unread.append((path, INCLUDE_UNREADABLE(location=path)))
        return
    except ValueError as cause:
        unread.append((path, BAD_PROPERTIES(location=path, cause=cause)))
        return
    found = {name: _unquoted(value) for name, value in own.items()}
    included = found.pop(_INCLUDE, "").split(",")
    yield path, found
    for location in filter(None, map(str.strip, included)):
        yield from _included(path.parent / location, seen, unread)


def _unquoted(value: str) -> str:
    trimmed = value.strip()
    return trimmed[1:-1] if len(trimmed) >= 2 and trimmed[0] == trimmed[-1] == '"' else value


def parse_properties(text: str) -> dict[str, str]:
    """Names and values of a Java properties file; the last of two equal names wins; raises `ValueError` on a bad escape."""
    return dict(_pair(line) for line in _logical_lines(text))


def _logical_lines(text: str) -> Iterator[str]:
    lines = iter(re.split(r"\r\n|\r|\n", text))
    for line in lines:
        line = line.lstrip(" \t\f")
        if not line or line[0] in "#!":
            continue
        while _continued(line):
            line = line[:-1] + next(lines, "").lstrip(" \t\f")
        yield line


def _continued(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _pair(line: str) -> tuple[str, str]:
    match = re.match(r"((?:\\.|[^\\=: \t\f])*)[ \t\f]*(?:[=:][ \t\f]*)?(.*)", line, re.DOTALL)
    return (_plain(match[1]), _plain(match[2])) if match else (_plain(line), "")


def _plain(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2] == "u":
            raise ValueError("a \\u escape is malformed")
        return match[2].translate(_ESCAPES)

    plain = re.sub(r"\\(?:u([0-9A-Fa-f]{4})|(.?))", character, text, flags=re.DOTALL)
    # Characters beyond the first plane are written as two escapes.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_server_env(paths: Iterable[Path], environment: Mapping[str, str], unread: list[Told]) -> dict[str, str]:
    """The environment with what the server.env files add; of two, the later file wins. What cannot be read goes to `unread`.

    A comment `# enable_variable_expansion` has `$NAME` and `${NAME}` replaced in the whole file as a shell would; a backslash keeps a `$`.
    A line whose name is none of letters, digits and underscores, or has blanks around it, is left out, as in Liberty's script.
    """
    layers = env_layers(paths, environment, unread)
    return {**environment, **{name: value for _, found in layers for name, value in found.items()}}


def env_layers(paths: Iterable[Path], environment: Mapping[str, str], unread: list[Told]) -> Iterator[tuple[Path, dict[str, str]]]:
    """What each server.env file says, the strongest last."""
    known = dict(environment)
    for path in filter(os.path.lexists, paths):
        try:
            found = _env_lines(read_bytes(path).decode("utf-8", "surrogateescape"), known)
        except OSError as cause:
            unread.append(ENV_UNREADABLE(file=path, cause=cause.strerror))
            continue
        known |= found
        yield path, found


def _env_lines(text: str, known: Mapping[str, str]) -> dict[str, str]:
    lines = text.replace("\r\n", "\n").split("\n")
    expanding = any("".join(line.split()).lower() == _ENABLES_EXPANSION for line in lines)
    found: dict[str, str] = {}
    for line in lines:
        if pair := _ENV_LINE.fullmatch(line):
            seen = {**known, **found}
            found[pair[1]] = _EXPANSION.sub(partial(_expansion, seen), pair[2]) if expanding else pair[2]
    return found


def _expansion(seen: Mapping[str, str], match: re.Match[str]) -> str:
    return match[1] or seen.get(match[2] or match[3], "")
