"""What is shown of a configuration: what the command's own tests do not show."""

from pathlib import Path
from typing import Any

from tests.config.vocabulary import VOCABULARY, Options, place_at, read, write
from zconnect.config.effective import Shown, Value, effective, quoted
from zconnect.config.origins import spot


def shown(folder: Path, body: str, **more: Any) -> dict[str, Shown]:
    """The elements of a server that has one document."""
    write(folder, {"server.xml": f"<server>{body}</server>"})
    return effective(read(folder), VOCABULARY, place_at(folder), **more)


def value(element: Shown, name: str) -> Value:
    """What is shown under a name."""
    return next(each for each in element.values if each.name == name)


def test_values_for_programs_and_for_people(tmp_path: Path) -> None:
    """Durations are numbers of their unit, secrets stars, references keys; what is absent is no value."""
    body = '<thing id="t" wait="1m" flag="true" level="high" secret="s" optionsRef="o" audiences="a, b"/><options id="o"/>'
    thing = shown(tmp_path, body)["thing[t]"]
    found = {each.name: (each.shown, each.text) for each in thing.values}

    assert found["wait"] == (60_000, "1m")
    assert found["flag"] == (True, "true")
    assert found["level"] == ("High", '"High"')
    assert found["secret"] == ("*****", "*****")
    assert found["optionsRef"] == ("->options[o]", "->options[o]")
    assert found["audiences"] == (["a", "b"], '"a", "b"')
    assert found["port"] == (None, "(none)")
    assert found["otherRef"] == ([], "(none)")
    assert found["file"] == ("f", '"f"')


def test_an_element_within_a_reference_has_a_key_of_its_own(tmp_path: Path) -> None:
    """It counts more than an id in the attribute, where only one can be."""
    body = '<thing id="t" optionsRef="o"><options size="2"/><other ref="o"/><other size="3"/></thing><options id="o"/>'
    found = shown(tmp_path, body)
    one = value(found["thing[t]"], "optionsRef")

    assert one.shown == "->thing[t]/options[default-0]"
    assert [(claim.text, spot(claim.where)) for claim in one.origin.overrode] == [("o", "server.xml:1")]
    assert value(found["thing[t]/options[default-0]"], "size").shown == 2
    assert value(found["thing[t]"], "otherRef").shown == ["->options[o]", "->thing[t]/options[default-1]"]


def test_a_reference_that_leads_nowhere_is_of_no_use(tmp_path: Path) -> None:
    """As a text that is no value."""
    thing = shown(tmp_path, '<thing id="t" optionsRef="nope" number="many"/>')["thing[t]"]

    assert [claim.text for claim in value(thing, "optionsRef").origin.unusable] == ["nope"]
    assert (value(thing, "number").shown, [claim.text for claim in value(thing, "number").origin.unusable]) == (5, ["many"])
    assert value(thing, "number").said


def test_an_ignored_include_yields_to_defaults_as_well(tmp_path: Path) -> None:
    """Where it alone has an attribute, nobody else remembers it."""
    write(tmp_path, {"a.xml": '<server><thing id="t" number="7" secret="s"/><e p="P"/></server>'})
    found = shown(tmp_path, '<thing id="t"/><include location="a.xml" onConflict="IGNORE"/>')
    number, secret = (value(found["thing[t]"], name) for name in ("number", "secret"))

    assert (number.shown, [(claim.text, spot(claim.where)) for claim in number.origin.overrode]) == (5, [("7", "a.xml:1")])
    assert (secret.shown, [claim.text for claim in secret.origin.overrode]) == (None, ["*****"])
    assert value(found["e"], "p").shown == "P"


def test_ids_are_keys_as_they_are_written(tmp_path: Path) -> None:
    """A variable in an id is replaced in its value alone."""
    found = shown(tmp_path, '<variable name="v" value="x"/><thing id="${v}" optionsRef="o-x"/><options id="o-${v}"/>')

    assert value(found["thing[${v}]"], "id").shown == "x"
    assert value(found["thing[${v}]"], "optionsRef").shown == "->options[o-${v}]"


def test_what_the_rooms_above_know_is_shown(tmp_path: Path) -> None:
    """Elements that are implied, and values that stand in for absent ones; what is written wins."""
    implied = Options(id="implied", size=7)

    def in_use(element: object) -> dict[str, Any]:
        return {"options": implied, "size": 9} if not isinstance(element, Options) else {}

    body = '<thing id="t"/><thing id="u" optionsRef="o"/><options id="o"/>'
    found = shown(tmp_path, body, implied=[implied], in_use=in_use)

    assert value(found["thing[t]"], "optionsRef").shown == "->options[implied]"
    assert value(found["thing[u]"], "optionsRef").shown == "->options[o]"
    assert value(found["options[implied]"], "size").shown == 7


def test_singletons_and_built_in_elements_are_shown_unwritten(tmp_path: Path) -> None:
    """One that needs an attribute is not there."""
    found = shown(tmp_path, "")

    assert {"e", "store[defaultStore]", "config", "featureManager"} <= found.keys()
    assert not [key for key in found if key.startswith("needy")]


def test_passwords_can_be_asked_for(tmp_path: Path) -> None:
    """Then nothing else is hidden either."""
    body = '<variable name="v" value="x"/><thing id="t" secret="{xor}eA==" name="${v}"/><thing id="u" secret="${v}"/>'
    hidden, open_ = shown(tmp_path, body), shown(tmp_path, body, secret=lambda password: password.encoded)

    assert [value(hidden["thing[t]"], name).shown for name in ("secret", "name")] == ["*****", "*****"]
    assert [value(open_["thing[t]"], name).shown for name in ("secret", "name")] == ["{xor}eA==", "x"]


def test_texts_do_not_steer_terminals() -> None:
    """What cannot be printed is escaped, the rest is as it is."""
    assert (quoted("Größe"), quoted("a\x1b[1m\x9b")) == ('"Größe"', '"a\\u001b[1m\\u009b"')
