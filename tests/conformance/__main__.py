"""Compares this server with what a real one was seen to do, area by area.

python -m tests.conformance [--root FOLDER] [-v] [AREA ...]

One line an area: `config: 180 matched, 9 diverging, 12 short, 6 not run`. Diverging is stricter by a row
of SECURITY.md (divergences.toml), not run needs a feature that is missing (missing.toml), short is whatever else differs. The
exit code is 1 when anything is short, or an entry of these files is not needed any more.
"""

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from tests.conformance.result import Result

ROOT = Path(__file__).resolve().parents[3] / "shared" / "conformance"
# Areas and where their corpora are below the root.
AREAS = {"config": ".", "schema": ".", "security": ".", "cli": "server", "http": "server", "logs": "server"}


def main() -> int:
    """Run the areas that are asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the recorded corpora")
    parser.add_argument("-v", "--verbose", action="store_true", help="say of every case what it did")
    parser.add_argument("area", nargs="*", choices=[[], *AREAS], help="all where none is given")
    options = parser.parse_args()
    if not options.root.is_dir():
        parser.error(f"there is no folder {options.root}; name that of the recorded corpora with --root")
    areas = options.area or list(AREAS)
    if len(areas) == 1:
        return _run(areas[0], options.root, options.verbose)
    return max(_apart(area, options.root, options.verbose) for area in areas)


def _apart(area: str, root: Path, verbose: bool) -> int:
    """Run an area in a process of its own: the corpora have modules of the same names."""
    command = [sys.executable, "-m", "tests.conformance", "--root", str(root), *(["-v"] if verbose else []), area]
    return subprocess.run(command, check=False).returncode


def _run(area: str, root: Path, verbose: bool) -> int:
    result: Result = import_module(f"tests.conformance.{area}").run(root / AREAS[area], verbose)
    for detail in (*result.details, *result.unneeded):
        print(detail)
    print(result, flush=True)
    return int(bool(result.short or result.unneeded))


if __name__ == "__main__":
    raise SystemExit(main())
