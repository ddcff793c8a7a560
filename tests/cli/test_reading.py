"""A server's configuration as a command reads it."""

from tests.cli.home import Home
from zconnect.cli.action import Arguments
from zconnect.cli.reading import Reading, read


def reading(home: Home, text: str, **system: str) -> Reading:
    """What a command would read."""
    home.write("s1", text)
    arguments = Arguments("validate", "s1", {"WLP_USER_DIR": str(home.folder)}, system=system)
    return read(arguments, arguments.instance())


def test_what_can_be_used(home: Home) -> None:
    """Notices are in the journal alone."""
    home.write("s1", "<server/>", "a.xml")
    found = reading(home, '<server><include location="${which}.xml"/><nope/></server>', which="a")

    assert found.loaded
    assert [problem.told.message.number for problem in found.problems] == ["CWWKF0009W", "ZCON0121W"]
    assert [problem.told.message.number for problem in found.journal] == ["CWWKG0028A", "ZCON0121W"]


def test_what_cannot_be_used(home: Home) -> None:
    """Nothing is loaded; what happened is told all the same."""
    found = reading(home, '<server><include location="a.xml"/></server>')

    assert found.loaded is None
    assert [problem.told.message.number for problem in found.problems] == ["CWWKG0090E"]
    assert [problem.told.message.number for problem in found.journal] == ["CWWKG0090E"]
