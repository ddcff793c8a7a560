"""server list."""

from tests.cli.home import Home


def test_what_counts_as_a_server(home: Home) -> None:
    """A folder with a server.xml file, in code point order; recorded from 26.0.0.3 (list-several)."""
    for name in ("zz", "Aa", "b2", "b10", ".hid", "bad name"):
        home.write(name)
    home.write("nodoc", file="other.xml")
    home.path("dirxml", "server.xml").mkdir(parents=True)
    home.path("afile").write_text("x")
    lines = home.server("list", "anything", "--bogus").out.splitlines()
    assert lines[0] == lines[2] == ""
    assert lines[1] == f"The following servers are defined in the user directory {home.folder}."
    assert lines[3:] == ["Aa", "b10", "b2", "bad name", "zz"]


def test_without_servers_there_is_one_line(home: Home) -> None:
    """It names the user directory."""
    done = home.server("list")
    assert (done.code, done.out) == (0, f"\nThere are no servers defined in the user directory {home.folder}.\n")
