"""The words of declarations."""

import pytest

from tests.config.vocabulary import E, Thing, said
from zconnect.config.schema import METADATA, camel


@pytest.mark.parametrize(
    ("field", "name"), [("clock_skew", "clockSkew"), ("x", "x"), ("issuer_identifier", "issuerIdentifier"), ("a_b_c", "aBC")]
)
def test_names_are_made_by_rule(field: str, name: str) -> None:
    """Field to attribute."""
    assert camel(field) == name


def test_elements_are_frozen_and_compare_by_what_they_say() -> None:
    """Place and spelling do not count."""
    assert Thing(id="a") == Thing(id="a", given=said("x"))
    with pytest.raises(AttributeError):
        E().x = "1"  # type: ignore[misc]  # that is what is tried
    with pytest.raises(AttributeError):
        del E().x
    assert Thing(id="a") != Thing(id="b")
    assert Thing(id="a") != E(id="a")
    assert hash(Thing(id="a")) == hash(Thing(id="a", given=said("x")))


def test_an_element_has_the_fields_that_are_declared_and_no_others() -> None:
    """As any class would have it; what is shown leaves place and spelling out."""
    with pytest.raises(TypeError, match="nosuch"):
        Thing(nosuch=1)  # type: ignore[call-arg]  # that is what is tried
    shown = repr(Thing(id="a", given=said("x")))
    assert shown.startswith("Thing(id='a', ")
    assert "given" not in shown


def test_a_declaration_says_everything() -> None:
    """Doc, guard, limits."""
    about = Thing.__dataclass_fields__["number"].metadata[METADATA]

    assert (about.form, about.minimum, about.maximum, about.guard) == ("attr", 0, 100, False)
