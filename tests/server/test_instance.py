"""A server's directory."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from zconnect.errors import Unavailable
from zconnect.server.instance import Instance, instance_at, instance_in

HOLD = """
import os, sys
from zconnect.server.instance import instance_at
with instance_at(sys.argv[1], os.environ).held(clean="clean" in sys.argv):
    print("held", flush=True)
    sys.stdin.readline()
print("left", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    (tmp_path / "servers" / "s1").mkdir(parents=True)
    return instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})


def holder(instance: Instance, *words: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLD, "s1", *words],
        env={**os.environ, "WLP_USER_DIR": str(instance.place.user_dir)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_says_who_runs(instance: Instance) -> None:
    """It is held as long as the process lives, and longer than the block."""
    assert not instance.running()
    with holder(instance) as process:
        assert instance.running()
        assert instance.running_file.exists()
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        assert process.stdout.readline() == "left\n"  # type: ignore[union-attr]
        assert instance.running()
        assert not instance.running_file.exists()
        process.kill()
    assert not instance.running()


def test_looking_does_not_take_the_lock_away(instance: Instance) -> None:
    """However often one asks."""
    with holder(instance) as process:
        assert [instance.running() for _ in range(3)] == [True] * 3
        with pytest.raises(Unavailable, match="CWWKE0029E"), instance.held():
            pass
        process.kill()


def test_a_clean_start_empties_the_workarea(instance: Instance) -> None:
    """Links are removed and not followed."""
    outside = instance.place.user_dir / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    instance.workarea.mkdir()
    (instance.workarea / "old").mkdir()
    (instance.workarea / "link").symlink_to(outside)
    with holder(instance, "clean") as process:
        assert {path.name for path in instance.workarea.iterdir()} == {".sLock", ".sRunning", ".sCommandAuth"}
        assert (outside / "file").exists()
        process.kill()


STALE = ["", "hello", "999999999", "-5", "0x10", "99999999999999999999"]


@pytest.mark.parametrize("text", STALE)
def test_a_pid_file_that_names_no_process(instance: Instance, text: str) -> None:
    """There is no process id then."""
    instance.write_pid(1)
    instance.pid_file.write_text(text)
    assert instance.pid() is None


def test_a_pid_file_is_written_whole(instance: Instance) -> None:
    """The number and a line end, and nothing left beside it."""
    instance.write_pid(os.getpid())
    assert instance.pid_file.read_text() == f"{os.getpid()}\n"
    assert instance.pid() == os.getpid()
    assert [path.name for path in instance.pid_file.parent.iterdir()] == ["s1.pid"]


def test_a_process_that_has_ended_is_none(instance: Instance) -> None:
    """Even where its parent has not taken note of it."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        instance.write_pid(process.pid)
        assert instance.pid() is None


def test_server_env_adds_to_the_environment(instance: Instance) -> None:
    """The shared file first, then the server's own; both beat the shell."""
    environment = {"WLP_USER_DIR": str(instance.place.user_dir), "a": "shell", "b": "shell", "c": "shell"}
    (instance.place.user_dir / "shared").mkdir()
    (instance.place.user_dir / "shared" / "server.env").write_text("a=shared\nb=shared\n")
    (instance.place.config_dir / "server.env").write_text("b=own\nLOG_DIR=/tmp/lg\n")
    found = instance_at("s1", environment)
    assert [found.environment[name] for name in "abc"] == ["shared", "own", "shell"]
    assert found.place.log_dir == Path("/tmp/lg")
    assert [path.parent.name for path in found.env_files] == ["shared", "s1"]


@pytest.mark.parametrize("variable", ["WLP_USER_DIR", "WLP_OUTPUT_DIR", "LOG_DIR"])
def test_a_folder_that_is_a_file(tmp_path: Path, variable: str) -> None:
    """The message names the variable."""
    (tmp_path / "afile").write_text("")
    with pytest.raises(Unavailable, match=f"CWWKE0025E.*{variable}"):
        instance_at("s1", {"WLP_USER_DIR": str(tmp_path), variable: str(tmp_path / "afile")})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_workarea_that_is_not_ours(instance: Instance) -> None:
    """The message names the place."""
    instance.place.config_dir.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(Unavailable, match="CWWKE0044E"), instance.held():
        pass


def test_a_server_by_its_folder(tmp_path: Path) -> None:
    """One among servers is what its name would give; one that stands alone has its files beside it."""
    by_name = instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})
    by_name.place.config_dir.mkdir(parents=True)
    assert instance_in(by_name.place.config_dir, {"WLP_USER_DIR": "/elsewhere"}).place == by_name.place

    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "server.env").write_text("LOG_DIR=/logs\n")
    place = instance_in(alone, {"WLP_USER_DIR": "/elsewhere"}).place
    assert (place.name, place.user_dir, place.config_dir, place.output_dir, place.log_dir) == (
        "alone",
        Path("/elsewhere"),
        alone,
        alone,
        Path("/logs"),
    )
