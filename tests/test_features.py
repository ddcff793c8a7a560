"""The one table of elements."""

from zconnect.features import FEATURES, VOCABULARY, vocabulary


def test_every_feature_brings_elements() -> None:
    """A feature without any would be a word without meaning."""
    assert all(FEATURES.values())


def test_the_vocabulary_begins_with_our_own() -> None:
    """Installed extensions come behind."""
    assert vocabulary()[: len(VOCABULARY)] == VOCABULARY
