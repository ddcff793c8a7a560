"""A log file that rolls by size and by time, that several processes may write, and whose failure to write is nobody's failure to answer."""

import errno
import fcntl
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO, NamedTuple

_SILENCE = 60.0  # seconds between two complaints
_STAMP = r"_\d\d\.\d\d\.\d\d_\d\d\.\d\d\.\d\d(\.\d+)?"


class Rolling(NamedTuple):
    """When a log is rolled and how many files of it stay.

    `size` in bytes and `files` (the current one included) are 0 for no limit; `first` and `interval` are seconds, the
    first of the day in local time; an interval of 0 means never. `numbered`: a rolled file always has a number behind its time.
    """

    size: int = 0
    files: int = 0
    first: int = 0
    interval: int = 0
    numbered: bool = True

    def next_after(self, now: float) -> float:
        """The time of the next roll; infinite without an interval."""
        if not self.interval:
            return float("inf")
        local = time.localtime(now)
        midnight = time.mktime((*local[:3], 0, 0, 0, 0, 0, -1))
        start = midnight + self.first
        return start + ((now - start) // self.interval + 1) * self.interval


def locked(path: Path, file: BinaryIO | None = None) -> BinaryIO:
    """The file of a path, open to be appended to, while no other process that asks for it has it; raises `OSError`.

    `file` is what was open for it before; where another process has rolled it since, it is closed.
    """
    while True:
        if file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("ab", buffering=0)
        with suppress(OSError):  # where a file system has no locks, the worst is a line in the file before
            fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(file, path):
            return file
        file.close()
        file = None


def _is_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


class LogFile:
    """An open log; `header` is the text with which every file of it begins, `tell` hears why it cannot be written."""

    def __init__(
        self,
        path: Path,
        rolling: Rolling,
        header: Callable[[], str] = str,
        *,
        tell: Callable[[OSError], None] | None = None,
        fresh: bool = True,
    ) -> None:
        self.path = path
        self.rolling = rolling
        self._header = header
        self._tell = tell or self._print
        self._unseen = True  # others may have rolled and written it
        self._file: BinaryIO | None = None
        self._next = rolling.next_after(time.time())
        self._torn = b""  # what ends a line of which the disk took a part
        self._next_complaint = 0.0
        if fresh and _length(path):
            self._rename(time.time())

    def write(self, line: str) -> None:
        """Add a line; a disk that is full costs the line and a complaint a minute, nothing else."""
        now = time.time()
        data = (line + "\n").encode("utf-8", "backslashreplace")
        try:
            file = self._locked(now)
            if self._due(now, len(data), file):
                self._roll(now)
                file = self._locked(now)
            if not os.fstat(file.fileno()).st_size:
                file.write(self._header().encode())
            data = self._torn + data
            if (written := file.write(data)) < len(data):
                self._torn = b"\n" if written else self._torn
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            self._torn = b""
            fcntl.flock(file, fcntl.LOCK_UN)
        except OSError as cause:
            self._complain(cause, now)

    def apply(self, rolling: Rolling, header: Callable[[], str]) -> None:
        """Go on under other rules."""
        self._header = header
        if rolling != self.rolling:
            self.rolling = rolling
            self._next = rolling.next_after(time.time())

    def close(self) -> None:
        """Close it; a later line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._unseen = True

    def _locked(self, now: float) -> BinaryIO:
        before, self._file = self._file, None
        self._file = locked(self.path, before)
        if self._file is not before:
            about = os.fstat(self._file.fileno())
            # What is new to this process is due by its last line; else it was just rolled, by this process or another.
            self._next = self.rolling.next_after(about.st_mtime if self._unseen and about.st_size else now)
            self._unseen = False
        return self._file

    def _due(self, now: float, coming: int, file: BinaryIO) -> bool:
        size = os.fstat(file.fileno()).st_size
        return now >= self._next or bool(self.rolling.size and size and size + coming > self.rolling.size)

    def _roll(self, now: float) -> None:
        stamp = self._next if now >= self._next else now
        self._next = self.rolling.next_after(now)
        if _length(self.path):
            self._rename(stamp)
        self.close()
        self._unseen = False

    def _rename(self, when: float) -> None:
        try:
            if self.rolling.files == 1:
                self.path.unlink()
                return
            stamp = time.strftime("%y.%m.%d_%H.%M.%S", time.localtime(when))
            first = ".0" if self.rolling.numbered else ""
            endings = chain((first,), (f".{number}" for number in count(1)))
            names = (self.path.with_stem(f"{self.path.stem}_{stamp}{ending}") for ending in endings)
            self.path.rename(next(name for name in names if not name.exists()))
            self._remove_oldest()
        except OSError as cause:
            self._complain(cause, when)

    def _remove_oldest(self) -> None:
        if not self.rolling.files:
            return
        form = re.compile(re.escape(self.path.stem) + _STAMP + re.escape(self.path.suffix))
        rolled = sorted((path for path in self.path.parent.iterdir() if form.fullmatch(path.name)), key=_natural)
        for path in rolled[: max(0, len(rolled) - (self.rolling.files - 1))]:
            path.unlink()

    def _complain(self, cause: OSError, now: float) -> None:
        if now >= self._next_complaint:
            self._next_complaint = now + _SILENCE
            self._tell(cause)
        self.close()

    def _print(self, cause: OSError) -> None:
        if sys.__stderr__ is not None:
            print(f"{self.path} cannot be written: {cause}", file=sys.__stderr__, flush=True)


def _length(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _natural(path: Path) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", path.name)]
