"""Places of texts."""

from pathlib import Path

from tests.config.vocabulary import Thing, read, write
from zconnect.config.origins import Documents, spot
from zconnect.errors import Where

SERVER = """<server>
  <thing id="t"
         name="n"
         number="1">
    <audiences>a</audiences>
    <audiences>b</audiences>
    <item name="i"/>
  </thing>
</server>"""


def test_an_attribute_stands_where_it_is_written(tmp_path: Path) -> None:
    """Not where its element begins; children have places of their own."""
    (thing,) = read(write(tmp_path, {"server.xml": SERVER})).configuration.all(Thing)
    documents = Documents(tmp_path)
    spots = {name: [spot(where) for where in documents.places(held)] for name, held in thing.given.items()}

    assert spots["name"] == ["server.xml:3"]
    assert spots["number"] == ["server.xml:4"]
    assert spots["audiences"] == ["server.xml:5", "server.xml:6"]
    assert [claim.text for claim in documents.claims([thing.given["item"], thing.given["name"]])] == ["<item>", "n"]
    assert [claim.text for claim in documents.claims([thing.given["name"]], "*")] == ["*"]


def test_a_document_that_is_gone_has_elements_only(tmp_path: Path) -> None:
    """As one that came over the network."""
    (thing,) = read(write(tmp_path, {"server.xml": SERVER})).configuration.all(Thing)
    (tmp_path / "server.xml").unlink()

    assert Documents(tmp_path).places(thing.given["number"]) == (thing.where,)


def test_a_spot_is_a_document_and_a_line() -> None:
    """A document as a whole has no line."""
    assert (spot(Where("a.xml", 3, 4)), spot(Where("variables/x"))) == ("a.xml:3", "variables/x")
