"""Elements that are accepted and say that they have no effect."""

import dataclasses

import pytest

from zconnect.config.schema import METADATA, Element
from zconnect.server.dispatcher import Compression, HttpProxyRedirect


@pytest.mark.parametrize("kind", [Compression, HttpProxyRedirect])
def test_every_attribute_says_why_it_has_no_effect(kind: type[Element]) -> None:
    """Nothing is taken in silence."""
    own = [each for each in dataclasses.fields(kind) if METADATA in each.metadata and each.name != "id"]
    assert own
    assert [each.name for each in own if not each.metadata[METADATA].unused] == []
