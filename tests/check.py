"""Every check of the project, one after another, each by a command that a person can type as well.

./test                 format, lint, types, tests (schemas, examples and README are tests)
./test interop         the same, with the heavy real peers
./test schemas         write schemas/ anew
./test conformance …   the recorded corpora of a real server
./test bench …         CPU a request
./test PATH …          only these tests (arguments of pytest)
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
CHECKS = {
    "format": ("-m", "ruff", "format", "--check", "--quiet", "."),
    "lint": ("-m", "ruff", "check", "--quiet", "."),
    "types": ("-m", "mypy"),
    # Three at a time even on two cores: they wait for each other's servers a third of the time.
    "tests": ("-m", "pytest", "-n", "3", "--dist", "loadfile", "-m", "not interop"),
}
INTEROP = {"interop": ("-m", "pytest", "-m", "interop")}


def run(name: str, command: Sequence[str]) -> bool:
    """Whether a check passes; it speaks for itself where it does not."""
    print(f"── {name}", flush=True)
    begun = time.monotonic()
    passed = subprocess.run([PYTHON, *command], cwd=ROOT, check=False).returncode == 0
    print(f"── {name} {'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s\n", flush=True)
    return passed


def every(checks: dict[str, tuple[str, ...]]) -> int:
    """Run all checks, also behind a failed one; the exit code."""
    passed = [run(name, command) for name, command in checks.items()]
    print(f"{sum(passed)} of {len(passed)} checks passed")
    return 0 if all(passed) else 1


def main(arguments: list[str]) -> int:
    """What the first word says."""
    match arguments:
        case []:
            return every(CHECKS)
        case ["interop"]:
            return every(CHECKS | INTEROP)
        case ["conformance" | "bench" as part, *rest]:
            return subprocess.run([PYTHON, "-m", f"tests.{part}", *rest], cwd=ROOT, check=False).returncode
        case ["schemas"]:
            return subprocess.run([PYTHON, "-m", "tests.test_schemas"], cwd=ROOT, check=False).returncode
        case ["-h" | "--help" | "help", *_]:
            print(__doc__)
            return 0
        case _:
            return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
