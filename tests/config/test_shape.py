"""What an element may contain."""

from tests.config.vocabulary import VOCABULARY, Item, Needy, Options, Thing
from zconnect.config.shape import shape_of


def test_names_lead_to_declarations() -> None:
    """Attributes, nested elements by tag, and by the name of the reference without Ref."""
    shape = shape_of(Thing, VOCABULARY)

    assert shape.attributes["optionsref"].field == "options"
    assert shape.nested["options"].kind is Options
    assert shape.nested["options"].declaration.field == "options"
    assert shape.nested["other"].declaration.field == "others"
    assert shape.nested["item"].kind is Item
    assert shape is shape_of(Thing, VOCABULARY)


def test_a_shape_knows_what_it_takes_and_what_guards() -> None:
    """An attribute is no nested element."""
    shape = shape_of(Thing, VOCABULARY)

    assert shape.takes("number", as_attribute=True)
    assert shape.takes("item", as_attribute=False)
    assert not shape.takes("item", as_attribute=True)
    assert not shape.takes("nope", as_attribute=False)
    assert shape.guards("audiences")
    assert shape.guards("item")
    assert not shape.guards("note")
    assert shape.children["options"] == [("options", Options)]


def test_only_what_is_written_is_looked_at_and_what_is_never_silent() -> None:
    """In the order of declaration; a nested element leads to its reference, a name that is not known nowhere."""
    shape = shape_of(Thing, VOCABULARY)

    assert [each.field for each in shape.concerned(["item", "other", "number", "nope"])] == ["number", "host", "others", "items"]
    assert [each.field for each in shape.concerned(["notes", "otherref"])] == ["host", "others"]
    assert [each.field for each in shape_of(Needy, VOCABULARY).concerned([])] == ["name"]
