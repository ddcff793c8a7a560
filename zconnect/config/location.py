"""The form of a location: how slashes, dots and schemes in a path or an address are read (Liberty's path utilities)."""

import os
import re
from pathlib import Path

from zconnect.config.names import nearest

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
CREDENTIALS = re.compile(r"(?<=//)[^/?#\s\"'<>]*(?=@)")  # of an address
_UNTOUCHED = ("http:", "https:", "ftp:", "safkeyring:")


class Location(str):
    """A location that stays text: normalised, relative or absolute, a slash at its end kept."""

    __slots__ = ()


def normalised(text: str) -> str:
    """Backslashes turned, doubled slashes, `.` and `x/..` removed; never across a reference; a leading `..` stays."""
    if text.startswith(_UNTOUCHED) or not text:
        return text
    text = re.sub(r"/{2,}", "/", text.replace("\\", "/"))
    done: list[str] = []
    parts = text.split("/")
    for at, part in enumerate(parts):
        if part == "." and len(parts) > 1:
            if at == len(parts) - 1:
                done.append("")
        elif part == ".." and done and done[-1] not in ("", "..") and "${" not in done[-1]:
            done.pop()
            if at == len(parts) - 1:
                done.append("")
        else:
            done.append(part)
    return "/".join(done)


def without_credentials(text: str) -> str:
    """The same with stars in place of whatever name and password stand in an address (`http://user:password@host/`)."""
    return CREDENTIALS.sub("*****", text) if "@" in text else text


def has_scheme(text: str) -> bool:
    """Whether it is an address (`http:…`); a single letter is a drive."""
    return bool(_SCHEME.match(text))


def is_absolute(text: str) -> bool:
    """Whether it does not depend on where it is written."""
    return text.startswith(("/", "${")) or has_scheme(text) or bool(re.match(r"[A-Za-z]:/", text))


def nearest_paths(location: str, path: Path) -> tuple[str, ...]:
    """What a location may have meant whose `path` leads to nothing: the same with its first missing part put right."""
    whole = location.rstrip("/")
    slash, parts = location[len(whole) :], whole.split("/")
    if path.exists():  # a file, and the location is that of a folder
        return (whole,)
    for at in range(len(parts) - 1, -1, -1):
        if path.parent.is_dir():
            found = {each: path.parent.joinpath(each, *parts[at + 1 :]) for each in nearest(path.name, os.listdir(path.parent))}
            return tuple("/".join([*parts[:at], each, *parts[at + 1 :]]) + slash for each, meant in found.items() if meant.exists())
        path = path.parent
    return ()
