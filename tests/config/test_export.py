"""What schema and reference page say alike."""

import pytest

from tests.config.vocabulary import VOCABULARY, Item, Needy, Thing
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds, default, effect, examples, meaning, purpose


def test_nested_elements_belong_to_a_vocabulary() -> None:
    """Behind the element in which they stand, once."""
    kinds = all_kinds(VOCABULARY)
    assert kinds.index(Item) > kinds.index(Thing)
    assert len(kinds) == len(set(map(id, kinds)))


def test_the_purpose_is_the_first_paragraph() -> None:
    """In one line."""
    assert purpose(Needy) == "An element that is nothing without its attribute."


@pytest.mark.parametrize(
    ("field", "given", "effect_here"),
    [
        ("number", "5", "acted on"),
        ("wait", "1s", "acted on"),
        ("flag", "false", "acted on"),
        ("secret", "", "acted on"),
        ("audiences", "", "acted on; guards"),
        ("idle", "0", "accepted, no effect here, because nothing is ever idle"),
        ("options", "", "acted on"),
    ],
)
def test_what_is_said_of_an_attribute(field: str, given: str, effect_here: str) -> None:
    """Its default as it would be written, never that of a secret, and what it does here."""
    each = next(each for each in declarations(Thing) if each.field == field)
    assert (default(each), effect(each)) == (given, effect_here)


def test_a_meaning_is_a_sentence() -> None:
    """With a full stop."""
    assert meaning(declarations(Item)[1]) == "Its name."


def test_examples_are_the_paragraphs_of_a_docstring_that_are_xml() -> None:
    """Without their indentation."""
    assert examples(Item) == ('<thing id="t">\n    <item name="n"/>\n</thing>',)
    assert examples(Needy) == ()
