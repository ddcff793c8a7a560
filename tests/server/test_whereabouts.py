"""Where the files of a server are, as texts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zconnect.server import whereabouts
from zconnect.server.whereabouts import valid_name

NAMES = [
    # Liberty's rule: a letter, digit, _ or + first, then also - and .
    ("a", True),
    ("+", True),
    ("_x-1.b", True),
    ("Größe", True),
    ("日本", True),
    ("", False),
    (".a", False),
    ("-a", False),
    ("a/b", False),
    ("a\n", False),
    ("..", False),
    ("a b", False),
]


@pytest.mark.parametrize(("name", "valid"), NAMES)
def test_names(name: str, valid: bool) -> None:
    """A name is one step below the folder of servers."""
    assert valid_name(name) is valid


CASES = [
    # environment, output, logs, pid file (Liberty's variables)
    ({}, "/u/servers/s1", "/u/servers/s1/logs", "/u/servers/.pid/s1.pid"),
    ({"WLP_OUTPUT_DIR": "/o"}, "/o/s1", "/o/s1/logs", "/o/.pid/s1.pid"),
    ({"WLP_OUTPUT_DIR": "/o/", "LOG_DIR": "/l"}, "/o/s1", "/l", "/o/.pid/s1.pid"),
    ({"PID_DIR": "/p"}, "/u/servers/s1", "/u/servers/s1/logs", "/p/s1.pid"),
    ({"PID_DIR": "/p", "PID_FILE": "/q/x"}, "/u/servers/s1", "/u/servers/s1/logs", "/q/x"),
    ({"WLP_OUTPUT_DIR": "", "LOG_DIR": "", "PID_DIR": ""}, "/u/servers/s1", "/u/servers/s1/logs", "/u/servers/.pid/s1.pid"),
]


@pytest.mark.parametrize(("environment", "output", "logs", "pid_file"), CASES)
def test_the_folders(environment: dict[str, str], output: str, logs: str, pid_file: str) -> None:
    """An empty variable is none."""
    found = whereabouts.output_dir(environment, "/u/servers/s1")
    assert (found, whereabouts.log_dir(environment, found), whereabouts.pid_file(environment, found)) == (output, logs, pid_file)


def test_only_a_living_process_counts(tmp_path: Path) -> None:
    """Neither a number without a process, nor what is no number, nor one that has ended and was not taken note of."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    file = tmp_path / "s1.pid"
    for text, found in ((f"{os.getpid()}\n", os.getpid()), (f"{ended.pid}\n", None), ("9" * 30, None), ("x", None), ("", None)):
        file.write_text(text)
        assert whereabouts.pid_in(str(file)) == found
    ended.wait()
    assert whereabouts.pid_in(str(tmp_path / "nosuch")) is None
