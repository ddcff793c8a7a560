"""A worker process, by what it does and leaves undone."""

import os
import signal
import urllib.request

import pytest

from tests.cli.home import home, until
from tests.server.test_crew import Several, several

__all__ = ["home", "several"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_for_the_leading_process(several: Several, number: signal.Signals) -> None:
    """A terminal sends them to all processes; a worker waits for the word of the leading one."""
    worker = several.workers()[0]
    os.kill(worker, number)
    assert worker in several.answering()
    assert several.process.poll() is None


def test_workers_do_not_outlive_the_leading_process(several: Several) -> None:
    """However that ended; the port is free and the next start works."""
    workers = several.workers()
    several.process.kill()
    several.process.wait()
    until(lambda: not any(os.path.exists(f"/proc/{worker}") for worker in workers))
    several.home.run("s1")
    assert urllib.request.urlopen(several.url()).status == 200


def test_what_all_processes_say_is_written_once(several: Several) -> None:
    """Start and reload; what an application prints is written for each."""
    several.edit(count=3, root="/other")
    until(lambda: "CWWKG0017I" in several.home.log("s1"))
    log = several.home.log("s1")
    for number in ("CWWKF0011I", "CWWKO0219I", "CWWKG0016I", "CWWKG0017I"):
        assert log.count(number) == 1, number
    assert log.count("loaded by") == 6
