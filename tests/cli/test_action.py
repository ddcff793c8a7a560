"""What commands are made of."""

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Arguments, Exit, Failure, existing, folders, with_document
from zconnect.messages import error

NOTE = error("TEST0001E", "Something about {name}.", "Mend it.")


def arguments(home: Home, name: str) -> Arguments:
    return Arguments("status", name, {"WLP_USER_DIR": str(home.folder)})


def test_a_failure_says_what_and_how_to_mend_it(home: Home) -> None:
    """A general line, the reason, what to do, the folders."""
    home.write("s1")
    instance = arguments(home, "s1").instance()
    Failure(Exit.LOCATION, NOTE(name="x"), folders_of=instance).tell()
    out, _ = home.read()
    assert out.splitlines()[0].startswith("CWWKE0005E")
    assert out.splitlines()[1:3] == ["TEST0001E: Something about x.", "  Mend it."]
    assert out.rstrip().endswith(folders(instance))


def test_a_missing_server(home: Home) -> None:
    """Exit code 2."""
    with pytest.raises(Failure) as failure:
        existing(arguments(home, "s1"))
    assert failure.value.code == Exit.NOT_EXIST


def test_a_server_xml_that_is_a_folder_passes(home: Home) -> None:
    """The check is about what can be read; what it says is for the start to find out (recorded: server-xml-is-dir)."""
    home.path("s1", "server.xml").mkdir(parents=True)
    assert with_document(arguments(home, "s1").instance()).name == "s1"
