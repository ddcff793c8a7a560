"""server dump."""

import re
import zipfile
from xml.etree import ElementTree

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


@pytest.mark.parametrize(("options", "folder"), [([], r"dump_[\d._]+/"), (["--include=heap,thread"], "")])
def test_a_running_server_adds_its_threads(home: Home, options: list[str], folder: str) -> None:
    """The stacks come from the server itself; they are in the archive and nowhere else."""
    home.write("s1")
    home.run("s1")
    assert home.server("dump", "s1", "--archive=d.zip", *options).code == Exit.OK
    (stacks,) = (name for name in entries(home, "d.zip") if "javadump." in name)
    assert re.fullmatch(rf"{folder}javadump\.\d+\.\d+\.\d+\.0001\.txt", stacks)
    assert list(home.path("s1").glob("javadump.*")) == []


def test_a_stopped_server_has_no_threads(home: Home) -> None:
    """Who asks for them is told which file is not there; the dump is made (recorded: dump-stopped)."""
    home.write("s1")
    done = home.server("dump", "s1", "--include=thread", "--archive=d.zip")
    assert (done.code, done.numbers) == (Exit.OK, ["CWWKE0054E"])
    assert home.path("s1", "d.zip").is_file()


def test_the_surroundings_are_in_a_dump(home: Home) -> None:
    """Versions, packages, shared configuration (masked), the workarea without the files that say how to reach the server."""
    home.write("s1")
    home.server("create", "s2")
    shared = home.folder / "shared" / "config" / "a.xml"
    shared.parent.mkdir(parents=True)
    shared.write_text('<server><user password="sesame-1"/></server>')
    home.run("s1")
    assert home.server("dump", "s1", "--archive=d.zip").code == Exit.OK
    with zipfile.ZipFile(home.path("s1", "d.zip")) as archive:
        read = {re.sub(r"^dump_[\d._]+/", "dump/", name): archive.read(name).decode() for name in archive.namelist()}
    assert read["dump/service/versions.txt"].startswith("zconnect ")
    assert "cryptography " in read["dump/library-inventory.txt"]
    assert read["dump/usr/shared/config/a.xml"] == '<server><user password="*****"/></server>'
    assert ElementTree.fromstring(read["autopdzip/autopd/autopd-collection-environment-v2.xml"]).get("product") == "zconnect"
    assert "workarea/.sRunning" in read
    assert not read.keys() & {"workarea/.sLock", "workarea/.sCommand", "servers/s2"}


def entries(home: Home, archive: str) -> list[str]:
    with zipfile.ZipFile(home.path("s1", archive)) as found:
        return found.namelist()


def test_an_archive_that_cannot_be_written(home: Home) -> None:
    """29 and why."""
    home.write("s1")
    done = home.server("dump", "s1", "--archive=nosuch/d.zip")
    assert (done.code, done.numbers) == (Exit.DUMP_FAILED, ["ZCON0901E"])
