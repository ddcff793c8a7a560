"""Includes: locations, words, and what is missing."""

import os
from pathlib import Path

import pytest

from tests.config.vocabulary import read, shown, told, write
from zconnect.config.include import documents_in
from zconnect.config.kernel import VariableElement
from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError


def loaded(folder: Path, include: str, **environment: str) -> list[str]:
    """The problems and elements of a server that has variables and one include."""
    write(folder, {"server.xml": f'<server><variable name="v" value="sub"/>{include}</server>'})
    try:
        result = read(folder, environment=environment)
    except ConfigurationError as refusal:
        return list(told(refusal.problems))
    written = [each for each in result.configuration.all(Element) if each.where.document and not isinstance(each, VariableElement)]
    return [*told(result.problems), *shown(written)]


FOUND = [
    '<include location="sub/a.xml"/>',
    '<include location="  sub/a.xml "/>',
    '<include location="sub\\a.xml"/>',
    '<include location="./x/../sub//a.xml"/>',
    '<include location="${v}/a.xml"/>',
    '<include location="${server.config.dir}/sub/a.xml"/>',
    '<include location="${DIR}/a.xml"/>',
    '<include location="s${env.REST}/a.xml"/>',
    '<include location="@/sub/a.xml"/>',
    '<include location="file:@/sub/a.xml"/>',
    '<include location="sub/"/>',
    '<include location="sub/a.xml" optional="TRUE" onConflict="merge"/>',
]


@pytest.mark.parametrize("include", FOUND)
def test_locations_are_followed(tmp_path: Path, include: str) -> None:
    """Relative, absolute, with variables in front, with what is known before in the middle, folders."""
    write(tmp_path / "s", {"sub/a.xml": '<server><e x="1"/></server>'})

    assert loaded(tmp_path / "s", include.replace("@", str(tmp_path / "s")), DIR="sub", REST="ub") == ["e x=1"]


LOST = [
    ('<include location="nope.xml"/>', "CWWKG0090E"),
    ('<include location="s${REST}/a.xml"/>', "CWWKG0090E"),
    ('<include location="x-${v}.xml"/>', "CWWKG0090E"),
    ('<include location="${nope}/a.xml"/>', "CWWKG0090E"),
    ('<include location=""/>', "CWWKG0090E"),
    ('<include location="nope/"/>', "CWWKG0090E"),
    ('<include location="ftp://h/a.xml"/>', "CWWKG0090E"),
    ('<include location="http://127.0.0.1:1/a.xml"/>', "CWWKG0090E"),
    ('<include location="pipe"/>', "CWWKG0090E"),
    ('<include location="pipe" optional="true"/>', "CWWKG0090E"),
    ('<include location="loop" optional="true"/>', "CWWKG0090E"),
    ('<include location="sub" optional="true"/>', "ZCON0107E"),
    ('<include xmlns:x="u" x:location="sub/a.xml"/>', "CWWKG0089E"),
]


@pytest.mark.parametrize(("include", "number"), LOST)
def test_a_lost_include_stops_the_start(tmp_path: Path, include: str, number: str) -> None:
    """What is missing is not left out; what is there and cannot be read is not missing, even where it may be."""
    write(tmp_path / "s", {"sub/a.xml": '<server><e x="1"/></server>'})
    os.mkfifo(tmp_path / "s" / "pipe")
    (tmp_path / "s" / "loop").symlink_to("loop")

    assert [line.split()[1] for line in loaded(tmp_path / "s", include, REST="ub") if "stops" in line] == [number]


@pytest.mark.parametrize("location", ["nope.xml", "nope/", "sub/a.xml/b.xml", "http://127.0.0.1:1/a.xml"])
def test_an_optional_include_may_be_missing(tmp_path: Path, location: str) -> None:
    """Without a word, as in Liberty."""
    write(tmp_path / "s", {"sub/a.xml": "<server/>"})

    assert loaded(tmp_path / "s", f'<include location="{location}" optional="true"/>') == []


def test_odd_words_are_told(tmp_path: Path) -> None:
    """And mean false and MERGE."""
    write(tmp_path / "s", {"sub/a.xml": "<server/>"})

    lines = loaded(tmp_path / "s", '<include location="sub/a.xml" optional="yes" onConflict=" REPLACE "/>')
    assert [line.split()[1] for line in lines] == ["ZCON0110W", "CWWKG0094W"]


def test_leftovers_of_editors_are_no_documents(tmp_path: Path) -> None:
    """In a folder whose documents are all read: copies, swap files, and the lock of Emacs, a link that leads nowhere."""
    leftovers = ("b.xml~", ".b.xml.swp", "4913", "#b.xml#", "b.xml.bak", ".b.xml.x1y2z3")
    write(tmp_path, {"b.xml": "", **dict.fromkeys(leftovers, "<server>")})
    (tmp_path / ".#b.xml").symlink_to("somebody@somewhere.1")

    assert documents_in(tmp_path) == [tmp_path / "b.xml"]
