"""The published schema and reference page are the ones that the declarations make; every example is good by the schema.

After a change of a declaration: `./test schemas` writes them anew.
"""

from pathlib import Path

import pytest
from lxml import etree

from zconnect.config.export import to_reference, to_xsd
from zconnect.features import VOCABULARY

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = {"server.xsd": to_xsd, "reference.md": to_reference}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_is_not_stale(name: str) -> None:
    """It says what the server does today."""
    assert (ROOT / "schemas" / name).read_text() == PUBLISHED[name](VOCABULARY)


@pytest.mark.parametrize("document", sorted(ROOT.glob("servers/**/*.xml")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_is_good_by_the_schema(document: Path) -> None:
    """What an XML editor checks against."""
    schema = etree.XMLSchema(etree.fromstring(to_xsd(VOCABULARY).encode()))
    schema.assertValid(etree.parse(str(document)))


if __name__ == "__main__":
    for each, made in PUBLISHED.items():
        (ROOT / "schemas" / each).write_text(made(VOCABULARY))
