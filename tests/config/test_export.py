"""The schema and the reference page of the vocabulary."""

from lxml import etree

from tests.config.vocabulary import VOCABULARY
from zconnect.config.export import all_kinds, to_reference, to_xsd

DOCUMENT = """<server xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="s.xsd" description="d">
  <featureManager><feature>a-1.0</feature></featureManager>
  <variable name="v" value="1"/>
  <thing id="t" number="${v}" level="High" wait="1m30s" otherRef="a,b" flag="true">
    <item name="n"/><audiences>a</audiences><options size="2"/><note text="x"/>
  </thing>
  <include location="a.xml" optional="true"/>
</server>"""


def schema() -> etree.XMLSchema:
    """The schema of the vocabulary of the tests."""
    return etree.XMLSchema(etree.fromstring(to_xsd(VOCABULARY).encode()))


def test_the_schema_accepts_what_the_server_accepts() -> None:
    """Attributes, references to variables, lists as children, nested elements, in any order."""
    assert schema().validate(etree.fromstring(DOCUMENT))


def test_the_schema_shows_mistakes_while_they_are_typed() -> None:
    """Unknown names, options that do not exist, numbers that are none."""
    for wrong in (
        "<server><thng/></server>",
        '<server><thing level="x"/></server>',
        '<server><thing number="x"/></server>',
        '<server><thing x="y"/></server>',
    ):
        assert not schema().validate(etree.fromstring(wrong))


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
    assert "| `name` | string | `required` | Its name | acted on |" in page
