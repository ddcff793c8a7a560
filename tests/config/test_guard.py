"""Lists of what may stand in includes and drop-ins; what they do to documents is in cases/allow*.case."""

from pathlib import Path

import pytest

from tests.config.vocabulary import VOCABULARY, read, write
from zconnect.config.guard import LONGEST, Guard, guards_of, unknown
from zconnect.config.source import parse
from zconnect.errors import ConfigurationError, Problem


def guard(allow: str) -> Guard | None:
    """The list of an include; None where it cannot be read."""
    journal: list[Problem] = []
    found = guards_of(parse(f'<include allow="{allow}"/>'.encode(), "s"), journal)
    assert [problem.stops for problem in journal] == ([True] if found is None else [])
    return found[0] if found else None


PERMITS = [
    ("thing", "thing", None, True),
    ("thing", "THING", "Name", True),
    ("thing", "things", None, False),
    ("thing", "thin", None, False),
    ("", "thing", None, False),
    (" , ", "thing", None, False),
    ("thing()", "thing", None, True),
    ("thing()", "thing", "name", False),
    ("Thing ( Name,id )", "thing", "name", True),
    ("thing(name id),e", "thing", "number", False),
    ("thing(name)\n\te", "e", "number", True),
    ("x.y-z_1(a.b)", "x.y-z_1", "a.b", True),
    ("variable", "variable", "any", True),
    ("variable()", "variable", "any", False),
    ("variable(a,team.*)", "variable", "team.", True),
    ("variable(a,team.*)", "variable", "team", False),
    ("variable(a,team.*)", "variable", "Team.a", False),
    ("Variable(a,team.*)", "variable", "a", True),
    ("variable(team.*)", "variable", "team.*", True),
    ("variable(*)", "variable", "any", True),
]


@pytest.mark.parametrize(("allow", "element", "name", "permitted"), PERMITS)
def test_a_list_permits_what_it_names(allow: str, element: str, name: str | None, permitted: bool) -> None:
    """Elements and what they may have in any case of letters, variables exactly or by their beginning."""
    found = guard(allow)

    assert found is not None
    assert found.permits(element, name) is permitted


NO_LISTS = """
( a( a) a(b a(b)) a(b(c)) () a()b a,a(b) a,A * a* a(b*) variable(a*b) variable(**) ${a} a;b a|b /a a/@b !a
"""


@pytest.mark.parametrize("allow", [*NO_LISTS.split(), "a" * (LONGEST + 1)])
def test_a_list_that_cannot_be_read_is_none(allow: str) -> None:
    """And its problem stops the start."""
    assert guard(allow) is None


def test_both_places_are_told(tmp_path: Path) -> None:
    """Where it stands, and every list that forbids it."""
    write(
        tmp_path,
        {
            "server.xml": '<server>\n<include location="a.xml" allow="include e(x)"/></server>',
            "a.xml": '<server>\n\n<include location="b.xml" allow="thing"/></server>',
            "b.xml": '<server>\n\n\n<e y="1"/><thing/></server>',
        },
    )
    with pytest.raises(ConfigurationError) as refusal:
        read(tmp_path)

    places = [(each.told.message.number, *map(str, (each.where, *each.also))) for each in refusal.value.problems]
    assert places == [("ZCON0131E", "b.xml:4:1", "a.xml:3:1"), ("ZCON0131E", "b.xml:4:11", "server.xml:2:1")]
    assert "See also server.xml:2:1." in str(refusal.value)


def test_drop_ins_are_not_read_without_their_list(tmp_path: Path) -> None:
    """Neither where it is missing nor where server.xml cannot be read."""
    drop_in = {"configDropins/defaults/a.xml": '<server><include location="nope.xml"/></server>'}
    for document in ("<server><configDropins/></server>", "<server>"):
        with pytest.raises(ConfigurationError) as refusal:
            read(write(tmp_path, {"server.xml": document, **drop_in}))
        assert [problem.where.document for problem in refusal.value.problems] == ["server.xml"]


def test_every_declared_name_is_known() -> None:
    """Attributes, nested elements by their tags and by the reference that they stand for; others are told with what is near."""
    known = guard(
        "thing(id, name, number, filterRef, filter, options, otherRef, other, item, note) ITEM(name, colour) filter(size) variable(x)"
    )
    strange = guard("thingg item(names, size) filter(name)")
    assert known is not None
    assert strange is not None

    assert list(unknown([known], VOCABULARY)) == []
    problems = [(each.told.parameters["name"], each.suggestions) for each in unknown([strange], VOCABULARY)]
    assert problems == [("thingg", ("thing",)), ("item(names)", ("name",)), ("item(size)", ()), ("filter(name)", ())]


def test_what_is_on_the_list_is_suggested(tmp_path: Path) -> None:
    """A name that is refused may be a slip in one that is not."""
    write(
        tmp_path,
        {
            "server.xml": "<server><include location='a.xml' allow='thing(name)'/></server>",
            "a.xml": "<server><thign/><thing nmae='x'/></server>",
        },
    )
    with pytest.raises(ConfigurationError) as refusal:
        read(tmp_path)
    assert [problem.suggestions for problem in refusal.value.problems] == [("thing",), ("name",)]
