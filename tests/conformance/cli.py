"""Plays the recorded command lines (create, start, stop, encode, ...) against our commands with the corpus' own player."""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.conformance.differences import Differences, module_at
from tests.conformance.result import Result

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
AREA = "cli"
# Ids that speak of Java, OSGi or applications in archives, which this server does not have.
JAVA_ONLY = r"^(FFDC|CWWKZ0058I|CWWKG0102I|SRVE|CWWKS0|CWWKS4|CWWKF0013I|SESN|CWPKI)"
UNPRIVILEGED = "65534"


def run(root: Path, verbose: bool, only: Sequence[str] = ()) -> Result:
    """Play every case below `root` (the folder with cli/) and count how it compares."""
    player = module_at(root / "cli" / "play.py")
    differences = Differences(AREA)
    result = Result(AREA)
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        options = _options(Path(work))
        for path in sorted((root / "cli" / "cases").glob("*.toml")):
            if only and path.stem not in only:
                continue
            verdict, notes = _played(player, path, options, differences)
            result.add(path.stem, verdict, notes, verbose)
    result.unneeded.extend(differences.unneeded())
    return result


def _played(player: ModuleType, path: Path, options: argparse.Namespace, differences: Differences) -> tuple[str, list[str]]:
    case = tomllib.loads(path.read_text())
    if case.get("user") == UNPRIVILEGED and not _may_be_run_by_others(options.server):
        return "not run", ["the server cannot be run as another user here"]
    observed = player.play(case, options, 0)
    complaints = list(_complaints(player, case, observed, options))
    verdict, notes = differences.judged(path.stem, [text for exact, text in complaints if exact])
    return verdict, [*notes, *(f"(loose) {text}" for exact, text in complaints if not exact)]


def _complaints(
    player: ModuleType, case: Mapping[str, Any], observed: Sequence[Any], options: argparse.Namespace
) -> Iterator[tuple[bool, str]]:
    for number, (step, got) in enumerate(zip(case["step"], observed, strict=True), 1):
        for kind, exact, text in player.compare(step, got, options):
            yield exact, f"step {number} {kind}: {text}"


def _options(work: Path) -> argparse.Namespace:
    """The player's own options; the commands are small files, because the player wants words without blanks in them."""
    os.chmod(work, 0o755)
    commands = {
        name: _command(work / "bin" / name, module) for name, module in (("server", "main"), ("securityUtility", "securityutility"))
    }
    return argparse.Namespace(
        server=commands["server"],
        security_utility=commands["securityUtility"],
        install=str(work),
        env=[],
        work=str(work),
        ports=19600,
        ignore_ids=JAVA_ONLY,
        keep=False,
        verbose=False,
        strict=False,
    )


def _command(path: Path, module: str) -> str:
    path.parent.mkdir(exist_ok=True)
    python, modules = _interpreter()
    path.write_text(f'#!/bin/sh\nexport PYTHONPATH="{modules}"\nexec "{python}" -P -m zconnect.cli.{module} "$@"\n')
    path.chmod(0o755)
    return str(path)


def _interpreter() -> tuple[str, str]:
    """A Python that every user may run, and where it finds our modules; the one that runs us where there is no other."""
    own = sysconfig.get_paths()["purelib"]
    for candidate in (f"/usr/bin/python3.{sys.version_info.minor}", "/usr/bin/python3"):
        command = [candidate, "-c", "import zconnect, lxml.etree, cryptography.x509, uvloop, httptools"]
        try:
            if not subprocess.run(command, env={"PYTHONPATH": f"{PROJECT}:{own}"}, capture_output=True, check=False).returncode:
                return candidate, f"{PROJECT}:{own}"
        except OSError:
            continue
    return sys.executable, ""


def _may_be_run_by_others(command: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return False
    tried = ["setpriv", f"--reuid={UNPRIVILEGED}", "--clear-groups", command, "version"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0
