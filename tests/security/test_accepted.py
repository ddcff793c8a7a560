"""Elements without effect are understood, and say why they have none."""

import pytest

from zconnect.config.schema import Element
from zconnect.security.accepted import ELEMENTS


@pytest.mark.parametrize("kind", ELEMENTS, ids=lambda kind: kind.tag)
def test_none_is_silently_ignored(kind: type[Element]) -> None:
    """Each has a reason that is announced, and nothing has to be written."""
    assert kind().unused
