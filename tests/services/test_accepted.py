"""Elements without effect are understood, and say why they have none."""

import pytest

from zconnect.config.export import all_kinds
from zconnect.config.schema import Element
from zconnect.services import accepted, outbound


@pytest.mark.parametrize("kind", all_kinds(accepted.ELEMENTS + outbound.ELEMENTS), ids=lambda kind: kind.tag)
def test_none_is_silently_ignored(kind: type[Element]) -> None:
    """Each has a reason that is announced, also those within others, and only attributes with a default: nothing has to be written."""
    assert kind().unused
