"""Good servers with one fault each: every fault is told, on its line, with what was meant first."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.config.mutants import FOLDERS, judged, mutants, problems_of, table

SAMPLE = 6  # every sixth; `python -m tests.config.mutants` takes all
SPOKEN = 240  # every so many are told by the command as well


def test_good_servers_have_no_problems() -> None:
    """What a mutant is told for is its fault."""
    assert [problem for folder in FOLDERS for problem in problems_of(folder)] == []


def test_the_mutants_are_the_same_at_every_run() -> None:
    """A failure can be looked at again."""
    assert [mutant.text for mutant in mutants()] == [mutant.text for mutant in mutants()]


def test_every_mutant_is_told() -> None:
    """All are reported on the line of the fault, and of misspelt words at least 95 in 100 with what was meant first."""
    verdicts = list(judged(mutants()[::SAMPLE]))
    print(f"\n{table(verdicts)}")
    assert len(verdicts) >= 500
    assert [(each.mutant.edit, sorted(each.mutant.lines)) for each in verdicts if not each.placed] == []
    meant = [each.understood for each in verdicts if each.mutant.meant]
    assert sum(meant) >= 0.95 * len(meant)


def test_the_command_tells_a_mutant(tmp_path: Path) -> None:
    """`server validate --format=json`: exit code, place and suggestion."""
    for number, mutant in enumerate(mutants()[::SPOKEN]):
        name = f"{mutant.example.name}{number}"
        folder = tmp_path / "servers" / name
        shutil.copytree(mutant.example.folder, folder, ignore=shutil.ignore_patterns("logs", "workarea"))
        (folder / mutant.file).write_text(mutant.text)
        command = [sys.executable, "-P", "-m", "zconnect.cli.main", "validate", name, "--format=json"]
        done = subprocess.run(
            command, env={**os.environ, "WLP_USER_DIR": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode in (1, 2), (mutant.edit, done.stderr)
        told = json.loads(done.stdout)
        here = [each for each in told if any((at["file"], at["line"]) in mutant.lines for at in (each, *each["also"]))]
        assert here, (mutant.edit, told)
        assert not mutant.meant or mutant.meant in [each["suggestions"][0] for each in here if each["suggestions"]], (mutant.edit, told)
