"""Sorting and merging the elements of all documents."""

import itertools

from tests.config.vocabulary import E, Thing
from zconnect.config.gather import gather, same_ids
from zconnect.config.merge import Document, Piece, path_of, piece_of
from zconnect.config.source import parse
from zconnect.errors import Problem

LINES = itertools.count()
KINDS = {"e": E, "thing": Thing}


def piece(xml: str, document: str = "s") -> Piece:
    """An element of a root document, on a line of its own."""
    return piece_of(parse(b"\n" * next(LINES) + xml.encode(), document), Document((document,), ("MERGE",)), [])


def test_elements_are_gathered_in_the_order_of_their_first_appearance() -> None:
    """Kinds may be mixed; what is unknown is told."""
    journal: list[Problem] = []
    pieces = [
        piece('<thing id="b"/>'),
        piece('<e x="1"/>'),
        piece("<tihng/>"),
        piece('<thing id="a"/>'),
        piece('<e y="2"/>'),
        piece('<thing id="b" name="n"/>'),
    ]

    gathered = gather(pieces, KINDS, journal)

    assert gathered.order == [(Thing, "b"), (E, ""), (Thing, "a")]
    assert gathered.ids(Thing) == ("b", "a")
    assert gathered.get(Thing, "b") is not None
    assert gathered.get(Thing, "c") is None
    assert [(each.told.message.number, each.suggestions) for each in journal] == [("ZCON0125W", ()), ("ZCON0121W", ("thing",))]


def test_an_id_twice_counts_only_within_one_document() -> None:
    """Between documents it is the way to extend an element; without a written id nobody meant to repeat it."""
    written = [piece('<thing id="a"/>', "s"), piece('<thing id="a"/>', "t"), piece('<thing id="a"/>', "s"), piece("<thing/>", "t")]
    written.append(written[0])  # of a document that is included twice, which is told elsewhere

    problems = same_ids(Thing, written, path_of("/server", "thing", "a"))
    assert [(each.where.document, each.path) for each in problems] == [("s", "/server/thing[a]")]
