"""Merging: what the cases do not show."""

import pytest

from zconnect.config.merge import Behaviour, Document, Piece, Text, empty, grouped, numbered, piece_of
from zconnect.config.merge import merged as merged_into
from zconnect.config.source import parse
from zconnect.errors import Problem

ROOT = Document(("s",), ("MERGE",))


def below(name: str, behaviour: Behaviour, above: Document = ROOT) -> Document:
    """A document that another includes."""
    return Document((*above.road, name), (*above.behaviours, behaviour))


def piece(xml: str, document: Document = ROOT) -> Piece:
    """An element of a document, without a mistake."""
    journal: list[Problem] = []
    found = piece_of(parse(xml.encode(), document.uri), document, journal)
    assert journal == []
    return found


def merged(pieces: list[Piece]) -> Piece:
    """One element, without a clash."""
    journal: list[Problem] = []
    found = merged_into(pieces, journal, "/server/e")
    assert journal == []
    return found


def test_children_are_values_references_or_elements() -> None:
    """Section 3.1: text alone is a value, `ref` a reference, attributes or nothing at all an element, merge-op a value."""
    found = piece('<e><a>t</a><a> </a><a/><a ref="r" x="y"/><a merge-op="SET" x="y">m</a></e>').properties["a"]

    assert isinstance(found.value, list)
    assert [part.text if isinstance(part, Text) else part.name for part in found.value] == ["t", " ", "a", "r", "m"]
    assert found.operation == "set"


def test_one_spelling_of_a_name_is_kept() -> None:
    """Names of properties mind no case; the last value counts."""
    result = merged([piece('<e Size="1"/>'), piece('<e sIZE="2"/>', below("a", "MERGE"))])

    assert [(held.name, held.value) for held in result.properties.values()] == [("Size", "2")]


def test_pieces_are_not_changed() -> None:
    """Merging twice gives the same, so a reading can be merged again."""
    pieces = [piece("<e><l>1</l></e>"), piece("<e><l>2</l></e>", below("a", "MERGE"))]

    assert merged(pieces) == merged(pieces)
    assert len(pieces[0].properties["l"].value) == 1


def test_the_include_in_the_common_document_decides() -> None:
    """Two siblings below an ignored include yield both, whatever they say themselves."""
    outer = below("a", "IGNORE")
    pieces = [piece('<e x="s"/>'), piece('<e x="a"/>', outer), piece('<e x="b"/>', below("b", "REPLACE", outer))]

    assert merged(pieces).properties["x"].value == "s"


@pytest.mark.parametrize(
    ("behaviours", "wins", "lost"),
    [(("MERGE", "MERGE"), "c", ["b", "a"]), (("IGNORE", "MERGE"), "c", ["a", "b"]), (("MERGE", "IGNORE"), "b", ["a", "c"])],
)
def test_what_is_not_used_is_remembered(behaviours: tuple[Behaviour, Behaviour], wins: str, lost: list[str]) -> None:
    """With the place of each, whoever wins."""
    first, second = behaviours
    pieces = [piece('<e x="a"/>'), piece('<e x="b"/>', below("1", first)), piece('<e x="c"/>', below("2", second))]
    held = merged(pieces).properties["x"]

    assert (held.value, [(each.value, each.overrode) for each in held.overrode]) == (wins, [(each, ()) for each in lost])


def test_a_list_remembers_what_it_replaced() -> None:
    """Also where more is added to it afterwards."""
    pieces = [piece("<e><l>1</l></e>"), piece("<e><l>2</l></e>", below("a", "REPLACE")), piece("<e><l>3</l></e>", below("b", "MERGE"))]
    held = merged(pieces).properties["l"]

    assert [part.text for part in held.value if isinstance(part, Text)] == ["2", "3"]
    assert [[part.text for part in each.value if isinstance(part, Text)] for each in held.overrode] == [["1"]]


def test_a_text_cannot_become_a_list() -> None:
    """The clash names both places."""
    journal: list[Problem] = []
    pieces = [piece('<e x="1" y="2"/>'), piece("<e><x>2</x><y>3</y></e>", below("a", "MERGE"))]

    assert merged_into(pieces, journal, "/server/e").properties["x"].value == "1"
    assert [(each.told.message.number, each.path, each.stops) for each in journal] == [
        ("ZCON0105E", "/server/e/@x", True),
        ("ZCON0105E", "/server/e/@y", True),
    ]
    assert [(each.where.document, each.also[0].document) for each in journal] == [("a", "s")] * 2


def test_every_clash_of_an_element_is_told() -> None:
    """Its own and those of its children, each with its path."""
    journal: list[Problem] = []
    xml = '<e id="1" x="1" y="2"><x>1</x><c z="3"><z/></c><y/></e>'
    found = piece_of(parse(xml.encode(), "s"), ROOT, journal)

    assert [each.path for each in journal] == ["/server/e[1]/@x", "/server/e[1]/c/@z", "/server/e[1]/@y"]
    assert found.properties["x"].value == "1"


def test_elements_are_grouped_by_id() -> None:
    """Only those without an id count for default-0, default-1; an empty id is an id."""
    pieces = [piece("<e/>"), piece('<e id="x"/>'), piece("<e/>"), piece('<e id="default-0"/>'), piece('<e id=""/>')]

    assert {key: len(heap) for key, heap in grouped(pieces, False, None).items()} == {"default-0": 2, "x": 1, "default-1": 1, "": 1}
    assert list(grouped(pieces, True, None)) == [""]
    assert {key: len(heap) for key, heap in grouped(pieces, False, "d").items()} == {"d": 2, "x": 1, "default-0": 1, "": 1}


def test_nested_elements_are_numbered_by_position() -> None:
    """All count, also those with an id."""
    assert list(numbered([piece("<e/>"), piece('<e id="x"/>'), piece("<e/>")], None)) == ["default-0", "x", "default-2"]


def test_an_element_that_nobody_wrote_is_empty() -> None:
    """It has an id and nothing else."""
    assert (empty("e", "i").id, empty("e", "i").properties) == ("i", {})
