"""Attributes: siblings, texts, and the words in which their mistakes are told."""

from pathlib import Path
from typing import ClassVar

import pytest

from tests.config.vocabulary import Thing, place_at, read, told, write
from zconnect.config.effective import effective
from zconnect.config.load import load
from zconnect.config.schema import Element, Properties, children, element
from zconnect.errors import ConfigurationError


@element
class Told(Properties):
    """What a holder is told."""

    tag: ClassVar[str] = "told"


@element
class Holder(Element):
    """Something that is told values by names of its own."""

    tag: ClassVar[str] = "holder"
    told: tuple[Told, ...] = children(guard=True, doc="What it is told")


def problem_of(folder: Path, attributes: str) -> str:
    """The whole text of the one problem of a server, as a person reads it."""
    write(folder, {"server.xml": f'<server>\n<thing id="t" {attributes}/>\n</server>'})
    try:
        (problem,) = read(folder).problems
    except ConfigurationError as refusal:
        (problem,) = refusal.problems
    return str(problem)


TEXTS = {
    'number="x"': "CWWKG0083W  server.xml:2:15  /server/thing[t]/@number\n"
    "  The attribute number cannot be x, so its default [5] is used: it is not a whole number.\n  Correct the value.",
    'level="x"': "CWWKG0032W  server.xml:2:15  /server/thing[t]/@level\n"
    "  The attribute level may not be x; the values are [low][High]. The default low is used.\n  Write one of the values.",
    'wait="1.5h"': "CWWKG0075E  server.xml:2:15  /server/thing[t]/@wait\n"
    "  The attribute wait of thing cannot be 1.5h: it is not a duration; the units are d, h, m, s and ms.\n  Correct the value.",
    'secret="{xor}!!"': "CWWKG0075E  server.xml:2:15  /server/thing[t]/@secret\n"
    "  The attribute secret of thing cannot be *****: it is not Base64.\n  Correct the value.",
    'wait="-5s"': "ZCON0117W  server.xml:2:15  /server/thing[t]/@wait\n"
    "  The duration -5s of the attribute wait has parts that do not count.\n  Write numbers and units only, for example 1h30m.",
    'name="${x}"': "ZCON0115W  server.xml:2:15  /server/thing[t]/@name\n"
    "  The variable x in the attribute name is not defined; the reference stays as it is written.\n"
    "  Define it with <variable>, in bootstrap.properties, in server.env or on the command line, or correct its name.",
    'secret="${x}"': "ZCON0116E  server.xml:2:15  /server/thing[t]/@secret\n"
    "  The variable x in the attribute secret is not defined, so the secret would be the text of the reference.\n"
    "  Define it in server.env, in a file of the variables folder or on the command line.",
    'strict="maybe"': "CWWKG0083W  server.xml:2:15  /server/thing[t]/@strict\n"
    "  The attribute strict cannot be maybe, so its default [true] is used: it is neither true nor false.\n  Correct the value.",
}


@pytest.mark.parametrize(("attributes", "text"), TEXTS.items())
def test_mistakes_are_told_with_place_cause_and_mend(tmp_path: Path, attributes: str, text: str) -> None:
    """Number, place, path, what is wrong, how to mend it."""
    assert problem_of(tmp_path, attributes) == text


def test_children_of_a_value_are_told(tmp_path: Path) -> None:
    """Two of them, text beside list(), and a child that is more than a value."""
    body = '<thing id="t"><name>a</name><name>b</name><host x="y"/><level>low</level></thing><e l="x${list(v)}"/>'
    body += '<variable name="v" value="1"/>'
    write(tmp_path, {"server.xml": f"<server>{body}</server>"})

    loaded = read(tmp_path)

    assert [each.told.message.number for each in loaded.problems] == ["ZCON0119W", "ZCON0120W", "ZCON0118W"]
    assert loaded.configuration.all(Thing)[0].name == "a"


def test_all_bad_items_of_a_list_are_told(tmp_path: Path) -> None:
    """Each with what was perhaps meant; the list as a whole is its default then."""
    write(tmp_path, {"server.xml": '<server>\n<thing id="t" colours="gren,red,bleu"/><thing id="u" colours="red"/></server>'})

    loaded = read(tmp_path)

    assert [(str(each.where), each.told.parameters["value"], each.suggestions) for each in loaded.problems] == [
        ("server.xml:2:15", "gren", ("green",)),
        ("server.xml:2:15", "bleu", ("blue",)),
    ]
    assert [each.colours for each in loaded.configuration.all(Thing)] == [("green",), ("red",)]


def test_what_nothing_declares_is_read_where_any_name_may_stand(tmp_path: Path) -> None:
    """Names keep their letters, values may be encoded and hold variables, and are shown nowhere."""
    told_so = '<told id="t" aKey="{xor}Lz4sLA==" User="${who}"/>'
    write(tmp_path, {"server.xml": f'<server><variable name="who" value="alice"/><holder id="h">{told_so}</holder></server>'})

    loaded = load(place_at(tmp_path), (Holder,), environment={}, command_line={})

    (holder,) = loaded.configuration.all(Holder)
    assert [(name, value.text) for name, value in holder.told[0].values] == [("aKey", "pass"), ("User", "alice")]
    assert "pass" not in repr(holder)
    assert isinstance(hash(holder), int)
    assert loaded.problems == ()
    (inner,) = effective(loaded, (Holder,), place_at(tmp_path))["holder[h]"].nested["told"]
    assert [(each.name, each.text) for each in inner.values] == [("id", '"t"'), ("aKey", "*****"), ("User", "*****")]


def test_a_value_of_any_name_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """An encoding that is none, a variable that is not there; children are no values."""
    write(tmp_path, {"server.xml": '<server><holder id="h"><told a="{rot13}x" b="${no}"><c/></told></holder></server>'})

    with pytest.raises(ConfigurationError) as refused:
        load(place_at(tmp_path), (Holder,), environment={}, command_line={})

    assert list(told(refused.value.problems)) == [
        "! CWWKG0075E server.xml:1:30 /server/holder[h]/told[default-0]/@a stops",
        "! ZCON0116E server.xml:1:43 /server/holder[h]/told[default-0]/@b stops",
        "! ZCON0122W server.xml:1:53 /server/holder[h]/told[default-0]/c stops",
    ]
