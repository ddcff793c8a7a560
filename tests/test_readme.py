"""The README's own commands, played from top to bottom in a copy of the project, over real sockets."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Commands and the text that must come of them; … stands for anything."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall((ROOT / "README.md").read_text()):
        if kind == "sh":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text)
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh clone, but for the Python environment, which it shares with the project."""
    folder = tmp_path_factory.mktemp("clone") / "zconnect"
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    shutil.copy(ROOT / "pyproject.toml", ROOT / ".venv" / "installed")  # or the launcher would point the environment at the clone
    yield folder
    subprocess.run(["./server", "stop", "quickstart", "--force"], cwd=folder, capture_output=True, check=False)


def play(commands: list[str], folder: Path) -> list[str]:
    """Run blocks one after another in one shell, as a reader does; the output of each."""
    mark = "=== next block ==="
    script = f"\necho '{mark}'\n".join(commands)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WLP_")}
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout.split(mark + "\n")


def pattern(expected: str) -> str:
    """Expected text as a regular expression."""
    lines = [re.escape(line).replace("…", "[\\s\\S]*?") for line in expected.strip().splitlines()]
    return "\\s*".join(lines)


def test_the_readme_does_what_it_says(clone: Path) -> None:
    """Whoever copies the commands sees what the README shows."""
    played = steps()
    outputs = play([commands for commands, _ in played], clone)
    assert len(outputs) == len(played), outputs[-1]
    for (commands, expected), output in zip(played, outputs, strict=True):
        assert re.search(pattern(expected), output, re.IGNORECASE), f"{commands}\n--- expected\n{expected}\n--- came\n{output}"
