"""The published schema and reference page are the ones that the declarations make; every example is good by the schema.

After a change of a declaration: `./test schemas` writes them anew.
"""

import re
from pathlib import Path

import pytest
from lxml import etree

from zconnect.config.export import all_kinds, examples
from zconnect.config.load import load
from zconnect.config.reference import to_reference
from zconnect.config.schema import Properties
from zconnect.config.xsd import to_xsd
from zconnect.features import VOCABULARY
from zconnect.messages import Level
from zconnect.values import Place

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = {"server.xsd": to_xsd, "reference.md": to_reference}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_is_not_stale(name: str) -> None:
    """It says what the server does today."""
    assert (ROOT / "schemas" / name).read_text() == PUBLISHED[name](VOCABULARY)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """What an XML editor checks against."""
    return etree.XMLSchema(etree.fromstring(to_xsd(VOCABULARY).encode()))


DOCUMENTS = [
    path for folder in ("servers", "zconnect/templates", "tests/config/examples") for path in sorted(ROOT.glob(f"{folder}/**/*.xml"))
]
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_every_example_is_good_by_the_schema(document: Path, schema: etree.XMLSchema) -> None:
    """What we show to others passes."""
    schema.assertValid(etree.parse(str(document)))


@every_document
def test_every_name_in_an_example_is_shown_when_it_is_misspelt(document: Path, schema: etree.XMLSchema) -> None:
    """Elements and attributes, each for itself, with a letter too many."""
    tree = etree.parse(str(document))
    for element in tree.iter(etree.Element):
        element.tag, tag = f"{element.tag}x", element.tag
        assert not schema.validate(tree), tag
        element.tag = tag
        free = element.tag in {kind.tag for kind in all_kinds(VOCABULARY) if issubclass(kind, Properties)}  # any name is good there
        for name in [str(each) for each in element.attrib if not (free or str(each).startswith("{"))]:
            element.set(f"{name}x", element.attrib.pop(name))
            assert not schema.validate(tree), f"{tag}/@{name}"
            element.set(name, element.attrib.pop(f"{name}x"))
    schema.assertValid(tree)


EXAMPLES = [(kind.tag, example) for kind in all_kinds(VOCABULARY) for example in examples(kind)]


@pytest.mark.parametrize(("tag", "example"), EXAMPLES, ids=[tag for tag, _ in EXAMPLES])
def test_every_example_of_the_reference_page_is_good(tag: str, example: str, tmp_path: Path, schema: etree.XMLSchema) -> None:
    """By the schema, and the server takes it without a warning; it shows the element that it stands with."""
    document = f"<server>\n{example}\n</server>"
    (tmp_path / "server.xml").write_text(document)

    loaded = load(Place("s", tmp_path, tmp_path, tmp_path, tmp_path), VOCABULARY, environment={}, command_line={})

    assert [str(problem.told) for problem in loaded.problems if problem.level > Level.INFO] == []
    schema.assertValid(etree.fromstring(document))
    assert f"<{tag}" in example


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("clockSkew=", "clockSkw="),
        ("openidConnectClient", "openIdConnectClient"),
        ('inboundPropagation="required"', 'inboundPropagation="required!"'),
        ("requestUrl", "requestURL"),
    ],
)
def test_a_slip_is_shown_at_its_line(right: str, wrong: str, schema: etree.XMLSchema) -> None:
    """Attribute, element, word, nested element."""
    document = (ROOT / "servers" / "quickstart" / "includes" / "security.xml").read_text()
    at = document.index(right)
    start = document.rindex("<", 0, at + 1)  # a parser tells the line of the start tag or that of its end
    lines = range(document.count("\n", 0, start) + 1, document.count("\n", 0, document.index(">", at)) + 2)

    schema.validate(etree.fromstring(re.sub(f"(?<=[</ ]){re.escape(right)}", wrong, document).encode()))

    assert int(str(schema.error_log).split(":")[1]) in lines


if __name__ == "__main__":
    for each, made in PUBLISHED.items():
        (ROOT / "schemas" / each).write_text(made(VOCABULARY))
