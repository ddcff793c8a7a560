"""Typed elements: what is shared, announced, told, and stopped; every guarding attribute is tried."""

from pathlib import Path

import pytest

from tests.config.vocabulary import Options, Store, Thing, read, write
from zconnect.config.declarations import declarations
from zconnect.errors import ConfigurationError, Problem


def loaded(folder: Path, body: str) -> tuple[Problem, ...]:
    """The problems of a server, refused or not."""
    write(folder, {"server.xml": f"<server>{body}</server>"})
    try:
        return read(folder).problems
    except ConfigurationError as refusal:
        return refusal.problems


def test_an_element_is_made_once(tmp_path: Path) -> None:
    """All who refer to it have the same object, and it is the one at the top."""
    write(tmp_path, {"server.xml": '<server><thing id="a" optionsRef="o"/><thing id="b" otherRef="o"/><options id="o"/></server>'})
    configuration = read(tmp_path).configuration
    first, second = configuration.all(Thing)

    assert first.options is second.others[0] is configuration.get(Options, "o")


def test_an_element_knows_its_place_and_what_was_written(tmp_path: Path) -> None:
    """Names in lower case, attributes and children alike."""
    write(tmp_path, {"server.xml": '<server>\n <thing ID="x" id="t" Number="1"><item name="n"/></thing></server>'})
    (thing,) = read(tmp_path).configuration.all(Thing)

    assert str(thing.where) == "server.xml:2:2"
    assert {"number", "item", "id"} <= thing.given.keys()
    assert thing.items[0].where.column == 34


def test_built_in_elements_exist_unwritten(tmp_path: Path) -> None:
    """Made of their defaults, and one can refer to them; written, they are one element."""
    write(tmp_path / "a", {"server.xml": "<server/>"})
    write(tmp_path / "b", {"server.xml": '<server><store path="p"/></server>'})

    assert read(tmp_path / "a").configuration.get(Store, "defaultStore") == Store(id="defaultStore")
    assert [store.path for store in read(tmp_path / "b").configuration.all(Store)] == ["p"]


def test_unused_attributes_are_announced_once(tmp_path: Path) -> None:
    """However many elements have them."""
    problems = loaded(tmp_path, '<thing id="a" idle="1"/><thing id="b" idle="2"/>')

    assert [each.told.message.number for each in problems] == ["ZCON0124I"]
    assert "because nothing is ever idle" in problems[0].told.text


def test_an_element_without_effect_is_announced_in_one_line(tmp_path: Path) -> None:
    """Whatever it holds and however many there are; so is one that stands in another, where that has an effect."""
    problems = loaded(tmp_path, '<spare id="a" size="1"><part size="1"/></spare><spare size="2"/><thing><part size="3"/><part/></thing>')

    assert [(each.told.message.number, each.path) for each in problems] == [
        ("ZCON0180I", "/server/spare[a]"),
        ("ZCON0180I", "/server/thing[default-0]/part[default-0]"),
    ]
    assert "because nothing is ever spared" in problems[0].told.text


def test_the_id_of_an_element_that_there_is_once_is_announced(tmp_path: Path) -> None:
    """Nothing refers to it."""
    assert [each.told.message.number for each in loaded(tmp_path, '<e id="a"/>')] == ["ZCON0124I"]


BAD = {"strict": "maybe", "filterRef": "nowhere"}


@pytest.mark.parametrize("name", [each.name for each in declarations(Thing) if each.about.guard and each.name in BAD])
def test_every_guarding_attribute_stops_the_start(tmp_path: Path, name: str) -> None:
    """When its value cannot be read."""
    problems = loaded(tmp_path, f'<thing id="t" {name}="{BAD[name]}"/>')

    assert [each.stops for each in problems] == [True]


GUARDED = ["<item colour='red'/>", "<item>text</item>", "<itm name='x'/>", "<audiences x='y'/>", "<filter size='x' nextRef='nope'/>"]


@pytest.mark.parametrize("child", GUARDED)
def test_guarding_children_stop_the_start(tmp_path: Path, child: str) -> None:
    """A condition that is incomplete, misspelt or in the wrong form is not left out."""
    stopped = any(each.stops for each in loaded(tmp_path, f'<thing id="t">{child}</thing>'))

    assert stopped == ("filter" not in child)


def test_several_of_one_id_are_ambiguous(tmp_path: Path) -> None:
    """Where a reference may name elements of several kinds."""
    problems = loaded(tmp_path, '<thing id="a" optionsRef="o"/><options id="o" size="1"/><options id="o" size="2"/>')

    assert [each.told.message.number for each in problems] == ["ZCON0125W"]


def test_long_chains_of_references_end(tmp_path: Path) -> None:
    """A thousand elements that each refer to the next one do not exhaust the stack."""
    chain = "".join(f'<options id="{at}" nextRef="{at + 1}"/>' for at in range(1000)) + '<options id="1000"/>'

    assert any(each.told.message.number == "ZCON0126E" for each in loaded(tmp_path, chain))


def test_what_is_read_once_is_told_at_each_place(tmp_path: Path) -> None:
    """The same text is worked out once for many elements, and a mistake in it is a mistake of each."""
    problems = loaded(tmp_path, "".join(f'\n<thing id="{each}" number="{number}"/>' for each, number in zip("abcd", "7x7x", strict=True)))

    assert [(each.told.message.number, each.where.line) for each in problems] == [("CWWKG0083W", 3), ("CWWKG0083W", 5)]


def test_texts_for_people(tmp_path: Path) -> None:
    """What the messages of this file say."""
    texts = [each.told.text for each in loaded(tmp_path, '<thing id="t"><note/><item>x</item></thing><needy/><zosconnect_thing/>')]

    assert "The element note of the id default-0 is not used, because its attribute text is missing." in texts
    assert "The child element item of thing has text only; it needs attributes." in texts
    assert "The element zosconnect_thing is not known to this server and is not used." in texts
