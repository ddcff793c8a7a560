"""What classes declare."""

from typing import ClassVar

import pytest

from tests.config.vocabulary import VOCABULARY, E, Options, Spare, Thing
from zconnect.config.declarations import concrete, declarations
from zconnect.config.schema import Element, element, ref


def test_declarations_are_read_once_and_complete() -> None:
    """Names in XML, datatypes, targets, defaults."""
    by_name = {each.name: each for each in declarations(Thing)}

    assert declarations(Thing) is declarations(Thing)
    assert by_name["optionsRef"].target is Options
    assert not by_name["optionsRef"].many
    assert by_name["otherRef"].many
    assert by_name["otherRef"].child == "other"
    assert by_name["audiences"].many
    assert by_name["number"].default == 5
    assert not by_name["number"].required
    assert "where" not in by_name


@element
class Base(Element):
    """A kind of things without a tag."""


@element
class First(Base):
    """One of the kind."""

    tag: ClassVar[str] = "first"


def test_a_base_class_stands_for_all_below_it() -> None:
    """Those of the vocabulary; a class with a tag stands for itself as well."""
    assert concrete(Base, (E, First)) == (First,)
    assert concrete(First, ()) == (First,)
    assert concrete(E, VOCABULARY) == (E,)


def test_a_reference_to_no_element_is_a_mistake_of_the_programmer() -> None:
    """It is found at the first look."""

    @element
    class Wrong(Element):
        tag: ClassVar[str] = "wrong"
        text: str = ref(doc="No element")

    with pytest.raises(TypeError):
        declarations(Wrong)


@pytest.mark.parametrize(
    ("kind", "field", "cause"),
    [
        (Thing, "idle", "nothing is ever idle"),
        (Thing, "number", None),
        (Thing, "id", None),
        (Spare, "size", "nothing is ever spared"),
        (Spare, "id", "nothing is ever spared"),
        (Thing, "parts", "nothing has parts"),
        (E, "id", "a server has one such element"),
    ],
)
def test_what_has_no_effect_says_why(kind: type[Element], field: str, cause: str | None) -> None:
    """By itself, because the whole element has none, because what it holds has none, or because there is only one."""
    assert next(each for each in declarations(kind) if each.field == field).about.unused == cause
