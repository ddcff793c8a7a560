"""A long run: reload after reload while requests come in, and neither memory nor files grow.

It takes a minute; SOAK_SECONDS=600 makes it ten, with more than a thousand reloads.
"""

import os
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.home import home
from tests.test_edits import Served, served

__all__ = ["home", "served"]

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
WARM = 0.25  # of the time, after which nothing may grow
GROWTH = 1.05


class Held(NamedTuple):
    """What a process holds: resident megabytes, open files."""

    megabytes: float
    files: int


def held(pid: int) -> Held:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Held(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir(f"/proc/{pid}/fd")))


def smallest(found: list[Held]) -> Held:
    """Between two requests, and with nothing that waits to be collected."""
    return Held(*map(min, zip(*found, strict=True)))


@pytest.mark.interop
def test_a_long_run(served: Served) -> None:
    """Every answer is the one of a configuration that was in force (`Served` looks at each)."""
    pid = served.home.running[0].pid
    begun, found = time.monotonic(), list[tuple[float, Held]]()
    for edit in count(1):
        served.good("variables/mark", mark=f"m{edit}")
        gone = (time.monotonic() - begun) / SECONDS
        found.append((gone, held(pid)))
        if gone > 1:
            break

    early, late = ([each for at, each in found if from_ < at <= to] for from_, to in ((WARM, 2 * WARM), (1 - WARM, 2)))
    print(f"\n{edit} reloads, {sum(served.answered)} answers in {SECONDS:.0f} s: {smallest(early)} early, {smallest(late)} late")
    assert served.wrong == []
    assert smallest(late).files <= smallest(early).files
    assert smallest(late).megabytes <= smallest(early).megabytes * GROWTH
