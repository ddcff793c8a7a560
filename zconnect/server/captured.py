"""Standard output and error of a server: what applications print becomes records."""

import io
import logging
import threading
from typing import TextIO

from zconnect.messages import Level

_LONGEST_LINE = 8192  # characters that wait for the end of their line


class Captured(io.TextIOBase):
    """Stands for standard output or error: what one call of print writes becomes one record."""

    def __init__(self, handler: logging.Handler, name: str, behind: TextIO) -> None:
        self._handler = handler
        self._name = name
        self._behind = behind
        self._unfinished = threading.local()  # two threads shall not end each other's lines

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._behind.fileno()

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        own = vars(self._unfinished)
        line = own.pop("line", "") + text
        if not line.endswith("\n") and len(line) <= _LONGEST_LINE:
            own["line"] = line
        elif line := line.removesuffix("\n"):
            self._handler.handle(logging.LogRecord(self._name, Level.INFO, "", 0, "%s", (line,), None))
        return len(text)
