"""The schema of the vocabulary, as editors use it."""

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.config.test_cases import CASES, documents_of
from tests.config.vocabulary import VOCABULARY
from zconnect import features
from zconnect.config.xsd import to_xsd

RECORDED = sorted((Path(__file__).parent / "documents").glob("*.xml"))
# Read without a complaint and not offered: single values as child elements, or an editor would propose each name twice.
ONLY_READ = {"vector-23-list-then-string"}

DOCUMENT = """<server xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="s.xsd" description="d">
  <featureManager><feature>a-1.0</feature><feature merge-op="set">b-1.0</feature></featureManager>
  <variable name="v" value="1"/>
  <thing id="t" number="${v}" level="High" wait="1m30s" otherRef="a,b" flag="true">
    <item name="n"/><audiences>a</audiences><options size="2"/><note text="x"/><filter ref="o"/><otherRef>a</otherRef>
  </thing>
  <include location="a.xml" optional="true"/>
</server>"""


def schema(text: str = "") -> etree.XMLSchema:
    """The schema of the vocabulary of the tests."""
    return etree.XMLSchema(etree.fromstring((text or to_xsd(VOCABULARY)).encode()))


def thing(attribute: str) -> etree._Element:
    """A document with one thing that has this attribute."""
    return etree.fromstring(f"<server><thing {attribute}/></server>")


def test_the_schema_accepts_what_the_server_accepts() -> None:
    """Attributes, references to variables, lists as children, nested elements, in any order."""
    schema().assertValid(etree.fromstring(DOCUMENT))


@pytest.mark.parametrize(
    "attribute",
    [
        *(f'wait="{text}"' for text in ("5", "+5", "-1", "1h30m", "1 H 30 M", " 2d 3ms ", "10秒", "5МС", "${v}s")),
        *(f'number="{text}"' for text in ("0", "100", "007", "${v}", "${v+1}")),
        *(f'flag="{text}"' for text in ("true", "FALSE", "True", "${v}")),
        *(f'level="{text}"' for text in ("low", "High", "LOW", "high", "${v}")),
        'file="a/../b"',
        'secret="{xor}x"',
        'audiences="a, b"',
        'optionsRef="o"',
    ],
)
def test_every_form_of_a_value_is_good(attribute: str) -> None:
    """Durations in all units and languages, words in any case, numbers in their range, references to variables."""
    schema().assertValid(thing(attribute))


@pytest.mark.parametrize(
    "attribute",
    [
        *(f'wait="{text}"' for text in ("5x", "-5s", "s", "", "1.5h")),
        *(f'number="{text}"' for text in ("101", "-1", "x", "")),
        'port="2147483648"',
        *(f'flag="{text}"' for text in ("1", "yes", "")),
        'level="medium"',
        'nmae="x"',
        'ref="o"',
    ],
)
def test_a_mistake_is_shown_at_its_line(attribute: str) -> None:
    """Units and words that do not exist, numbers out of range, names that are misspelt."""
    made = schema()
    assert not made.validate(etree.fromstring(f"<server>\n<e/>\n<thing {attribute}/></server>"))
    assert set(re.findall(r"^<string>:(\d+):", str(made.error_log), re.M)) == {"3"}


@pytest.mark.parametrize("element", ["<thng/>", "<item name='n'/>", "<server/>", "<needy><name>n</name></needy>"])
def test_an_element_that_does_not_belong_is_shown(element: str) -> None:
    """Unknown ones, nested ones at the top, single values as children."""
    assert not schema().validate(etree.fromstring(f"<server>{element}</server>"))


@pytest.mark.parametrize("element", ["<variable value='1'/>", "<include optional='true'/>", "<configDropins/>"])
def test_what_the_reader_wants_at_once_is_required(element: str) -> None:
    """Other elements may get what they lack from another document."""
    assert not schema().validate(etree.fromstring(f"<server>{element}</server>"))
    assert schema().validate(etree.fromstring("<server><needy/></server>"))


def test_editors_can_show_the_meaning_and_put_in_the_default() -> None:
    """Each attribute has a documentation; its default is one in words and for the parser."""
    text = to_xsd(VOCABULARY)
    assert '<xs:attribute name="wait" type="duration" default="1s">' in text
    assert "<xs:documentation>A duration. Default 1s. Acted on.</xs:documentation>" in text
    assert "<xs:documentation>A number. Default 0. Accepted, no effect here, because nothing is ever idle.</xs:documentation>" in text
    assert 'name="secret" type="password">' in text
    assert '<xs:enumeration value="low"/><xs:enumeration value="High"/>' in text


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_read_without_a_complaint_is_good_by_the_schema(path: Path) -> None:
    """All documents of the cases, but for what is read and not offered."""
    documents, expected = documents_of(path.read_text())
    read = [etree.fromstring(text.encode()) for name, text in documents.items() if name.endswith(".xml") and "! " not in expected]
    made = schema()
    good = all(made.validate(document) for document in read)
    assert good != (path.stem in ONLY_READ), made.error_log


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_a_real_server_takes_without_a_complaint_is_good_by_our_schema(path: Path) -> None:
    """Documents that were recorded; `./test conformance schema` has all of them."""
    schema(to_xsd(features.VOCABULARY)).assertValid(etree.parse(str(path)))
