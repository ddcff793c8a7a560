"""The places of attributes."""

from pathlib import Path

import pytest

from tests.config.vocabulary import read, told, write
from zconnect.config.layout import Layout
from zconnect.errors import Where

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
