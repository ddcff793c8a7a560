"""The one table of elements."""

from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.features import FEATURES, VOCABULARY, vocabulary


def test_every_feature_brings_elements() -> None:
    """A feature without any would be a word without meaning."""
    assert all(FEATURES.values())


def test_the_vocabulary_begins_with_our_own() -> None:
    """Installed extensions come behind."""
    assert vocabulary()[: len(VOCABULARY)] == VOCABULARY


def test_an_element_without_effect_says_so_itself() -> None:
    """One line announces it, instead of one for each attribute."""
    idle = [
        kind.tag
        for kind in all_kinds(VOCABULARY)
        if not kind.unused and all(each.about.unused for each in declarations(kind) if each.field != "id")
    ]
    assert idle == []
