"""Bytes to trees: places, and everything that is refused."""

import os
from pathlib import Path

import pytest

from zconnect.config import source
from zconnect.config.source import parse, read_bytes
from zconnect.errors import ConfigurationError


def test_every_element_knows_its_place() -> None:
    """Line and column are those of the start of the tag, also where the tag goes on for lines."""
    root = parse(b'<server>\n  <e\n    x="1"\n  /><f/>\n</server>', "server.xml")

    assert [str(child.where) for child in root.children] == ["server.xml:2:3", "server.xml:4:5"]


def test_names_lose_their_prefixes_and_attributes_keep_their_namespaces() -> None:
    """Only local names count; what must be without a prefix can be told."""
    root = parse(b'<s:server xmlns:s="urn:s" xmlns:x="urn:x"><s:e x:id="i" location="l"/></s:server>', "server.xml")

    assert root.name == "server"
    assert root.children[0].values() == {"id": "i", "location": "l"}
    assert root.children[0].get("id") is None
    assert root.children[0].get("location") == "l"


def test_text_is_joined_over_cdata_comments_and_instructions() -> None:
    """A value may be written in pieces."""
    root = parse(b"<server><f>a<![CDATA[<b>]]><!-- c --><?d e?>f</f></server>", "server.xml")

    assert root.children[0].text == "a<b>f"


REFUSED = {
    "unclosed": (b"<server>", "CWWKG0014E"),
    "empty": (b"", "CWWKG0014E"),
    "two roots": (b"<server/><server/>", "CWWKG0014E"),
    "garbage behind": (b"<server/>x", "CWWKG0014E"),
    "NUL": (b"<server>\0</server>", "CWWKG0014E"),
    "control character": (b'<server a="&#1;"/>', "CWWKG0014E"),
    "undeclared prefix": (b"<x:server/>", "CWWKG0014E"),
    "undefined entity": (b"<server>&nope;</server>", "CWWKG0014E"),
    "attribute twice": (b'<server a="1" a="2"/>', "CWWKG0014E"),
    "bad UTF-8": (b"<server>\xff</server>", "CWWKG0014E"),
    "UTF-16 called UTF-8": ('<?xml version="1.0" encoding="UTF-8"?><server/>'.encode("utf-16"), "CWWKG0014E"),
    "half a UTF-16": ("<server/>".encode("utf-16")[:-1], "CWWKG0014E"),
    "UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-server/+AD4-', "ZCON0103E"),
    "UTF-7 in capitals and quotes": (b"<?xml version='1.0' encoding='utf-7'?><server/>", "ZCON0103E"),
    "UTF-16 without a mark, called UTF-8": ('<?xml version="1.0" encoding="UTF-8"?><server/>'.encode("utf-16-le"), "CWWKG0014E"),
    "a mark of UTF-8 and a declaration of UTF-16": (b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-16"?><server/>', "CWWKG0014E"),
    "a mark of UTF-16 and a declaration of Latin 1": (
        '<?xml version="1.0" encoding="ISO-8859-1"?><server/>'.encode("utf-16"),
        "CWWKG0014E",
    ),
    "UTF-32": ("<server/>".encode("utf-32"), "CWWKG0014E"),
    "half a surrogate": ("<server/>".encode("utf-16")[:-2] + b"\x00\xd8>\x00", "CWWKG0014E"),
    "surrogates in UTF-8": (b"<server>\xed\xa0\x80</server>", "CWWKG0014E"),
    "overlong UTF-8": (b"<server>\xc0\xbc</server>", "CWWKG0014E"),
    "a character that is none": (b"<server>&#xFFFF;</server>", "CWWKG0014E"),
    "NUL by number": (b"<server>&#0;</server>", "CWWKG0014E"),
    "NUL in an attribute": (b'<server a="\0"/>', "CWWKG0014E"),
    "NUL behind": (b"<server/>\0", "CWWKG0014E"),
    "XML 1.1": (b'<?xml version="1.1"?><server/>', "CWWKG0014E"),
    "a declaration behind a blank": (b' <?xml version="1.0"?><server/>', "CWWKG0014E"),
    "a namespace of the parser's separator": (b'<server xmlns:x="a}b" x:id="1" x:id="2"/>', "CWWKG0014E"),
    "parameter entities": (b'<!DOCTYPE s [<!ENTITY % p SYSTEM "http://localhost:1/"> %p;]><server/>', "ZCON0101E"),
    "a document type in pieces": (b"<!DOCTYPE server [<!ELEMENT server ANY>", "ZCON0101E"),
    "a declaration of attributes": (b'<!DOCTYPE server [<!ATTLIST server a CDATA "1">]><server/>', "ZCON0101E"),
    "document type": (b"<!DOCTYPE server><server/>", "ZCON0101E"),
    "billion laughs": (b'<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><server>&b;</server>', "ZCON0101E"),
    "external subset": (b'<!DOCTYPE server SYSTEM "http://localhost:1/x.dtd"><server/>', "ZCON0101E"),
    "too deep": (b"<server>" + b"<a>" * 100 + b"</a>" * 100 + b"</server>", "ZCON0102E"),
    "too many attributes": (b"<server " + b" ".join(b'a%d="1"' % at for at in range(1001)) + b"/>", "ZCON0102E"),
}


@pytest.mark.parametrize(("data", "number"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_trusted_is_refused_with_a_place(data: bytes, number: str) -> None:
    """One problem that stops, with the document and a line."""
    with pytest.raises(ConfigurationError) as refusal:
        parse(data, "server.xml")

    (problem,) = refusal.value.problems
    assert problem.told.message.number == number
    assert problem.where.document == "server.xml"
    assert problem.where.line >= 1
    assert problem.stops


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_mark(codec: str) -> None:
    """A document begins with <, so there is one reading only."""
    assert parse('<server a="é"/>'.encode(codec), "server.xml").values() == {"a": "é"}


def test_ten_thousand_elements_are_no_trouble_and_a_hundred_thousand_are_refused() -> None:
    """The number of elements is bounded."""
    many = b"<a/>" * source.MOST_ELEMENTS

    assert len(parse(b"<server>" + many[: 4 * 10_000] + b"</server>", "s").children) == 10_000
    with pytest.raises(ConfigurationError):
        parse(b"<server>" + many + b"</server>", "s")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe, a folder, a loop of links and a file without end do not hang the server."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "loop", tmp_path / "nothing", Path("/dev/zero")):
        with pytest.raises(OSError):  # noqa: PT011 - the kind differs
            read_bytes(path)


def test_files_are_bounded(tmp_path: Path) -> None:
    """At the limit it is read, one byte more and it is not."""
    (tmp_path / "f").write_bytes(b"x" * 10)

    assert len(read_bytes(tmp_path / "f", 10)) == 10
    with pytest.raises(OSError, match="larger"):
        read_bytes(tmp_path / "f", 9)
