"""How one log record looks in each of Liberty's formats."""

import itertools
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from zconnect.messages import Level

Format = Callable[[logging.LogRecord], str]

STREAMS: Mapping[str, str] = MappingProxyType({"SystemOut": "O", "SystemErr": "R"})
FINE, FINER, FINEST = 10, 7, 5
# The words for levels in a trace specification; what is coarser than info counts as info.
TRACE_LEVELS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("off", "fatal", "severe", "warning", "audit", "info", "config", "detail"), Level.INFO),
        **dict.fromkeys(("fine", "event"), FINE),
        **dict.fromkeys(("finer", "entry", "exit"), FINER),
        "finest": FINEST,
        **dict.fromkeys(("all", "debug", "dump"), 1),
    }
)
# From the gravest down: the level, its letter in text, its word on the console and in JSON.
_LEVELS: tuple[tuple[int, str, str], ...] = (
    (Level.FATAL, "F", "FATAL"),
    (Level.ERROR, "E", "ERROR"),
    (Level.WARNING, "W", "WARNING"),
    (Level.AUDIT, "A", "AUDIT"),
    (Level.INFO, "I", "INFO"),
    (FINE, "1", "FINE"),
    (FINER, "2", "FINER"),
    (0, "3", "FINEST"),
)
_MESSAGE_ID = re.compile(r"([A-Z]{3,5}[A-Z0-9]?\d{4}[AEIWFS]): ")
_JAVA_ZONE = re.compile(r"[A-Z][A-Za-z0-9:+-]*")
_BASIC_INDENT = "\n" + " " * 33
_ENHANCED_INDENT = "\n" + " " * 111


def letter(record: logging.LogRecord) -> str:
    """The one letter that a text format has for the level, or for the stream that the record came from."""
    return STREAMS.get(record.name) or next(sign for level, sign, _ in _LEVELS if record.levelno >= level)


def word(record: logging.LogRecord) -> str:
    """The word for the level."""
    return record.name if record.name in STREAMS else next(name for level, _, name in _LEVELS if record.levelno >= level)


def text(record: logging.LogRecord) -> str:
    """Message and stack; a line in them cannot be taken for the beginning of a record."""
    found = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        found += "\n" + _STACKS.formatException(record.exc_info)
    return found.replace("\n[", "\n [")


_STACKS = logging.Formatter()


class Stamps:
    """Times of records; what holds for a whole second is worked out once in it."""

    def __init__(self, iso: bool) -> None:
        self._iso = iso
        self._second = -1
        self._before = self._after = ""

    def stamp(self, seconds: float) -> str:
        """A time without brackets."""
        second = int(seconds)
        if second != self._second:
            self._before, self._after = _iso(second) if self._iso else _locale(second)
            self._second = second
        return f"{self._before}{int(seconds * 1000) % 1000:03d}{self._after}"


def _iso(second: int) -> tuple[str, str]:
    moment = time.localtime(second)
    return time.strftime("%Y-%m-%dT%H:%M:%S.", moment), time.strftime("%z", moment)


def _locale(second: int) -> tuple[str, str]:
    """The short date and the medium time of American English, as a Java of today writes them."""
    at = time.localtime(second)
    zone = time.strftime("%Z", at)
    if not _JAVA_ZONE.fullmatch(zone):
        offset = time.strftime("%z", at)
        zone = f"GMT{offset[:3]}:{offset[3:]}"
    return f"{at.tm_mon}/{at.tm_mday}/{at.tm_year % 100:02d}, {at.tm_hour}:{at.tm_min:02d}:{at.tm_sec:02d}:", f" {zone}"


class Threads:
    """Small numbers for threads in the order of their first record; the main thread is 1."""

    def __init__(self) -> None:
        self._next = itertools.count(2)
        self._numbers: dict[int | None, str] = {threading.main_thread().ident: "00000001"}

    def number(self, thread: int | None) -> str:
        """Eight hexadecimal digits."""
        found = self._numbers.get(thread)
        if found is None:
            found = self._numbers[thread] = f"{next(self._next):08x}"
        return found


class TextFormats:
    """The formats for people, by the names that <logging> has for them."""

    def __init__(self, stamps: Stamps, threads: Threads) -> None:
        self._stamps = stamps
        self._threads = threads

    def named(self, name: str) -> Format:
        """The format of a name; BASIC in a message log is SIMPLE by another name."""
        return {
            "DEV": self.dev,
            "TBASIC": self.basic,
            "BASIC": self.basic,
            "ENHANCED": self.enhanced,
            "ADVANCED": self.advanced,
        }.get(name, self.simple)

    def _begin(self, record: logging.LogRecord) -> str:
        return f"[{self._stamps.stamp(record.created)}] {self._threads.number(record.thread)} "

    def simple(self, record: logging.LogRecord) -> str:
        """Logger in 60 columns, one letter, message."""
        return f"{self._begin(record)}{record.name[-60:]:60} {letter(record)} {text(record)}"

    def basic(self, record: logging.LogRecord) -> str:
        """The last part of the logger in 13 columns."""
        body = text(record).replace("\n", _BASIC_INDENT)
        return f"{self._begin(record)}{record.name.rpartition('.')[2][:13]:13} {letter(record)}   {body}"

    def enhanced(self, record: logging.LogRecord) -> str:
        """As simple, with an object's number (there is none here)."""
        body = text(record).replace("\n", _ENHANCED_INDENT)
        return f"{self._begin(record)}id=00000000 {record.name[-60:]:60} {letter(record)} {body}"

    def advanced(self, record: logging.LogRecord) -> str:
        """A line about the record, then the message."""
        body = text(record).replace("\n", "\n" + " " * 10)
        origin = f"UOW= source={record.name} org= prod= component="
        return f"{self._begin(record)} {letter(record)} {origin}\n          {body}"

    def dev(self, record: logging.LogRecord) -> str:
        """For the console: the level as a word, the message, of an exception only its text."""
        if record.name in STREAMS:
            return ("[err] " if record.name == "SystemErr" else "") + record.getMessage()
        failure = record.exc_info[1] if record.exc_info else None
        return f"[{word(record):8}] {record.getMessage()}" + (f" {failure!r}" if failure else "")


class JsonFormat:
    """One object a line, with Liberty's field names; `counts` has how many records of a kind there were, and goes on."""

    def __init__(
        self,
        host: str,
        user_dir: str,
        server: str,
        threads: Threads,
        mappings: Sequence[str] = (),
        counts: "dict[str, itertools.count[int]] | None" = None,
    ) -> None:
        self._counts = {} if counts is None else counts
        self._common = {"host": host, "ibm_userDir": user_dir, "ibm_serverName": server}
        self._threads = threads
        self._stamps = Stamps(iso=True)
        self._names = _renamed(mappings)

    def __call__(self, record: logging.LogRecord) -> str:
        """A message or a trace record."""
        found = record.getMessage()
        fields: dict[str, Any] = {"message": found, "ibm_threadId": self._threads.number(record.thread)}
        fields["ibm_datetime"] = self._stamps.stamp(record.created)
        if match := _MESSAGE_ID.match(found):
            fields["ibm_messageId"] = match[1]
        fields |= {"module": record.name, "loglevel": word(record)}
        kind = "liberty_message" if record.levelno >= Level.INFO else "liberty_trace"
        fields["ibm_sequence"] = self.sequence(record, kind, record.created)
        if record.exc_info and record.exc_info[0] is not None:
            fields["ibm_exceptionName"] = record.exc_info[0].__qualname__
            fields["ibm_stackTrace"] = _STACKS.formatException(record.exc_info)
        fields["ext_thread"] = record.threadName or ""
        return self.line(kind, fields)

    def line(self, kind: str, fields: Mapping[str, Any]) -> str:
        """The object with the fields that all kinds have, under the names that were asked for."""
        names = self._names.get("", {}) | self._names.get(kind.removeprefix("liberty_"), {})
        renamed = {names.get(name, name): value for name, value in {"type": kind, **self._common, **fields}.items()}
        renamed.pop("", None)
        return json.dumps(renamed, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")

    def sequence(self, record: logging.LogRecord, kind: str, at: float) -> str:
        """The number of a record among those of its kind, the same in all logs; `at` is in seconds since the epoch."""
        known = record.__dict__
        if "sequence" not in known:
            known["sequence"] = f"{int(at * 1000):013d}_{next(self._counts.setdefault(kind, itertools.count(1))):013X}"
        return str(known["sequence"])


def _renamed(mappings: Sequence[str]) -> dict[str, dict[str, str]]:
    """`[source:]name:newName` → names by source; an empty new name leaves the field out."""
    found: dict[str, dict[str, str]] = {}
    for mapping in mappings:
        match mapping.split(":"):
            case [name, new]:
                found.setdefault("", {})[name] = new
            case [source, name, new]:
                found.setdefault(source.lower(), {})[name] = new
    return found
