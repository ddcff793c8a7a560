"""The elements of the room."""

from zconnect.features import VOCABULARY
from zconnect.server.elements import ELEMENTS


def test_all_are_in_the_vocabulary() -> None:
    """What is declared is understood."""
    assert set(ELEMENTS) <= set(VOCABULARY)
