"""server create."""

import os
import stat
from pathlib import Path

import pytest

from tests.cli.home import Home
from zconnect.cli.action import Exit


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_server_is_there_for_nobody_else(home: Home) -> None:
    """Folders are 750 and files 640, whatever the templates' own rights are (z/OS Connect EE security deck)."""
    assert home.server("create", "s1").code == Exit.OK
    folder = home.path("s1")
    assert {path.name for path in folder.iterdir()} == {"apps", "dropins", "server.xml", "server.env", "workarea"}
    assert [mode(path) for path in (folder, folder / "apps", folder / "workarea")] == [0o750] * 3
    assert [mode(folder / file) for file in ("server.xml", "server.env", "workarea/.sLock")] == [0o640] * 3


def test_server_env_has_a_password_that_no_other_server_has(home: Home) -> None:
    """The password protects the default key store; the line has no end, as Liberty writes it."""
    home.server("create", "s1")
    home.server("create", "s2")
    first, second = (home.path(name, "server.env").read_text() for name in ("s1", "s2"))
    assert first.startswith("keystore_password=")
    assert not first.endswith("\n")
    assert first != second


def test_without_a_password_the_file_is_empty(home: Home) -> None:
    """--no-password leaves an empty server.env."""
    home.server("create", "s1", "--no-password")
    assert home.path("s1", "server.env").read_text() == ""


@pytest.mark.parametrize("template", ["zosconnect:default", "zosconnect:apiRequester"])
def test_templates_of_zosconnect_have_their_folders(home: Home, template: str) -> None:
    """The artifact folders of z/OS Connect EE are there, and the server is in order as it stands."""
    assert home.server("create", "s1", f"--template={template}").code == Exit.OK
    folders = {path.name for path in home.path("s1", "resources", "zosconnect").iterdir()}
    assert folders == {"apis", "services", "apiRequesters", "rules"}
    assert not list(home.path("s1").rglob(".keep"))
    assert 'requireAuth="true"' in home.path("s1", "server.xml").read_text()


@pytest.mark.parametrize("template", ["nosuch", "", "../servers/defaultServer", ".", "zosconnect:../defaultServer"])
def test_an_unknown_template_makes_nothing(home: Home, template: str) -> None:
    """A template is one of the folder of templates, and nothing above it."""
    done = home.server("create", "s1", f"--template={template}")
    assert (done.code, done.numbers) == (Exit.LAUNCH, ["CWWKE0005E", "CWWKE0054E"])
    assert not home.path("s1").exists()


def test_a_second_create_changes_nothing(home: Home) -> None:
    """What is there is not touched; the attempt leaves its log."""
    home.write("s1")
    done = home.server("create", "s1")
    assert (done.code, done.numbers) == (Exit.REDUNDANT, ["CWWKE0005E", "CWWKE0045E"])
    assert [path.name for path in home.path("s1").iterdir()] == ["server.xml"]
    assert home.path(".logs", "create.log").exists()


def test_a_pid_file_left_behind_goes(home: Home) -> None:
    """A former server of that name has nothing to say any more."""
    home.path(".pid").mkdir(parents=True)
    home.path(".pid", "s1.pid").write_text("999999\n")
    home.server("create", "s1")
    assert not home.path(".pid", "s1.pid").exists()


def test_an_output_folder_that_is_a_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code 30 is seen nowhere else."""
    (home.folder / "afile").write_text("x")
    monkeypatch.setenv("WLP_OUTPUT_DIR", str(home.folder / "afile"))
    done = home.server("create", "s1")
    assert (done.code, done.numbers) == (Exit.OUTPUT_IS_FILE, ["CWWKE0005E", "CWWKE0025E"])


def test_the_umask_of_the_caller_is_kept_for_his_group(home: Home) -> None:
    """Only what others may do is taken away."""
    os.umask(0)
    home.server("create", "s1")
    assert mode(home.path("s1")) == 0o770
