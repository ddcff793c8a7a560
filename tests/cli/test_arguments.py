"""The grammar of the command line."""

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit
from zconnect.cli.arguments import parsed
from zconnect.cli.main import action

REFUSED = [
    # action, words behind it, the message
    ("create", ["s1", "--bogus"], "CWWKE0013E"),
    ("create", ["s1", "--bogus=1"], "CWWKE0013E"),
    ("create", ["-a"], "CWWKE0013E"),
    ("create", ["s1", "-x"], "CWWKE0013E"),
    ("start", ["s1", "--timeout=5"], "CWWKE0028E"),
    ("run", ["s1", "--timeout"], "CWWKE0086E"),
    ("stop", ["s1", "--timeout"], "CWWKE0086E"),
    ("stop", ["s1", "--timeout=abc"], "CWWKE0024E"),
    ("stop", ["s1", "--timeout="], "CWWKE0024E"),
    ("stop", ["s1", "--timeout=-1"], "CWWKE0024E"),
    ("stop", ["s1", "--timeout=1.5s"], "CWWKE0024E"),
    ("run", ["-x"], "CWWKE0013E"),
    ("validate", ["s1", "--format"], "ZCON0903E"),
    ("validate", ["s1", "--format=xml"], "ZCON0903E"),
    ("validate", ["s1", "--format", "xml"], "ZCON0903E"),
    ("validate", ["s1", "--format", "--bogus"], "CWWKE0013E"),
]


@pytest.mark.parametrize(("name", "words", "number"), REFUSED)
def test_wrong_options_are_refused(home: Home, name: str, words: list[str], number: str) -> None:
    """Each gets the number that Liberty 26.0.0.3 gives it, and exit code 20."""
    home.write("s1")
    done = home.server(name, *words)
    assert (done.code, done.numbers) == (Exit.BAD_ARGUMENT, [number])


MISSING = [["nosuch", "--bogus"], ["nosuch", "s2"], ["a b"], ["-x"], ["nosuch", "--timeout=abc"]]


@pytest.mark.parametrize("words", MISSING)
@pytest.mark.parametrize("name", ["start", "stop", "status", "package", "dump", "javadump", "pause", "resume"])
def test_a_missing_server_goes_before_all_else(home: Home, name: str, words: list[str]) -> None:
    """Liberty's script looks for the folder before anybody looks at the rest of the line, or at what a name may be."""
    done = home.server(name, *words)
    assert (done.code, done.out) == (Exit.NOT_EXIST, f"\nServer {words[0]} does not exist.\n")
    assert done.numbers == []


@pytest.mark.parametrize("words", [["s1", "--archive=a.zip"], ["s1", "--TEMPLATE=defaultServer"]])
def test_options_of_other_actions_pass(home: Home, words: list[str]) -> None:
    """A known option on the wrong action is ignored; a key before an equals sign is read in any case."""
    assert home.server("create", *words).code == Exit.OK


def test_surplus_names_are_ignored_aloud(home: Home) -> None:
    """The first name counts; status does not even say so."""
    home.write("s1")
    assert home.server("stop", "s1", "s2").numbers == ["CWWKE0027W", "CWWKE0965W"]
    assert home.server("status", "s1", "s2", "--bogus").numbers == []


def test_an_option_in_the_place_of_the_name(home: Home) -> None:
    """The server is defaultServer then, and the name behind the option is surplus."""
    done = home.server("create", "--no-password", "s1")
    assert (done.code, done.numbers) == (Exit.OK, ["CWWKE0027W"])
    assert home.path("defaultServer").is_dir()


def test_variables_and_properties() -> None:
    """What stands behind -- are variables; -Dname=value may stand anywhere before."""
    words = ["s1", "-Da=1", "-Xmx1g", "--clean", "--", "--b=2=3", "--c", "-Dd=4"]
    arguments = parsed(action("run"), words, {})
    assert (arguments.name, dict(arguments.options), dict(arguments.system)) == ("s1", {"clean": None}, {"a": "1"})
    assert arguments.variables() == {"b": "2=3"}


@pytest.mark.parametrize("words", [["s1", "--format=json"], ["s1", "--format", "json"], ["s1", "--FORMAT=json"]])
def test_a_value_behind_its_option(words: list[str]) -> None:
    """An option of ours takes its value either way."""
    arguments = parsed(action("validate"), words, {})
    assert (arguments.name, dict(arguments.options)) == ("s1", {"format": "json"})
