"""The coarse clock and its sweep."""

import time
from email.utils import parsedate_to_datetime

from zconnect.server.clock import Clock


class Timed:
    """Something with a deadline."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expiries = 0

    def expired(self) -> None:
        self.expiries += 1


def test_only_what_is_overdue_is_ended() -> None:
    """A tick looks at each deadline once."""
    clock = Clock()
    late, early, forgotten = Timed(clock.now - 1), Timed(clock.now + 1000), Timed(clock.now - 1)
    for timed in (late, early, forgotten):
        clock.watch(timed)
    clock.forget(forgotten)
    clock.tick()
    assert (late.expiries, early.expiries, forgotten.expiries) == (1, 0, 0)


def test_the_date_is_a_whole_line() -> None:
    """RFC 9110 section 6.6.1."""
    line = Clock().date
    assert line.startswith(b"date: ")
    assert line.endswith(b" GMT\r\n")
    assert abs(parsedate_to_datetime(line[6:-2].decode()).timestamp() - time.time()) < 60
