"""server dump."""

import zipfile

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit

SECRETS = [
    ("server.xml", '<server><user name="a" password="sesame-1"/></server>'),
    ("server.xml", '<server><variable name="db.password" value="sesame-1"/></server>'),
    ("server.xml", "<server><variable value='sesame-1' name='client.secret'/></server>"),
    ("server.env", "keystore_password=sesame-1\n"),
    ("bootstrap.properties", "db.password = sesame-1\n"),
    ("resources/security/key.p12", "sesame-1"),
    ("variables/password", "sesame-1"),
    ("mine.jks", "sesame-1"),
]


@pytest.mark.parametrize(("file", "text"), SECRETS)
def test_no_secret_is_in_a_dump(home: Home, file: str, text: str) -> None:
    """Passwords are stars, key stores and variable files are left out."""
    home.write("s1")
    home.write("s1", text, file)
    assert home.server("dump", "s1", "--archive=d.zip").code == Exit.OK
    with zipfile.ZipFile(home.path("s1", "d.zip")) as archive:
        assert not [name for name in archive.namelist() if b"sesame-1" in archive.read(name)]
        assert "server.xml" in archive.namelist()


def test_a_stopped_server_can_be_dumped(home: Home) -> None:
    """0, with a line that says that it does not run."""
    home.write("s1")
    done = home.server("dump", "s1")
    assert done.code == Exit.OK
    assert "Server s1 is not running." in done.out
    assert len(list(home.path("s1").glob("s1.dump-*.zip"))) == 1


def test_a_running_server_adds_its_threads(home: Home) -> None:
    """The stacks come from the server itself."""
    home.write("s1")
    home.run("s1")
    assert home.server("dump", "s1", "--archive=d.zip").code == Exit.OK
    with zipfile.ZipFile(home.path("s1", "d.zip")) as archive:
        assert [name for name in archive.namelist() if name.startswith("javadump.")]


def test_an_archive_that_cannot_be_written(home: Home) -> None:
    """29 and why."""
    home.write("s1")
    done = home.server("dump", "s1", "--archive=nosuch/d.zip")
    assert (done.code, done.numbers) == (Exit.DUMP_FAILED, ["ZCON0901E"])
