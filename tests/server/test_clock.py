"""The coarse clock and its sweep."""

import time
from email.utils import parsedate_to_datetime

from zconnect.server.clock import Clock
from zconnect.server.httpoptions import FOR_EVER


class Timed:
    """Something with a deadline."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expiries = 0

    def expired(self) -> None:
        self.expiries += 1

    def abort(self) -> None:
        self.deadline = FOR_EVER


def test_only_what_is_overdue_is_ended() -> None:
    """A tick looks at each deadline once."""
    clock = Clock()
    late, early, forgotten = Timed(clock.now - 1), Timed(clock.now + 1000), Timed(clock.now - 1)
    for timed in (late, early, forgotten):
        clock.watch(timed)
    clock.forget(forgotten)
    clock.tick()
    assert (late.expiries, early.expiries, forgotten.expiries) == (1, 0, 0)


def test_who_is_nearest_to_the_deadline_goes_first() -> None:
    """Where others need what they hold; who waits for nobody stays."""
    clock = Clock()
    near, far, busy = Timed(clock.now + 1), Timed(clock.now + 9), Timed(FOR_EVER)
    for timed in (busy, far, near):
        clock.watch(timed)
    assert clock.hurry(1) == 1
    assert (near.deadline, far.deadline) == (FOR_EVER, clock.now + 9)
    assert clock.hurry(9) == 1


def test_the_date_is_a_whole_line() -> None:
    """RFC 9110 section 6.6.1."""
    line = Clock().date
    assert line.startswith(b"date: ")
    assert line.endswith(b" GMT\r\n")
    assert abs(parsedate_to_datetime(line[6:-2].decode()).timestamp() - time.time()) < 60
