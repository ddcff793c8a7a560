"""Configurations made to hang the server, to fill its memory, or to make it read what it was not told to read."""

import os
import socket
import time
from collections.abc import Callable
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


UNREADABLE = {
    "a pipe": lambda path: os.mkfifo(path),
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a loop of links": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a file without end": lambda path: path.symlink_to("/proc/kmsg"),
}


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("where", ["x.xml", "d/x.xml", "configDropins/defaults/x.xml", "server.xml"])
def test_what_is_no_document_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], where: str) -> None:
    """Alone, in a folder that is included, as a drop-in or as the whole: the start stops, and nothing waits for it."""
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    write(
        tmp_path,
        {
            "server.xml": '<server><include location="d/"/><include location="x.xml"/></server>',
            "x.xml": "<server/>",
            "d/a.xml": "<server/>",
        },
    )
    path = tmp_path / where
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path.relative_to(tmp_path) if where == "x.xml" else path)

    # What the kernel had to say at this moment is no XML.
    assert numbers(read_in_time(tmp_path)) <= {"CWWKG0090E", "ZCON0114E", "ZCON0106E", "CWWKG0014E"}
    with pytest.raises(ConfigurationError):
        read(tmp_path)


def test_links_in_circles_end(tmp_path: Path) -> None:
    """Folders that hold themselves by a link, and documents of two names that include each other."""
    write(
        tmp_path,
        {
            "server.xml": '<server><include location="d/"/><include location="up/d/"/></server>',
            "d/a.xml": '<server><include location="../up/d/b.xml"/></server>',
        },
    )
    (tmp_path / "up").symlink_to(".")
    (tmp_path / "d" / "b.xml").symlink_to("a.xml")
    (tmp_path / "d" / "c.xml").symlink_to("../server.xml")

    assert numbers(read_in_time(tmp_path)) & {"ZCON0109E", "CWWKG0042W", "CWWKG0090E"}


SECRET = "kept-in-another-file"
POINTERS = {
    "XInclude": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>',
    "XInclude in an element": '<e><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/></e>',
    "a style sheet": '<?xml-stylesheet type="text/xsl" href="secret.txt"?>',
    "a schema": '<e xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="u @/pipe"/>',
    "a base": '<e xml:base="@/secret.txt"/>',
    "an include without a name": '<include href="secret.txt"/>',
    "an include that is none": '<Include location="secret.txt"/>',
    "an include within an element": '<e><include location="pipe"/></e>',
}


@pytest.mark.parametrize("body", POINTERS.values(), ids=POINTERS)
def test_nothing_else_names_a_file(tmp_path: Path, body: str) -> None:
    """What looks like a name of a file is one for nobody."""
    write(tmp_path, {"secret.txt": SECRET, "server.xml": f"<server>{body.replace('@', str(tmp_path))}</server>"})
    os.mkfifo(tmp_path / "pipe")
    journal: list[Problem] = []
    read_in_time(tmp_path, journal)

    assert SECRET not in "".join(map(str, journal))
    assert all(each.told.message.number != "CWWKG0028A" for each in journal)


HUGE = {
    "an attribute": f'<e x="{"x" * 8_000_000}"/>',
    "a list": f'<thing audiences="{"x," * 4_000_000}"/>',
    "a name of an attribute": f'<e {"x" * 8_000_000}=""/>',
    "a name of an element": f"<{'x' * 8_000_000}/>",
    "a text": f"<e><l>{'x' * 8_000_000}</l></e>",
    "a text beside": "x" * 8_000_000 + "<e/>",
    "a location": f'<include location="{"a/../" * 1_600_000}"/>',
    "a variable": f'<variable name="v" value="{"x" * 8_000_000}"/>',
    "too many in all": "<e/>" * 100_001,
    "too many bytes": " " * 8_388_608,
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE)
def test_what_is_huge_is_refused(tmp_path: Path, body: str) -> None:
    """And nothing is made of it."""
    write(tmp_path, {"server.xml": f"<server>{body}</server>"})

    (problem,) = read_in_time(tmp_path)
    assert problem.told.message.number in {"ZCON0102E", "ZCON0106E"}
    assert problem.stops


def test_white_space_and_comments_may_be_huge(tmp_path: Path) -> None:
    """They mean nothing."""
    write(tmp_path, {"server.xml": f"<server><!--{'x' * 1_000_000}-->{' ' * 1_000_000}<e x='1'/></server>"})

    assert read_in_time(tmp_path) == ()


def test_values_that_double_at_each_level_end(tmp_path: Path) -> None:
    """Though none of them is ever long: among values, defaults, attributes of one element and expressions."""
    pairs = [(f"{letter}{at}", f"${{@a{at + 1}}}${{@b{at + 1}}}") for at in range(60) for letter in "ab"]
    body = "".join(f'<variable name="v{name}" value="{text.replace("@", "v")}"/>' for name, text in pairs)
    body += "".join(f'<variable name="d{name}" defaultValue="{text.replace("@", "d")}"/>' for name, text in pairs)
    body += "".join(
        f'<variable name="{name}" {kind}=""/>' for name, kind in (("va60", "value"), ("vb60", "value"), ("da60", "defaultValue"))
    )
    body += (
        '<e x="${va0}" y="${da0}"/><thing name="${na0}" ' + " ".join(f'n{name}="{text.replace("@", "n")}"' for name, text in pairs) + "/>"
    )
    write(tmp_path, {"server.xml": f"<server>{body}</server>"})

    assert "CWWKG0083W" in numbers(read_in_time(tmp_path))
