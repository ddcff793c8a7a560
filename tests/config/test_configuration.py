"""The typed whole."""

from tests.config.vocabulary import E, Options, Store, Thing
from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element


def test_elements_are_asked_for_by_kind_and_id() -> None:
    """All of a kind or below it, the singleton, one by its id; features in lower case."""
    configuration = Configuration([Thing(id="a"), Options(id="o"), Thing(id="b")], ["AppSecurity-2.0"])

    assert [each.id for each in configuration.all(Thing)] == ["a", "b"]
    assert len(configuration.all(Element)) == 3
    assert configuration.get(Thing, "b") == Thing(id="b")
    assert configuration.get(Store, "b") is None
    assert configuration.one(E) == E()
    assert configuration.features == {"appsecurity-2.0"}
