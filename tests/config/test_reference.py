"""The reference page of the vocabulary."""

from tests.config.vocabulary import VOCABULARY
from zconnect.config.export import all_kinds
from zconnect.config.reference import to_reference


def test_everything_is_on_the_reference_page() -> None:
    """A section for each element, a row for each attribute, with default, effect and guard."""
    page = to_reference(VOCABULARY)

    assert [f"## {kind.tag}" in page for kind in all_kinds(VOCABULARY)] == [True] * len(all_kinds(VOCABULARY))
    assert "## item (inside thing)" in page
    assert "| `number` | int | `5` | A number | acted on |" in page
    assert "| `level` | low, High | `low` | One of two | acted on |" in page
    assert "| `idle` | int | `0` | A number | accepted, no effect here, because nothing is ever idle |" in page
    assert "| `strict` | boolean | `true` | A boolean that guards | acted on; guards |" in page
    assert "| `otherRef` | ids, or nested element |  | Several references | acted on |" in page
    assert "| `item` | Nested elements that guard | acted on; guards |" in page
    assert "| `name` | string | required | Its name | acted on |" in page
