"""Elements without effect are understood, and say why they have none."""

import dataclasses
from collections.abc import Iterator

import pytest

from zconnect.config.schema import METADATA, Element
from zconnect.services import accepted, outbound


def below(kind: type[Element]) -> Iterator[type[Element]]:
    """An element and those that may stand in it."""
    yield kind
    for each in dataclasses.fields(kind):
        if METADATA in each.metadata and each.metadata[METADATA].form == "children":
            yield from below(each.type.__args__[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", accepted.ELEMENTS + outbound.ELEMENTS, ids=lambda kind: kind.tag)
def test_no_attribute_is_silently_ignored(kind: type[Element]) -> None:
    """Each has a reason that is announced, and a default, so that nothing has to be written."""
    for each in below(kind):
        each()
        silent = [field.name for field in dataclasses.fields(each) if METADATA in field.metadata and not field.metadata[METADATA].unused]
        assert silent == ["id"]
