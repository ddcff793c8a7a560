"""Standard output as records."""

import io
import logging
import sys
import threading

import pytest

from zconnect.server.captured import Captured


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


CASES = [
    # what is printed, the records (recorded: one record a call, an empty one gives none)
    (["plain"], ["plain"]),
    (["one\ntwo"], ["one\ntwo"]),
    ([""], []),
    (["a", "", "b"], ["a", "b"]),
    (["100 %s"], ["100 %s"]),
]


@pytest.mark.parametrize(("printed", "records"), CASES)
def test_one_call_is_one_record(printed: list[str], records: list[str]) -> None:
    """Line ends inside stay inside."""
    kept = Kept()
    stream = Captured(kept, "SystemOut", sys.stdout)
    for text in printed:
        print(text, file=stream)
    assert kept.lines == records


def test_a_line_without_end_does_not_grow_for_ever() -> None:
    """It is cut into records."""
    kept = Kept()
    stream = Captured(kept, "SystemOut", io.StringIO())
    for _ in range(100):
        stream.write("x" * 1000)
    assert sum(map(len, kept.lines)) > 90_000


def test_threads_do_not_end_each_others_lines() -> None:
    """Each has its own unfinished line."""
    kept = Kept()
    stream = Captured(kept, "SystemOut", io.StringIO())
    stream.write("mine ")
    other = threading.Thread(target=lambda: stream.write("other\n"))
    other.start()
    other.join()
    stream.write("own\n")
    assert kept.lines == ["other", "mine own"]
