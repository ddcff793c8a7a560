"""bootstrap.properties and server.env."""

from pathlib import Path

import pytest

from tests.config.vocabulary import write
from zconnect.config.properties import option_layers, parse_properties, read_properties, read_server_env, readable_properties
from zconnect.errors import Unavailable
from zconnect.messages import Told
from zconnect.values import Place

# java.util.Properties.load
LINES = {
    "a=1": {"a": "1"},
    "a : 1": {"a": "1"},
    "a 1": {"a": "1"},
    "  a = 1 ": {"a": "1 "},
    "a": {"a": ""},
    "# a=1\n! b=2\n\nc=3": {"c": "3"},
    "a=1\\\n   2": {"a": "12"},
    "a=1\\\\\nb=2": {"a": "1\\", "b": "2"},
    "a\\ b=1": {"a b": "1"},
    "a\\=b=1": {"a=b": "1"},
    "a=\\u00e4\\t\\q": {"a": "ä\tq"},
    "a=\\ud83d\\ude00": {"a": "😀"},
    "a=1\r\nb=2\rc=3": {"a": "1", "b": "2", "c": "3"},
    "a=1\na=2": {"a": "2"},
}


@pytest.mark.parametrize(("text", "found"), LINES.items())
def test_properties_are_read_as_java_reads_them(text: str, found: dict[str, str]) -> None:
    """Separators, comments, continued lines, escapes."""
    assert parse_properties(text) == found


def test_included_properties_only_add(tmp_path: Path) -> None:
    """The first to set a name wins; several files may be named, and they may include others, even each other."""
    write(
        tmp_path,
        {
            "bootstrap.properties": 'a=1\nq="x y"\nbootstrap.include=b.properties, sub/c.properties',
            "b.properties": "a=9\nb=2",
            "sub/c.properties": "b=9\nc=3\nbootstrap.include=../bootstrap.properties",
        },
    )

    assert read_properties(tmp_path / "bootstrap.properties") == {"a": "1", "q": "x y", "b": "2", "c": "3"}


def test_without_a_file_there_are_no_properties(tmp_path: Path) -> None:
    """A server needs none."""
    assert read_properties(tmp_path / "bootstrap.properties") == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [("bootstrap.include=nope.properties", "CWWKE0014E"), ("a=\\u00zz", "CWWKE0018E"), ("bootstrap.include=.", "CWWKE0014E")],
)
def test_what_cannot_be_read_stops_the_start(tmp_path: Path, text: str, number: str) -> None:
    """A missing include and a malformed escape are told by number."""
    write(tmp_path, {"bootstrap.properties": text})
    with pytest.raises(Unavailable) as refusal:
        read_properties(tmp_path / "bootstrap.properties")

    assert refusal.value.told.message.number == number


def test_server_env_is_literal_and_the_last_file_wins(tmp_path: Path) -> None:
    """Quotes, blanks and dollars stay; comments and blank lines are skipped (09-environment-server-env)."""
    write(tmp_path, {"a.env": "# c\n\nBOTH=a\nA=1", "b.env": 'BOTH=b\nQ="a b"\nD=$HOME/x\nT=x  \nN=\nH=a#b\nno'})

    found = read_server_env([tmp_path / "none", tmp_path / "a.env", tmp_path / "b.env"], {"BOTH": "shell", "S": "s"}, [])

    assert found == {"BOTH": "b", "S": "s", "A": "1", "Q": '"a b"', "D": "$HOME/x", "T": "x  ", "N": "", "H": "a#b"}


def test_server_env_can_ask_for_expansion(tmp_path: Path) -> None:
    """A comment switches it on; a backslash keeps a dollar sign."""
    write(tmp_path, {"e.env": "# enable_variable_expansion\nA=${OUTER}/x\nB=$A/y$NONE\nC=\\$A"})

    assert read_server_env([tmp_path / "e.env"], {"OUTER": "o"}, []) == {"OUTER": "o", "A": "o/x", "B": "o/x/y", "C": "$A"}


@pytest.mark.parametrize("line", [" A=1", "A =1", "a.b=1", "a-b=1", "9a=1", "=1", "A"])
def test_a_line_of_server_env_that_is_no_assignment_is_left_out(line: str, tmp_path: Path) -> None:
    """As Liberty's script does: the name begins the line, of letters (of any language), digits and underscores."""
    write(tmp_path, {"e.env": f"{line}\n\u00e9t\u00e9_2=x\n"})
    assert read_server_env([tmp_path / "e.env"], {}, []) == {"\u00e9t\u00e9_2": "x"}


@pytest.mark.parametrize("comment", ["#enable_variable_expansion", "# Enable_Variable_EXPANSION ", "#\tenable_variable_expansion"])
def test_expansion_may_be_asked_for_anywhere(comment: str, tmp_path: Path) -> None:
    """It holds for the whole file, lines before it included; a comment that says more asks for nothing."""
    write(tmp_path, {"e.env": f"A=1\nB=$A\n{comment}", "f.env": f"C=$A\n{comment} please"})
    assert read_server_env([tmp_path / "e.env", tmp_path / "f.env"], {}, []) == {"A": "1", "B": "1", "C": "$A"}


def test_jvm_options_give_properties(tmp_path: Path) -> None:
    """One option a line, comments and other options aside; shared, defaults, the server's, overrides: the last one wins."""
    folder = tmp_path / "servers" / "s"
    place = Place("s", tmp_path, folder, folder, folder / "logs")
    write(
        tmp_path,
        {
            "shared/jvm.options": "-Da=1\n-Db=1\n",
            "servers/s/configDropins/defaults/jvm.options": "# -Dc=0\n-Db=2\r\n-Dc=2",
            "servers/s/jvm.options": "-Xmx1g\n-Dc=3\n-Dd=x=y\n-De\n -Df=1",
            "servers/s/configDropins/overrides/jvm.options": "-Dd=4",
        },
    )
    unread: list[tuple[Path, Told]] = []
    found = {name: value for _, options in option_layers(place, unread) for name, value in options.items()}
    assert (found, unread) == ({"a": "1", "b": "2", "c": "3", "d": "4", "e": ""}, [])
    (place.config_dir / "jvm.options").unlink()
    (place.config_dir / "jvm.options").mkdir()
    assert [*option_layers(place, unread)]
    assert [told.message.number for _, told in unread] == ["ZCON0186E"]


def test_a_line_of_server_env_ends_with_its_line_feed(tmp_path: Path) -> None:
    """Or with both characters of Windows; what else Unicode takes for the end of a line belongs to the value."""
    write(tmp_path, {"e.env": "A=1\u2028x\x0by\r\nB=2"})

    assert read_server_env([tmp_path / "e.env"], {}, []) == {"A": "1\u2028x\x0by", "B": "2"}


def test_what_can_be_read_is_read(tmp_path: Path) -> None:
    """Each file that cannot be is told, a loop of links and a link to nothing included; the others count."""
    files = {"bootstrap.properties": "a=1\nbootstrap.include=no,loop,bad,b", "bad": "\\u00zz", "b": "b=2", "e.env": "E=1"}
    write(tmp_path, files)
    (tmp_path / "loop").symlink_to("loop")
    unread: list[tuple[Path, Told]] = []
    lost: list[Told] = []

    assert readable_properties(tmp_path / "bootstrap.properties", unread) == {"a": "1", "b": "2"}
    assert [(path.name, told.message.number) for path, told in unread] == [
        ("no", "CWWKE0014E"),
        ("loop", "CWWKE0014E"),
        ("bad", "CWWKE0018E"),
    ]
    assert read_server_env([tmp_path / "loop", tmp_path, tmp_path / "e.env"], {}, lost) == {"E": "1"}
    assert [told.message.number for told in lost] == ["ZCON0186E", "ZCON0186E"]
