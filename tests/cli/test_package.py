"""server package."""

import zipfile

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit

REFUSED = [
    (["--include=runnable"], "CWWKE0950E"),
    (["--include=usr", "--archive=j.jar"], "CWWKE0951E"),
    (["--include=usr", "--os=z/OS"], "CWWKE0083E"),
    (["--archive=nosuch/x.zip"], "CWWKE0056E"),
    (["--include=WLP"], "ZCON0662E"),
]


def test_the_server_and_what_is_shared(home: Home) -> None:
    """Without logs, workarea, earlier archives and other servers."""
    home.write("s1")
    home.write("s1", "old", "logs/messages.log")
    home.write("other")
    (home.folder / "shared" / "config").mkdir(parents=True)
    (home.folder / "shared" / "config" / "c.xml").write_text("<server/>")
    assert home.server("package", "s1").code == Exit.OK
    assert home.server("package", "s1", "--server-root=top").code == Exit.OK
    with zipfile.ZipFile(home.path("s1", "s1.zip")) as archive:
        files = {name for name in archive.namelist() if not name.endswith("/")}
    assert files == {"top/servers/s1/server.xml", "top/servers/s1/workarea/.sLock", "top/shared/config/c.xml"}


@pytest.mark.parametrize(("words", "number"), REFUSED)
def test_what_does_not_go_together(home: Home, words: list[str], number: str) -> None:
    """28 and Liberty's number for it."""
    home.write("s1")
    done = home.server("package", "s1", *words)
    assert (done.code, done.numbers) == (Exit.PACKAGE_FAILED, [number])
    assert list(home.folder.rglob("*.zip")) == list(home.folder.rglob("*.jar")) == []


def test_an_unknown_include_is_all(home: Home) -> None:
    """With a warning."""
    home.write("s1")
    done = home.server("package", "s1", "--include=bogus")
    assert (done.code, done.numbers) == (Exit.OK, ["CWWKE0058W"])


def test_a_running_server_is_not_packed(home: Home) -> None:
    """Its files are in motion."""
    home.write("s1")
    home.run("s1")
    assert home.server("package", "s1").code == Exit.ACTIVE
