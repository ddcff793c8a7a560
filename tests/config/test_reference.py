"""The reference page of the vocabulary."""

import re

import pytest

from tests.config.vocabulary import VOCABULARY
from zconnect import features
from zconnect.config.export import all_kinds
from zconnect.config.reference import to_reference
from zconnect.config.schema import Element

PAGE = to_reference(VOCABULARY)


def section(tag: str) -> str:
    """All that is said of an element."""
    return PAGE.split(f"## {tag}\n", 1)[1].partition("\n## ")[0]


@pytest.mark.parametrize(
    "row",
    [
        "| `number` | int from 0 to 100 | `5` | A number. | acted on |",
        "| `level` | `low`, `High` | `low` | One of two. | acted on |",
        "| `wait` | duration (ms) | `1s` | A duration. | acted on |",
        "| `idle` | int | `0` | A number. | accepted, no effect here, because nothing is ever idle |",
        "| `strict` | boolean | `true` | A boolean that guards. | acted on; guards |",
        "| `otherRef` | ids of [`options`](#options) |  | Several references. | acted on |",
        "| [`item`](#item) | Nested elements that guard. | acted on; guards |",
        "| [`part`](#part) | Nested elements without effect. | accepted, no effect here, because nothing has parts |",
    ],
)
def test_a_row_says_what_an_attribute_is_and_does(row: str) -> None:
    """Name, type with range, default, meaning, effect."""
    assert row in section("thing").splitlines()


def test_what_has_no_effect_stands_apart() -> None:
    """Behind what has one."""
    rows = [line for line in section("thing").splitlines() if line.startswith("| `")]
    assert [row for row in rows if "no effect" in row] == rows[-1:]


@pytest.mark.parametrize(
    ("tag", "place"),
    [
        ("thing", "Stands in `server`."),
        ("item", "Stands inside [`thing`](#thing)."),
        ("part", "Stands inside [`spare`](#spare) and [`thing`](#thing)."),
        ("e", "Stands in `server`; a server has one, and what several documents say of it is put together."),
        ("store", "Stands in `server`; one with the id `defaultStore` exists even where nobody writes it."),
        (
            "options",
            "Stands in `server`. Named by, or nested in, [`options`](#options) (`nextRef`), "
            "[`thing`](#thing) (`optionsRef`, `otherRef`, `filterRef`).",
        ),
    ],
)
def test_a_section_says_where_an_element_stands(tag: str, place: str) -> None:
    """At the top, inside others, or named by them."""
    assert place in section(tag).splitlines()


def test_a_section_has_its_example() -> None:
    """As it stands in the docstring."""
    assert '```xml\n<thing id="t">\n    <item name="n"/>\n</thing>\n```' in section("item")


def test_an_element_without_effect_says_why() -> None:
    """Before its attributes."""
    assert "\nAccepted, no effect here, because nothing is ever spared.\n" in section("spare")


@pytest.mark.parametrize("vocabulary", [VOCABULARY, features.VOCABULARY])
def test_the_index_leads_to_every_section(vocabulary: tuple[type[Element], ...]) -> None:
    """Links are the anchors that GitHub makes of the headings."""
    page = to_reference(vocabulary)
    headings = re.findall(r"^## (.*)$", page, re.M)[2:]
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings) == len(all_kinds(vocabulary))
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) == anchors
