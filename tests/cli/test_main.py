"""The command `server` as a whole."""

import subprocess
import sys

import pytest

from tests.cli.home import Home
from zconnect.cli import main as module
from zconnect.cli.action import Exit

NAMES = [("a", True), ("_a", True), ("+a", True), ("Ää", True), ("1a", True), ("a-b.c", True), ("9", True)]
BAD_NAMES = [".a", "a/b", "a b", "a*b", "a,b", "a:b", "a~b", "a%b", "a$b", "a\\b", "a@b", "a(b)"]


def test_every_action_is_declared_under_its_name() -> None:
    """The file, the table and the declaration agree."""
    assert [module.action(name).name for name in module.ACTIONS] == list(module.ACTIONS)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names_are_refused(home: Home, name: str) -> None:
    """A name can never lead out of the folder of servers."""
    done = home.server("create", name)
    assert (done.code, done.numbers) == (Exit.LOCATION, ["CWWKE0005E", "CWWKE0012E"])


@pytest.mark.parametrize("name", [name for name, _ in NAMES])
def test_good_names_pass(home: Home, name: str) -> None:
    """Letters, digits and underscore in any script, plus anywhere, hyphen and dot but not first."""
    assert home.server("create", name).code == Exit.OK


def test_an_empty_name_is_the_default(home: Home) -> None:
    """As it is for Liberty."""
    home.server("create", "")
    assert home.path("defaultServer").is_dir()


def test_an_unknown_action_ends_well(home: Home) -> None:
    """Liberty's script says CWWKE0013E and ends with 0."""
    done = home.server("bogus")
    assert (done.code, done.numbers) == (Exit.OK, ["CWWKE0013E"])


def test_the_first_line_is_empty(home: Home) -> None:
    """On every command but the probe."""
    home.write("s1")
    assert home.server("status", "s1").out.startswith("\n")
    assert home.server("status:fast", "s1").out == ""


def test_the_probe_answers_by_its_exit_code(home: Home) -> None:
    """1 for a server that does not run, 2 for none."""
    home.write("s1")
    assert [home.server("status:fast", name).code for name in ("s1", "s2")] == [Exit.REDUNDANT, Exit.NOT_EXIST]


LIGHT = ["status", "list", "stop", "version", "help"]


@pytest.mark.parametrize("command", LIGHT)
def test_small_commands_load_little(home: Home, command: str) -> None:
    """None of them pays for XML, cryptography, HTTP or an event loop."""
    home.write("s1")
    home.write("s1", "keystore_password=x", "server.env")
    script = (
        "import sys; from zconnect.cli.main import main; main([sys.argv[1], 's1']);"
        "print('heavy', [name for name in ('lxml', 'cryptography', 'asyncio', 'uvloop', 'h2', 'ssl', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script, command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy []"
