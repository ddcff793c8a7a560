"""The way in."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.home import Home
from zconnect.cli import quick

KEYSTORE = "keystore_password=x"
CASES: list[tuple[str, Callable[[Home], object], bool]] = [
    # what is special, how it is made, whether it is answered at once
    ("stopped", lambda home: home.write("s1"), True),
    ("as create makes it", lambda home: (home.write("s1"), home.write("s1", KEYSTORE, "server.env")), True),
    ("running", lambda home: (home.write("s1"), home.run("s1")), True),
    ("pid file of nobody", lambda home: (home.write("s1"), home.write(".pid", "99999999", "s1.pid")), True),
    ("server.env that moves it", lambda home: (home.write("s1"), home.write("s1", "LOG_DIR=/nosuch", "server.env")), False),
    ("server.env is a folder", lambda home: (home.write("s1"), home.write("s1", "", "server.env/x")), False),
    ("no server.xml", lambda home: home.write("s1", "", "x"), False),
    ("no server", lambda home: None, False),
]


@pytest.mark.parametrize(("make", "at_once"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("word", ["status", "status:fast"])
def test_it_answers_as_the_whole_command_does(home: Home, make: Callable[[Home], object], at_once: bool, word: str) -> None:
    """The same words, exit code and files; what it leaves to the whole command it does not touch."""
    make(home)
    answered = quick.answer([word, "s1"], os.environ)
    here, left = home.read()[0], leftovers(home)
    assert (answered is not None) is at_once
    assert at_once or not here
    if at_once:
        make_again(home)
        whole = home.server(word, "s1")
        assert (answered, here, left) == (whole.code, whole.out, leftovers(home))


def make_again(home: Home) -> None:
    """Undo what a first question has changed."""
    for log in home.path("s1").glob("logs/status.log"):
        log.unlink()


def leftovers(home: Home) -> dict[str, str]:
    """All files but a server's own logs, without times."""
    found = (path for path in home.folder.rglob("*") if path.is_file() and path.suffix in {".log", ".pid", ".env"})
    return {str(path): re.sub(r"^\S+ ", "", path.read_text()) for path in found if path.name != "messages.log"}


@pytest.mark.parametrize("words", [[], ["status", "s1", "x"], ["status", "--x"], ["status", "../s1"], ["list"], ["status", "-Dx=y"]])
def test_other_questions_are_not_its_own(home: Home, words: list[str]) -> None:
    """Nothing is said and nothing is made."""
    home.write("s1")
    assert quick.answer(words, os.environ) is None
    assert home.read() == ("", "")


def test_an_environment_that_names_a_file(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Has to be told, by the whole command."""
    monkeypatch.setenv("WLP_OUTPUT_DIR", str(home.write("s1")))
    assert quick.answer(["status", "s1"], os.environ) is None


LOADED = {f"zconnect{name}" for name in ("", ".cli", ".cli.places", ".cli.quick", ".server", ".server.whereabouts")}
LOADED |= {"fcntl", "os", "os.path", "posixpath", "genericpath", "stat", "_stat", "abc", "_abc", "_collections_abc", "_locale"}
SCRIPT = """
import sys
before = set(sys.modules)
from zconnect.cli.quick import answer, os
print(answer(["status", "s1"], os.environ), *set(sys.modules) - before)
"""


def test_it_imports_next_to_nothing(home: Home) -> None:
    """A health check asks every few seconds; this is all that it loads besides what Python itself has loaded."""
    home.write("s1")
    environment = {**os.environ, "PYTHONPATH": str(Path(quick.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-S", "-P", "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    code, *loaded = done.stdout.splitlines()[-1].split()
    assert code == "1"
    assert set(loaded) <= LOADED


def test_all_else_goes_on_to_the_whole_command(home: Home) -> None:
    """Through the file that the launcher runs."""
    home.write("s1")
    for words, code in ((["version"], 0), (["status", "s1"], 1), (["status", "nosuch"], 2), (["stop", "s1"], 1)):
        assert subprocess.run([sys.executable, "-P", quick.__file__, *words], capture_output=True, check=False).returncode == code
