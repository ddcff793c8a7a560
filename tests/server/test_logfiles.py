"""A log file that rolls."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zconnect.server.logfiles import LogFile, Rolling


def rolled(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "messages.log")


def test_it_rolls_before_it_is_too_large(tmp_path: Path) -> None:
    """Each file begins with the header; the oldest go; the live one counts."""
    log = LogFile(tmp_path / "messages.log", Rolling(size=100, files=3), lambda: "HEADER\n")
    for number in range(20):
        log.write(f"line {number:02} {'x' * 30}")
    log.close()
    assert len(rolled(tmp_path)) == 2
    assert all(path.read_text().startswith("HEADER\n") and path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert "line 19" in (tmp_path / "messages.log").read_text()


def test_names_count_within_a_second(tmp_path: Path) -> None:
    """messages_yy.MM.dd_HH.mm.ss.N.log"""
    log = LogFile(tmp_path / "messages.log", Rolling(size=10, files=0))
    for _ in range(4):
        log.write("x" * 9)
    log.close()
    names = rolled(tmp_path)
    assert len(names) == 3
    assert all(
        name.startswith("messages_") and name.endswith(f".{number}.log") for number, name in enumerate(names) if names[0][:26] == name[:26]
    )


@pytest.mark.parametrize(("files", "left"), [(1, 0), (2, 1), (0, 3)])
def test_how_many_stay(tmp_path: Path, files: int, left: int) -> None:
    """1: the live one is removed instead of renamed; 0: all stay."""
    log = LogFile(tmp_path / "messages.log", Rolling(size=10, files=files))
    for _ in range(4):
        log.write("x" * 9)
    log.close()
    assert len(rolled(tmp_path)) == left


@pytest.mark.parametrize(("text", "fresh", "left"), [("old\n", True, 1), ("old\n", False, 0), ("", True, 0)])
def test_a_new_run_begins_a_new_file(tmp_path: Path, text: str, fresh: bool, left: int) -> None:
    """Unless it is told not to, or there is nothing in the old one."""
    (tmp_path / "messages.log").write_text(text)
    LogFile(tmp_path / "messages.log", Rolling(files=2), fresh=fresh).close()
    assert len(rolled(tmp_path)) == left


def test_a_file_of_another_kind_is_not_removed(tmp_path: Path) -> None:
    """Only names of this log's own form are counted."""
    (tmp_path / "messages_of_mine.log").write_text("x")
    log = LogFile(tmp_path / "messages.log", Rolling(size=10, files=2))
    for _ in range(4):
        log.write("x" * 9)
    log.close()
    assert (tmp_path / "messages_of_mine.log").exists()


def test_a_disk_that_is_full_costs_a_line_and_one_complaint(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever logs goes on (/dev/full)."""
    log = LogFile(Path("/dev/full"), Rolling(), fresh=False)
    for _ in range(3):
        log.write("x")
    log.close()
    assert capfd.readouterr().err.count("cannot be written") == 1


def test_a_folder_that_comes_back_is_used_again(tmp_path: Path) -> None:
    """A log that could not be opened is tried again with the next line."""
    folder = tmp_path / "logs"
    folder.write_text("in the way")
    log = LogFile(folder / "messages.log", Rolling(), fresh=False)
    log.write("lost")
    folder.unlink()
    log.write("kept")
    log.close()
    assert (folder / "messages.log").read_text() == "kept\n"


TIMES = [
    # first of the day, interval, the time in seconds of that day, the next roll
    (0, 3600, 100, 3600),
    (0, 3600, 3600, 7200),
    (1800, 3600, 100, 1800),
    (0, 86400, 100, 86400),
]


@pytest.mark.parametrize(("first", "interval", "now", "expected"), TIMES)
def test_when_it_rolls_by_time(first: int, interval: int, now: int, expected: int) -> None:
    """At the first time of the day and then at every interval."""
    midnight = time.mktime((2026, 11, 22, 0, 0, 0, 0, 0, -1))
    assert Rolling(first=first, interval=interval).next_after(midnight + now) == midnight + expected


def test_it_rolls_by_time(tmp_path: Path) -> None:
    """With the next line after the time has come."""
    log = LogFile(tmp_path / "messages.log", Rolling(interval=1, files=0))
    log.write("before")
    time.sleep(1.1)
    log.write("after")
    log.close()
    assert len(rolled(tmp_path)) == 1
    assert (tmp_path / "messages.log").read_text() == "after\n"


def test_what_has_not_been_written_since_its_time_is_rolled_by_the_next_line(tmp_path: Path) -> None:
    """Also where another run has written it; the name says which time it was."""
    path = tmp_path / "messages.log"
    for days, left in ((0, []), (1, [time.strftime("messages_%y.%m.%d_00.00.00.log")])):
        path.write_text("old\n")
        os.utime(path, (time.time() - days * 24 * 3600,) * 2)
        log = LogFile(path, Rolling(interval=24 * 3600, numbered=False), fresh=False)
        log.write("new")
        log.close()
        assert rolled(tmp_path) == left
    assert path.read_text() == "new\n"


def test_whoever_finds_it_due_rolls_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that have it open, and one that opens it later."""
    began, ahead = time.time(), [0.0]
    monkeypatch.setattr(time, "time", lambda: began + ahead[0])
    one, other, late = [LogFile(tmp_path / "messages.log", Rolling(interval=24 * 3600), fresh=False) for _ in range(3)]
    for days in range(3):
        ahead[0] = days * 24 * 3600
        for log in (one, other):
            log.write(f"day {days}")
        os.utime(tmp_path / "messages.log", (time.time(),) * 2)
    late.write("day 2")
    for log in (one, other, late):
        log.close()
    assert [(tmp_path / name).read_text() for name in rolled(tmp_path)] == ["day 0\nday 0\n", "day 1\nday 1\n"]
    assert (tmp_path / "messages.log").read_text() == "day 2\n" * 3


FULL_AND_FREE = """
import resource, sys
from pathlib import Path
from zconnect.server.logfiles import LogFile, Rolling
log = LogFile(Path(sys.argv[1]), Rolling(), fresh=False)
for full in (False, True, False, True, True, False):
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.path.stat().st_size + 5 if full else 1 << 20, -1))
    log.write("a line of the log")
"""


def test_a_disk_that_is_full_now_and_then_tears_no_line(tmp_path: Path) -> None:
    """What was cut off ends where it is, and there is one complaint for all of the minute."""
    path = tmp_path / "x.log"
    path.touch()
    done = subprocess.run([sys.executable, "-c", FULL_AND_FREE, str(path)], capture_output=True, text=True, check=True)

    assert path.read_text().splitlines() == ["a line of the log", "a lin", "a line of the log", "a lin", "a li", "a line of the log"]
    assert done.stderr.count("cannot be written") == 1
