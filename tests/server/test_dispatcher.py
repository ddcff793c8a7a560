"""Elements that are accepted and say that they have no effect."""

import pytest

from zconnect.config.schema import Element
from zconnect.server.dispatcher import Compression


@pytest.mark.parametrize("kind", [Compression])
def test_it_says_why_it_has_no_effect(kind: type[Element]) -> None:
    """Nothing is taken in silence."""
    assert kind.unused
