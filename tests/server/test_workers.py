"""How many processes answer requests."""

import os

import pytest

from tests.cli.home import Home, home
from zconnect.server.workers import Workers

__all__ = ["home"]


def test_one_by_default() -> None:
    """Nothing changes for a server that does not ask for more."""
    assert Workers().number == 1


@pytest.mark.parametrize(
    ("count", "number"), [("1", 1), ("3", 3), ("auto", len(os.sched_getaffinity(0))), ("AUTO", len(os.sched_getaffinity(0)))]
)
def test_a_number_or_one_for_each_processor(count: str, number: int) -> None:
    """Those that the server may use."""
    assert Workers(count=count).number == number


@pytest.mark.parametrize("count", ["0", "-1", "257", "many", "", "²"])
def test_what_is_no_count_is_told(home: Home, count: str) -> None:
    """With the place; the server then has one."""
    home.write("s1", f'<server>\n<zconnect_workers count="{count}"/>\n</server>')
    done = home.server("validate", "s1")
    assert done.code != 0
    assert "server.xml:2" in done.out + done.err
    assert "neither auto nor a number from 1 to 256" in done.out + done.err
