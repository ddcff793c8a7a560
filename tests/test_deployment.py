"""The unit for systemd and the recipe for containers, as far as they can be played without systemd and without a container engine."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.home import WEB, Home, free_port, home, until

__all__ = ["home"]

ROOT = Path(__file__).parents[1]
UNIT, RECIPE = ROOT / "zconnect@.service", ROOT / "Containerfile"
SERVER = (sys.executable, "-P", "-m", "zconnect.cli.quick")


def unit(name: str) -> str:
    """The value of a setting, for the server s1."""
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return str(value).replace("%i", "s1")


def instructions(name: str) -> list[str]:
    """The arguments of an instruction of the recipe, each on one line."""
    return re.findall(rf"^{name} (.*)$", RECIPE.read_text().replace("\\\n", ""), re.MULTILINE)


def words(name: str) -> list[str]:
    """The words of an instruction in its JSON form."""
    return re.findall(r'"([^"]*)"', instructions(name)[-1])


def started(command: list[str], environment: dict[str, str], home: Home) -> "subprocess.Popen[bytes]":
    assert command[0].rpartition("/")[2] == "server"
    process = subprocess.Popen([*SERVER, *command[1:]], env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    home.running.append(process)
    return process


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="without systemd")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Every setting, with a command that is there."""
    file = tmp_path / "zconnect@s1.service"
    file.write_text(UNIT.read_text().replace("/opt/zconnect/bin/server", str(ROOT / "server")).replace("User=zconnect", "User=root"))
    done = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_told_when_the_server_is_ready(home: Home, tmp_path: Path) -> None:
    """Type=notify; what it writes is where the unit lets it write, and its exit code after SIGTERM counts as success."""
    environment = dict(pair.partition("=")[::2] for pair in unit("Environment").split())
    moved = {name: str(tmp_path) + path for name, path in environment.items()}
    config = Path(moved["WLP_USER_DIR"], "servers", "s1", "server.xml")
    config.parent.mkdir(parents=True)
    config.write_text(WEB.format(port=free_port()))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        process = started(unit("ExecStart").split(), {**moved, "NOTIFY_SOCKET": str(tmp_path / "notify")}, home)
        assert manager.recv(100) == b"READY=1"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == int(unit("SuccessExitStatus"))
    assert [path.name for path in config.parent.iterdir()] == ["server.xml"]
    assert (unit("Type"), unit("StateDirectory"), unit("LogsDirectory")) == ("notify", "zconnect zconnect/s1", "zconnect/s1")
    assert environment["WLP_OUTPUT_DIR"] == "/var/lib/zconnect"
    assert environment["LOG_DIR"] == "/var/log/zconnect/s1"


def test_the_recipe(home: Home, tmp_path: Path) -> None:
    """Its commands, with all folders below one of the test's: served, found healthy, ended by the signal, nothing written elsewhere."""
    root = str(tmp_path / "root")
    made = next(line for line in instructions("RUN") if line.startswith("mkdir"))
    moved = re.sub(r"(?<![\w/])/(?=config|output|logs|opt)", f"{root}/", made).replace("1001:0", f"{os.getuid()}:{os.getgid()}")
    subprocess.run(["sh", "-ec", moved], check=True)
    pairs = dict(pair.partition("=")[::2] for pair in shlex.split(instructions("ENV")[0]))
    environment = {name: root + path for name, path in pairs.items() if name in {"WLP_USER_DIR", "WLP_OUTPUT_DIR", "LOG_DIR"}}
    Path(root, "config", "server.xml").write_text(WEB.format(port=free_port()))
    check = words("HEALTHCHECK")

    def healthy() -> bool:
        return subprocess.run([*SERVER, *check[1:]], env={**os.environ, **environment}, capture_output=True, check=False).returncode == 0

    process = started([*words("ENTRYPOINT"), *words("CMD")], environment, home)
    log = Path(root, "logs", "messages.log")
    until(lambda: log.exists() and "CWWKF0011I" in log.read_text())
    assert healthy()
    process.send_signal(getattr(signal, instructions("STOPSIGNAL")[0]))
    assert process.wait(20) == 143
    assert not healthy()
    assert [path.name for path in Path(root, "config").iterdir()] == ["server.xml"]
    assert Path(root, "output", "workarea").is_dir()
    assert instructions("USER") == ["1001"]


def test_the_recipe_copies_what_the_project_is_made_of() -> None:
    """And leaves the rest out of the engine's sight."""
    copied = [source for line in instructions("COPY") for source in line.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")} == set(copied)
