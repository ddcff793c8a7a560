"""Formats of log records; layouts as recorded from 26.0.0.3."""

import json
import logging
import sys
import time
from collections.abc import Iterator

import pytest

from zconnect.messages import Level
from zconnect.server.logformats import JsonFormat, Stamps, TextFormats, Threads

MOMENT = time.mktime((2026, 11, 22, 21, 5, 9, 0, 0, -1)) + 0.0421


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Recorded times are in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def record(text: str = "CWWKE0001I: launched", level: int = Level.AUDIT, name: str = "a.b.FrameworkManager") -> logging.LogRecord:
    found = logging.LogRecord(name, level, "", 0, "%s", (text,), None)
    found.created = 1795381509.0421
    return found


def formats(iso: bool = False) -> TextFormats:
    return TextFormats(Stamps(iso), Threads())


STAMP = "[11/22/26, 21:05:09:042 UTC] 00000001 "
LAYOUTS = [
    ("SIMPLE", STAMP + "a.b.FrameworkManager".ljust(60) + " A CWWKE0001I: launched"),
    ("TBASIC", STAMP + "FrameworkMana A   CWWKE0001I: launched"),
    ("BASIC", STAMP + "FrameworkMana A   CWWKE0001I: launched"),
    ("ENHANCED", STAMP + "id=00000000 " + "a.b.FrameworkManager".ljust(60) + " A CWWKE0001I: launched"),
    ("ADVANCED", STAMP + " A UOW= source=a.b.FrameworkManager org= prod= component=\n          CWWKE0001I: launched"),
    ("DEV", "[AUDIT   ] CWWKE0001I: launched"),
]


@pytest.mark.parametrize(("name", "line"), LAYOUTS)
def test_layout(name: str, line: str) -> None:
    """Columns and letters are exact; scripts cut by them."""
    assert formats().named(name)(record()) == line


def test_iso_times() -> None:
    """With the offset, without a colon in it."""
    assert formats(iso=True).simple(record()).startswith("[2026-11-22T21:05:09.042+0000] 00000001 ")


LETTERS = [
    (Level.FATAL, "a", "F"),
    (Level.ERROR, "a", "E"),
    (Level.WARNING, "a", "W"),
    (Level.AUDIT, "a", "A"),
    (Level.INFO, "a", "I"),
    (logging.DEBUG, "a", "1"),
    (7, "a", "2"),
    (1, "a", "3"),
    (Level.INFO, "SystemOut", "O"),
    (Level.INFO, "SystemErr", "R"),
]


@pytest.mark.parametrize(("level", "name", "letter"), LETTERS)
def test_letters(level: int, name: str, letter: str) -> None:
    """One for each level, and one for each stream."""
    assert formats().simple(record(level=level, name=name))[len(STAMP) + 61] == letter


def test_a_long_logger_keeps_its_end() -> None:
    """The last sixty characters."""
    name = "x" * 30 + "y" * 60
    assert formats().simple(record(name=name))[len(STAMP) : len(STAMP) + 61] == "y" * 60 + " "


def test_a_text_cannot_pretend_to_be_a_record() -> None:
    """A line that begins as a record does is moved to the right."""
    lines = formats().simple(record(f"text\n{STAMP}forged")).splitlines()
    assert lines[1] == f" {STAMP}forged"


def test_a_failure_has_its_stack() -> None:
    """In files; the console has its text alone."""
    try:
        raise ValueError("why")
    except ValueError:
        found = logging.LogRecord("a", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    assert "Traceback" in formats().simple(found)
    assert formats().dev(found) == "[ERROR   ] failed ValueError('why')"


def test_streams_on_the_console() -> None:
    """Bare, and with a mark for errors."""
    assert [formats().dev(record("x", name=name)) for name in ("SystemOut", "SystemErr")] == ["x", "[err] x"]


def test_json() -> None:
    """Liberty's fields in Liberty's order; slashes are escaped, other letters are not."""
    form = JsonFormat("host", "/u/usr/", "s1", Threads())
    line = form(record("CWWKE0001I: Größe a/b"))
    assert "a\\/b" in line
    assert "Größe" in line
    assert " " not in line.replace("Größe a", "").replace("I: ", "")
    found = json.loads(line)
    assert list(found)[:4] == ["type", "host", "ibm_userDir", "ibm_serverName"]
    assert (found["ibm_messageId"], found["loglevel"], found["ibm_threadId"]) == ("CWWKE0001I", "AUDIT", "00000001")
    assert found["ibm_datetime"] == "2026-11-22T21:05:09.042+0000"
    assert found["ibm_sequence"] == "1795381509042_0000000000001"


MAPPINGS = [
    (("message:msg",), "msg", True),
    (("message:message:msg",), "msg", True),
    (("trace:message:msg",), "msg", False),
    (("ext_thread:",), "ext_thread", False),
    (("nonsense",), "message", True),
]


@pytest.mark.parametrize(("mappings", "field", "there"), MAPPINGS)
def test_other_names_for_fields(mappings: tuple[str, ...], field: str, there: bool) -> None:
    """For all records or those of one source; an empty name leaves the field out."""
    found = json.loads(JsonFormat("h", "u", "s", Threads(), mappings)(record()))
    assert (field in found) is there
