"""What a dump says about the surroundings of a server: versions, packages, and for support tools of IBM how it was collected."""

import sys
import time
from collections.abc import Iterator
from html import escape
from importlib.metadata import distributions

from zconnect import __version__
from zconnect.cli.archive import Entry
from zconnect.cli.version import machine

_AUTOPD = "autopdzip/autopd/"  # where IBM's support tools look for a description of the collection


def surroundings(root: str) -> Iterator[Entry]:
    """The files of the folder `root` (empty or with a slash at its end), and the description beside it."""
    yield f"{root}service/versions.txt", f"zconnect {__version__} {machine()}\n{sys.platform}\n".encode()
    yield f"{root}library-inventory.txt", _inventory().encode()
    yield "autopdzip/", b""
    yield _AUTOPD, b""
    yield f"{_AUTOPD}autopd-collection-environment-v2.xml", _collection().encode()


def _inventory() -> str:
    """The installed packages, a line each."""
    found = {f"{each.name} {each.version} {each.locate_file('')}" for each in distributions()}
    return "\n".join([*sorted(found), ""])


def _collection() -> str:
    about = {
        "product": "zconnect",
        "version": __version__,
        "runtime": machine(),
        "os": sys.platform,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in about.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<collection {attributes}/>\n'
