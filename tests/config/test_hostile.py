"""Configurations made to hang the server, to fill its memory, or to make it read what it was not told to read."""

import time
from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.config.journal import MOST
from zconnect.errors import ConfigurationError, Problem

SECONDS = 20  # of the processor; ten times what the slowest takes


def read_in_time(folder: Path, journal: list[Problem] | None = None) -> tuple[Problem, ...]:
    """The problems of a server, found in a bounded time."""
    begun = time.process_time()
    try:
        return read(folder, journal=journal).problems
    except ConfigurationError as refusal:
        return refusal.problems
    finally:
        assert time.process_time() - begun < SECONDS


def numbers(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.told.message.number for problem in problems}


FLOODS = {
    "misspelt elements": "".join(f"<tihng{at}/>" for at in range(15_000)),
    "misspelt attributes": "".join(f'<thing id="{at}" nmae{at}="x"/>' for at in range(15_000)),
    "attributes of one element": "".join("<thing " + " ".join(f'a{each}x{at}="1"' for each in range(900)) + "/>" for at in range(20)),
    "unknown ids": "".join(f'<thing id="{at}" optionsRef="optoin{at}"/><options id="option{at}"/>' for at in range(15_000)),
    "unknown variables": "".join(f'<thing id="{at}" name="${{nmae{at}}}"/><variable name="name{at}" value=""/>' for at in range(15_000)),
    "bad values": "".join(f'<thing id="{at}" number="x"/>' for at in range(15_000)),
}


@pytest.mark.parametrize("body", FLOODS.values(), ids=FLOODS)
def test_floods_of_mistakes_end(tmp_path: Path, body: str) -> None:
    """In seconds, and the caller's journal has all that the refusal has."""
    write(tmp_path, {"server.xml": f"<server>{body}</server>"})
    journal: list[Problem] = []
    problems = read_in_time(tmp_path, journal)

    assert problems[-1].told.message.number == "ZCON0139E"
    assert len(problems) == MOST + 1
    assert len(journal) == MOST


HEAPS = {
    "one singleton": '<e x="1"><l>1</l></e>' * 10_000,
    "one id": '<thing id="a" name="b"/>' * 9_000,
    "one child": '<thing id="a">' + '<item id="i" name="n"/>' * 9_000 + "</thing>",
    "one variable": '<variable name="v" value="1"/>' * 50_000,
    "circles of references": "".join(f'<options id="{at}" nextRef="{(at + 1) % 3000}"/>' for at in range(3000)),
    "variables in variables": "".join(f'<variable name="v{at}" value="${{v{at + 1}}}"/>' for at in range(2000)),
    "text": "x<!-- -->" * 100_000,
}


@pytest.mark.parametrize("body", HEAPS.values(), ids=HEAPS)
def test_what_comes_ten_thousand_times_takes_seconds(tmp_path: Path, body: str) -> None:
    """Whatever comes of it."""
    write(tmp_path, {"server.xml": f"<server>{body}</server>"})
    read_in_time(tmp_path)
