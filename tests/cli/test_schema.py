"""server schema."""

from xml.etree import ElementTree

from tests.cli.home import Home


def test_the_schema_is_xml_and_knows_what_the_server_knows(home: Home) -> None:
    """It is the one that stands in schemas/server.xsd, made anew, and nothing stands before it."""
    text = home.server("schema").out
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2001/XMLSchema}schema"
    assert 'name="logging"' in text
