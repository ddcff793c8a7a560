"""What a reference in an attribute may fall back on: the other attributes of its element."""

from pathlib import Path

import pytest

from tests.config.vocabulary import Thing, read, write


def thing(folder: Path, attributes: str, before: str = "", **environment: str) -> Thing:
    """The one thing of a server."""
    write(folder, {"server.xml": f'<server>{before}<thing id="t" {attributes}/></server>'})
    return read(folder, environment=environment).configuration.all(Thing)[0]


SIBLINGS = [
    ('name="${number}" number="7"', "7"),
    ('name="${number}"', "5"),
    ('name="${wait}"', "1000"),
    ('name="${flag}"', "false"),
    ('name="${NUMBER+1}"', "6"),
    ('name="${host}" host="own"', "own"),
    ('name="${count(audiences)}" audiences="a,b"', "2"),
    ('name="${secret}" secret="hush"', "*****"),
    ('name="${name}"', "env"),
]


@pytest.mark.parametrize(("attributes", "name"), SIBLINGS)
def test_an_attribute_can_stand_for_a_variable(tmp_path: Path, attributes: str, name: str) -> None:
    """Before the environment and after everything else; stars for a secret, and an attribute not for itself."""
    assert thing(tmp_path, attributes, name="env", number="env").name == name


def test_variables_rank_above_siblings(tmp_path: Path) -> None:
    """A variable of that name is meant first."""
    assert thing(tmp_path, 'name="${number}" number="7"', '<variable name="number" value="v"/>').name == "v"


def test_siblings_are_those_of_each_element(tmp_path: Path) -> None:
    """The same text in two elements has two meanings."""
    write(
        tmp_path, {"server.xml": '<server><thing id="a" number="1" name="${number}"/><thing id="b" number="2" name="${number}"/></server>'}
    )

    assert [each.name for each in read(tmp_path).configuration.all(Thing)] == ["1", "2"]
