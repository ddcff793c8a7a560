"""A file that records are appended to, each in one call of the kernel, so that the death of the server loses none."""

import logging
import os
from pathlib import Path

from zconnect.errors import Unavailable
from zconnect.messages import error

CLOSED = error(
    "ZCON0511E",
    "The file {path} of the interceptor {interceptor} cannot be opened for writing: {cause}.",
    "Make the path writable for the user that the server runs as, or name another one. The server does not start without its records.",
)
LOST = error(
    "ZCON0512E",
    "Records cannot be written to {path} ({lost} since the last message): {cause}. Requests are answered all the same.",
    "Free space, or make the path writable. The file is opened anew as soon as it can be.",
)

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY  # a pipe without a reader must not block
_MODE = 0o640  # who calls what is nobody else's business
_CHECK = 1.0  # seconds between two looks at the path: logrotate may have moved the file
_SILENCE = 60.0  # seconds between two messages about lost records

logger = logging.getLogger(__name__)


class AppendFile:
    """An open file for whole lines; `now` is always in seconds since the epoch."""

    def __init__(self, path: Path, interceptor: str) -> None:
        """Open it, making its folders; raises `Unavailable`."""
        self._path = str(path)
        self._lost = 0
        self._next_check = self._next_message = 0.0
        self._torn = b""
        try:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, _FLAGS, _MODE)
        except OSError as cause:
            raise Unavailable(CLOSED(path=path, interceptor=interceptor, cause=cause.strerror)) from cause

    def append(self, line: bytes, now: float) -> None:
        """Write a line; never raises: one that cannot be written is counted and told of."""
        try:
            if now >= self._next_check:
                self._next_check = now + _CHECK
                self._follow()
            self._write(line)
        except OSError as cause:
            self._lose(cause, now)

    def _write(self, line: bytes) -> None:
        data = self._torn + line
        while (written := os.write(self._descriptor, data)) < len(data):
            # The rest may still fit; if not, the next record begins on a line of its own.
            self._torn = b"\n"
            data = data[written:]
        self._torn = b""

    def _follow(self) -> None:
        """Open the path anew where it no longer means the open file."""
        mine = os.fstat(self._descriptor)
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev):
            descriptor = os.open(self._path, _FLAGS, _MODE)
            os.close(self._descriptor)
            self._descriptor, self._torn = descriptor, b""

    def _lose(self, cause: OSError, now: float) -> None:
        self._lost += 1
        if now >= self._next_message:
            self._next_message = now + _SILENCE
            LOST.log(logger, path=self._path, lost=self._lost, cause=cause.strerror)
            self._lost = 0

    async def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)
