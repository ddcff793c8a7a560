"""The shape of recorded observations."""

from pathlib import Path

from tests.config.vocabulary import VOCABULARY, place_at, read, write
from zconnect.config.effective import effective
from zconnect.config.observation import as_json, message
from zconnect.errors import Problem

BODY = """<server>
  <variable name="n" value="7"/>
  <thing id="t" number="${n}" optionsRef="o">
    <item name="i"/>
  </thing>
  <options id="o"/>
</server>"""


def test_written_values_and_defaults_are_apart(tmp_path: Path) -> None:
    """What has no value is in neither; nested elements are elements."""
    loaded = read(write(tmp_path, {"server.xml": BODY}))
    thing = as_json(effective(loaded, VOCABULARY, place_at(tmp_path))["thing[t]"])

    assert thing["attrs"] == {"id": "t", "number": 7, "optionsRef": "->options[o]"}
    assert thing["defaults"]["wait"] == 1000
    assert not thing["defaults"].keys() & {"port", "otherRef", "secret"}
    assert thing["nested"]["item"][0]["attrs"] == {"name": "i"}
    assert thing["origin"] == {"from": ["server.xml:3"]}
    assert thing["provenance"]["number"] == {"from": ["server.xml:3"], "variables": {"n": {"from": "server.xml:2", "overrode": ()}}}
    assert thing["provenance"]["port"] == {"from": ["default"]}


def test_messages_have_their_parameters_in_order(tmp_path: Path) -> None:
    """As recorded observations have them."""
    journal: list[Problem] = []
    read(write(tmp_path, {"server.xml": '<server><thing number="many"/></server>'}), journal=journal)

    assert message(journal[0]) == {"id": "CWWKG0083W", "params": ["number", "many", "[5]", "it is not a whole number"]}
