"""server validate."""

import json

from tests.cli.home import Home


def test_a_good_configuration(home: Home) -> None:
    """0, and it says so."""
    home.write("s1")
    done = home.server("validate", "s1")
    assert (done.code, done.out) == (0, "\nThe configuration of server s1 is in order.\n")


def test_warnings(home: Home) -> None:
    """1; each with its place and what was perhaps meant."""
    home.write("s1", "<server>\n  <loging maxFiles='3'/>\n</server>")
    done = home.server("validate", "s1")
    assert done.code == 1
    assert "server.xml:2:3" in done.out
    assert "Did you mean logging" in done.out
    assert "can be used: 0 errors, 1 warning." in done.out


def test_errors(home: Home) -> None:
    """2; every problem at once."""
    home.write("s1", "<server>\n  <include location='a.xml'/>\n  <include location='b.xml'/>\n</server>")
    done = home.server("validate", "s1")
    assert done.code == 2
    assert "a.xml" in done.out
    assert "b.xml" in done.out
    assert "cannot be used: 2 errors" in done.out


def test_variables_of_the_command_line_count(home: Home) -> None:
    """As they do for a start."""
    home.write("s1", "<server><include location='${which}.xml'/></server>")
    home.write("s1", "<server/>", "there.xml")
    assert home.server("validate", "s1", "--", "--which=there").code == 0
    assert home.server("validate", "s1", "--", "--which=nowhere").code == 2


def test_nothing_is_made(home: Home) -> None:
    """A check leaves no trace."""
    home.write("s1")
    home.server("validate", "s1")
    assert [path.name for path in home.path("s1").iterdir()] == ["server.xml"]


def test_a_document_for_programs(home: Home) -> None:
    """Nothing but the document is on standard output, whatever else there is to say; the exit codes are the same."""
    home.write("s1", "<server>\n  <loging maxFiles='3'/>\n</server>")
    done = home.server("validate", "s1", "surplus", "--format", "json")
    assert done.code == 1
    assert [(each["number"], each["line"], each["suggestions"][0]) for each in json.loads(done.out)] == [("ZCON0121W", 2, "logging")]
    assert done.out.startswith("[")
    assert "CWWKE0027W" in done.err


def test_no_document_without_a_server(home: Home) -> None:
    """Why there is none is on standard error."""
    done = home.server("validate", "s1", "--format=sarif")
    assert (done.code, done.out) == (2, "")
    assert "s1 does not exist" in done.err
