"""The logs of a running server: every record and every line of an application goes to console, message log and trace log."""

import itertools
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

from zconnect import __version__
from zconnect.messages import Level, info
from zconnect.server.accessjson import AccessFormat
from zconnect.server.accesslog import shared
from zconnect.server.captured import Captured
from zconnect.server.instance import Instance
from zconnect.server.logfiles import LogFile
from zconnect.server.logformats import STREAMS, TRACE_LEVELS, Format, JsonFormat, Stamps, TextFormats, Threads
from zconnect.server.logsettings import ACCESS, NEW_LOGS, TRACE, Logging, early_settings, late_settings
from zconnect.values import Place

logger = logging.getLogger(__name__)

TRACE_CHANGED = info("TRAS0018I", "The trace specification is now {specification}.")
HIDDEN = info("TRAS3001I", "Messages that begin with {beginnings} are hidden; they go to the trace log alone.")

_NO_TRACE = "*=info"
_NEVER = 1000  # above all levels
_CONSOLE_LEVELS = (("INFO", Level.INFO), ("AUDIT", Level.AUDIT), ("WARNING", Level.WARNING), ("ERROR", Level.ERROR), ("OFF", _NEVER))


_UNTOLD: ContextVar[list[bool] | None] = ContextVar("untold", default=None)


@contextmanager
def untold() -> Iterator[None]:
    """What our own code logs in the block and in what it begins, until the block ends, is not written: another process says the same."""
    silent = [True]  # shared by tasks that are begun in the block and outlive it
    token = _UNTOLD.set(silent)
    try:
        yield
    finally:
        silent.clear()
        _UNTOLD.reset(token)


@contextmanager
def logs_of(instance: Instance, properties: Mapping[str, str]) -> Iterator["Logs"]:
    """Send everything that is logged or printed into the logs of a server, until the block ends."""
    settings, complaints = early_settings(instance, properties)
    fresh = properties.get(NEW_LOGS, "true").lower() != "false"
    logs = Logs(instance.place, settings, sys.stdout, sys.stderr, fresh=fresh)
    root, out, err = logging.getLogger(), sys.stdout, sys.stderr
    level, handlers = root.level, list(root.handlers)
    root.handlers = [logs]
    sys.stdout, sys.stderr = Captured(logs, "SystemOut", out), Captured(logs, "SystemErr", err)
    try:
        logs.apply(settings)
        for told in complaints:
            told.log(logger)
        yield logs
    finally:
        sys.stdout, sys.stderr = out, err
        logs.trace_levels(_NO_TRACE)
        shared.setLevel(_NEVER)
        root.handlers = handlers
        root.setLevel(level)
        logs.close()


class Logs(logging.Handler):
    """The one handler of the server: decides which file and console a record goes to, and in which form."""

    def __init__(self, place: Place, settings: Logging, out: TextIO, err: TextIO, *, fresh: bool = True) -> None:
        super().__init__(logging.NOTSET)
        self.troubles: list[str] = []
        self._place = place
        self._early = self._settings = settings
        self._said = Logging()
        self._out, self._err = out, err
        self._threads = Threads()
        self._counts: dict[str, itertools.count[int]] = {}
        self._traced: list[logging.Logger] = []
        self._fresh = fresh
        self._messages = self._file(settings.message_file_name)
        self._trace: LogFile | None = None
        self._prepare(settings)

    def configure(self, element: Logging) -> None:
        """Go on as server.xml says."""
        self.apply(late_settings(self._early, element))

    def apply(self, settings: Logging) -> None:
        """Go on under these settings; what changes in the trace is said in the log."""
        self.acquire()
        try:
            before, self._settings = self._settings, settings
            if (before.message_file_name, before.log_directory) != (settings.message_file_name, settings.log_directory):
                self._messages.close()
                self._messages = self._file(settings.message_file_name)
            self._prepare(settings)
        finally:
            self.release()
        self.trace_levels(settings.trace_specification)
        self._tell(settings)

    def _tell(self, settings: Logging) -> None:
        """Say what a reader of the log should know about the settings, once."""
        said, self._said = self._said, settings
        if said.trace_specification != settings.trace_specification:
            TRACE_CHANGED.log(logger, specification=settings.trace_specification)
        if said.hide_message != settings.hide_message:
            HIDDEN.log(logger, beginnings=", ".join(settings.hide_message))

    def _prepare(self, settings: Logging) -> None:
        texts = TextFormats(Stamps(settings.iso_date_format), self._threads)
        name = os.environ.get("CONTAINER_NAME") or self._place.name
        host = os.uname().nodename
        self.json = JsonFormat(host, f"{self._place.user_dir}/", name, self._threads, settings.json_field_mappings, self._counts)
        self._access_form = AccessFormat(self.json, by_format=settings.json_access_log_fields == "logFormat")
        self._access_in, self._trace_in = (self._places(settings, source) for source in (ACCESS, TRACE))
        shared.setLevel(Level.INFO if any(self._access_in) else _NEVER)
        message = "SIMPLE" if settings.message_format == "BASIC" else settings.message_format
        self._message_form = self._form(texts, message)
        self._trace_form = texts.named(settings.trace_format)
        self._console_form = self._form(texts, settings.console_format)
        self._console_level = dict(_CONSOLE_LEVELS)[settings.console_log_level]
        self._messages.apply(settings.rolling, self._header)
        self._tracing = settings.trace_specification not in ("", _NO_TRACE)
        self._prepare_trace(settings)

    @staticmethod
    def _places(settings: Logging, source: str) -> tuple[bool, bool]:
        """Whether message log and console are JSON and take what comes from a source."""
        on_console = settings.console_format == "JSON" and settings.console_log_level != "OFF"
        return settings.message_format == "JSON" and source in settings.message_source, on_console and source in settings.console_source

    def _prepare_trace(self, settings: Logging) -> None:
        if not self._tracing or settings.trace_file_name == "stdout":
            if self._trace is not None:
                self._trace.close()
            self._trace = None
        elif self._trace is None:
            self._trace = self._file(settings.trace_file_name)
        else:
            self._trace.apply(settings.rolling, self._header)

    def _form(self, texts: TextFormats, name: str) -> Format:
        return self.json if name == "JSON" else texts.named(name)

    def _file(self, name: str) -> LogFile:
        folder = self._settings.log_directory or self._place.log_dir
        return LogFile(folder / name, self._settings.rolling, self._header, fresh=self._fresh)

    def trace_levels(self, specification: str) -> None:
        """Let the loggers that a trace specification names speak as finely as it says."""
        for traced in self._traced:
            traced.setLevel(logging.NOTSET)
        self._traced = []
        logging.getLogger().setLevel(Level.INFO)
        for part in specification.split(":"):
            name, _, level = part.strip().partition("=")
            found = logging.getLogger(name.rstrip("*").rstrip("."))
            found.setLevel(TRACE_LEVELS.get(level.partition("=")[0].strip().lower(), Level.INFO))
            self._traced.append(found)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record wherever it belongs, unless it is `untold`."""
        if _UNTOLD.get() and record.name.startswith("zconnect."):
            return
        if record.name == shared.name:
            self._write_as(self._access_form, record, self._access_in)
            return
        _repair(record)
        hidden = bool(self._settings.hide_message) and record.getMessage().startswith(self._settings.hide_message)
        if record.levelno >= Level.INFO and not hidden:
            self._write_message(record)
            self._show(record)
        elif record.levelno < Level.INFO:
            self._write_as(self.json, record, self._trace_in)
        if self._tracing:
            self._write_trace(record)
        if record.levelno >= Level.ERROR and record.name not in STREAMS:
            self.troubles.append(record.getMessage())
            del self.troubles[:-20]

    def _write_message(self, record: logging.LogRecord) -> None:
        form = self._message_form
        if form is not self.json or "message" in self._settings.message_source:
            self._messages.write(self._own_json(record, form) or form(record))

    def _write_as(self, form: Format, record: logging.LogRecord, places: tuple[bool, bool]) -> None:
        """Write a record of a source that JSON logs alone have; `places` says whether to the message log, and to the console."""
        if any(places):
            line = form(record)
        if places[0]:
            self._messages.write(line)
        if places[1]:
            self._print(self._out, line)

    def _own_json(self, record: logging.LogRecord, form: Format) -> str:
        """A line of an application that is JSON already, where it may go out as it is."""
        if not (self._settings.apps_write_json and form is self.json and record.name in STREAMS):
            return ""
        found = record.getMessage().strip()
        return found if found.startswith("{") and found.endswith("}") and "\n" not in found else ""

    def _write_trace(self, record: logging.LogRecord) -> None:
        if self._trace is not None:
            self._trace.write(self._trace_form(record))
        else:
            self._print(self._out, self._trace_form(record))

    def _show(self, record: logging.LogRecord) -> None:
        stream = record.name in STREAMS
        shown = self._settings.copy_system_streams if stream else record.levelno >= self._console_level
        form = self._console_form
        if form is self.json and "message" not in self._settings.console_source:
            return
        if shown and self._settings.console_log_level != "OFF":
            grave = record.levelno >= Level.ERROR or record.name == "SystemErr"
            self._print(self._err if grave else self._out, self._own_json(record, form) or form(record))

    @staticmethod
    def _print(stream: TextIO, line: str) -> None:
        try:
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            pass  # a console that is gone or full is no reason to fail; the message log has the line

    def _header(self) -> str:
        if self._message_form is self.json and self._settings.message_format == "JSON":
            return ""
        return _header(self._place, self._settings.trace_specification, self._settings.hide_message)

    def close(self) -> None:
        """Close the files."""
        self._messages.close()
        if self._trace is not None:
            self._trace.close()
        super().close()


def _repair(record: logging.LogRecord) -> None:
    """A library's message whose parameters do not fit it is logged as it stands instead of failing its caller."""
    try:
        record.getMessage()
    except (TypeError, ValueError, KeyError):
        record.msg, record.args = f"{record.msg} {record.args!r}", None


def _header(place: Place, specification: str, hidden: tuple[str, ...]) -> str:
    """What stands at the top of every text log, under the keys that readers of such logs know."""
    system = os.uname()
    rows = {
        "product": f"zconnect {__version__} (wlp-{__version__})",
        "wlp.install.dir": f"{place.user_dir.parent}/",
        "server.config.dir": f"{place.config_dir}/",
        "java.home": sys.prefix,
        "java.version": sys.version.split()[0],
        "java.runtime": f"{sys.implementation.name} {' '.join(sys.version.split()[1:])}",
        "os": f"{system.sysname} ({system.release}; {system.machine}) (en)",
        "process": f"{os.getpid()}@{system.nodename}",
        "Classpath": os.pathsep.join(filter(None, sys.path)),
        "Java Library path": sys.exec_prefix,
    }
    if specification not in ("", _NO_TRACE):
        rows["trace.specification"] = specification
    if hidden:
        rows["hideMessage"] = ", ".join(hidden)
    line = "*" * 80
    return "\n".join((line, *(f"{key} = {value}" for key, value in rows.items()), line)) + "\n"
