"""Which variables a text needs, and who gives each its value."""

from pathlib import Path

import pytest

from tests.config.vocabulary import place_at, read, write
from zconnect.config.origins import Use
from zconnect.config.tracing import Tracing

FILES = {
    "server.xml": """<server>
  <include location="a.xml"/>
  <variable name="a" value="1"/>
  <variable name="d" defaultValue="D${b}"/>
  <variable name="list" value="x,y"/>
</server>""",
    "a.xml": '<server><variable name="a" value="2"/></server>',
    "bootstrap.properties": "b=B\nc=C\nbootstrap.include=more/more.properties",
    "more/more.properties": "m=M",
    "server.env": "E=file",
    "variables/b": "F",
    "variables/some.properties": "p=P",
}


def traced(folder: Path) -> Tracing:
    """A server with variables from everywhere."""
    write(folder, FILES)
    loaded = read(folder, environment={"E": "file", "HERE": "shell"}, command_line={"c": "L", "d2": "2"})
    return Tracing(loaded.variables, place_at(folder), [folder / "server.env"])


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("plain", {}),
        ("${nope}", {}),
        ("${a}", {"a": Use("server.xml:3", ("a.xml:1",))}),
        ("${b}", {"b": Use("variables/b", ("bootstrap.properties",))}),
        ("${c}", {"c": Use("command line", ("bootstrap.properties",))}),
        ("${d}", {"d": Use("server.xml:4 as default"), "b": Use("variables/b", ("bootstrap.properties",))}),
        ("${m}", {"m": Use("more/more.properties")}),
        ("${p}", {"p": Use("variables/some.properties")}),
        ("${e}", {"env.E": Use("server.env")}),
        ("${env.HERE}", {"env.HERE": Use("environment")}),
        ("${wlp.server.name}", {"wlp.server.name": Use("built-in")}),
        ("${a+d2}", {"a": Use("server.xml:3", ("a.xml:1",)), "d2": Use("command line")}),
    ],
)
def test_every_source(tmp_path: Path, text: str, uses: dict[str, Use]) -> None:
    """The first is the one that counts; those whose value it is preferred to follow."""
    variables = traced(tmp_path)
    variables.expanded(text)

    assert variables.used() == uses


def test_lists_and_repeated_questions(tmp_path: Path) -> None:
    """Each asking begins anew, whatever was looked up before."""
    variables = traced(tmp_path)
    for _ in range(2):
        assert variables.listed("${list(list)}") == "x,y"
        assert variables.used() == {"list": Use("server.xml:5")}
    assert variables.used() == {}
