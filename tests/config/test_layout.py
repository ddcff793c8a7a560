"""The places of attributes."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, told, write
from zconnect.config.layout import Layout, pointed
from zconnect.config.source import parse
from zconnect.errors import Problem, Where
from zconnect.messages import warning

TOLD = warning("ZCON9901W", "It is odd.", "Mend it.")()

DOCUMENT = """<?xml version="1.0"?>
<!-- <e a="not this"/> -->
<server>
  <e a=">" B = '"'
     c="1&#10;2"   é:d="x
y" f="ü" g=""/><e z="1"/>
</server>
"""
PLACES = {"a": (4, 6), "b": (4, 12), "c": (5, 6), "d": (5, 20), "f": (6, 4), "g": (6, 10), "z": (4, 3), "missing": (4, 3)}
ENCODED = {
    "UTF-8": DOCUMENT.encode(),
    "with a mark": DOCUMENT.encode("utf-8-sig"),
    "UTF-16": DOCUMENT.encode("utf-16"),
    "EBCDIC": DOCUMENT.replace("\n", "\x85").encode("cp037"),
    "ISO-8859-1": DOCUMENT.encode("iso-8859-1"),
    "returns": DOCUMENT.replace("\n", "\r\n").encode(),
    "old returns": DOCUMENT.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_an_attribute_has_a_place(data: bytes) -> None:
    """Line and column of its name, whatever the encoding; the element's where it has no such attribute."""
    layout = Layout(data)
    for name, (line, column) in PLACES.items():
        assert layout.attribute(Where("s", 4, 3), name) == Where("s", line, column), name


def test_a_place_outside_the_document_stays() -> None:
    """Nothing is guessed."""
    for where in (Where("s"), Where("s", 99, 1), Where("s", 1, 99)):
        assert Layout(b"<server/>").attribute(where, "a") == where


def test_problems_point_at_attributes(tmp_path: Path) -> None:
    """The line that has to be corrected, and in the order of the lines; one that is missing is missed at its element."""
    write(tmp_path, {"server.xml": "<server>\n<thing id='a'\n  wait='x'\n  number='x'\n/>\n<needy\n size='1'/></server>"})
    assert list(told(read(tmp_path).problems)) == [
        "! CWWKG0075E server.xml:3:3 /server/thing[a]/@wait",
        "! CWWKG0083W server.xml:4:3 /server/thing[a]/@number",
        "! CWWKG0058E server.xml:6:1 /server/needy[default-0]/@name",
    ]


def found(text: str, name: str, encoding: str = "utf-8") -> str:
    """The place of an attribute of the first child, by that of its start tag as the parser has it."""
    data = text.encode(encoding)
    where = parse(data, "d").children[0].where
    return str(Layout(data).attribute(where, name)).removeprefix("d:")


TAGS = [
    # document, attribute, line:column
    ("<server><e x='1' y='2'/></server>", "y", "1:18"),
    ("<server>\n  <e\n    x='1'\n\ty = '2'>t</e></server>", "y", "4:2"),
    ("<server>\r\n<e\r\n x='1'\r\n  y='2'/>\r\n</server>", "y", "4:3"),
    ("<server>\r<e\r y='2'/></server>", "y", "3:2"),
    ("<server><e x=\" y='3' > \" y='2'/></server>", "y", "1:26"),
    ("<server><e x='a\nb\nc' y='2'/></server>", "y", "3:4"),
    ("<server><!-- <e y='1'/> -->\n<e Y='2'/></server>", "y", "2:4"),
    ("<server><e y='1' Y='2'/></server>", "y", "1:18"),
    ("<server xmlns:p='u'><e p:y='2'/></server>", "y", "1:24"),
    ("<server>ä€😀<e x='😀' y='2'/></server>", "y", "1:21"),
    ("\ufeff<server><e y='2'/></server>", "y", "1:12"),
    ("<server><e x='1'/><e y='2'/></server>", "y", "1:9"),
    ("<server>\n<e>\n<y/></e></server>", "y", "2:1"),
]


@pytest.mark.parametrize(("text", "name", "place"), TAGS)
def test_an_attribute_has_a_place_of_its_own(text: str, name: str, place: str) -> None:
    """Also in a tag of several lines; one that is not in this tag has the place of the tag."""
    assert found(text, name) == place


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-15", "windows-1252", "cp037"])
def test_columns_are_characters_in_every_encoding(encoding: str) -> None:
    """They count what an editor shows."""
    declared = {"utf-16-le": "utf-16", "utf-16-be": "utf-16", "cp037": "ibm-037"}.get(encoding, encoding)
    text = f"<?xml version='1.0' encoding='{declared}'?>\n<server>ä<e\n x='ö' y='2'/></server>"

    assert found(text, "y", encoding) == "3:8"


def test_all_places_of_a_problem_point_at_the_attribute() -> None:
    """And so do the other places of a conflict; what has no attribute or no such document stays."""
    documents = {"a": Layout(b"<server><e id='1' x='2'/></server>"), "b": Layout(b"<server>\n<e x='3'/></server>")}
    problem = Problem(TOLD, Where("a", 1, 9), "/server/e[1]/@x", also=(Where("b", 2, 1), Where("c", 1, 1), Where("a")))
    moved = pointed(problem, documents)

    assert [str(where) for where in (moved.where, *moved.also)] == ["a:1:19", "b:2:4", "c:1:1", "a"]
    for path in ("/server/e[1]", "/server/e[/@x]", ""):
        assert pointed(Problem(TOLD, Where("a", 1, 9), path), documents).where == Where("a", 1, 9)
