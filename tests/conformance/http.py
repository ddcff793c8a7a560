"""Plays the recorded HTTP and TLS cases (http/) against our server with the corpus' own player and our echo application."""

import argparse
import queue
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.conformance.differences import Differences, module_at
from tests.conformance.result import Result

HERE = Path(__file__).parent
AREA = "http"
SERVER = (sys.executable, "-P", "-m", "zconnect.cli.main")
PORTS = 9700
AT_ONCE = 2

Case = dict[str, Any]


def run(root: Path, verbose: bool, only: Sequence[str] = ()) -> Result:
    """Play every case below `root` (the folder with http/) and count how it compares."""
    player = module_at(root / AREA / "play.py")
    differences = Differences(AREA)
    cases = [_read(path) for path in sorted((root / AREA / "cases").glob("*.toml")) if not only or path.stem.startswith(tuple(only))]
    result = Result(AREA)
    with tempfile.TemporaryDirectory() as work:
        options = _options(root / AREA / "echo", Path(work))
        slots: queue.Queue[int] = queue.Queue()
        for slot in range(AT_ONCE):
            slots.put(slot)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for case, complaints in zip(cases, pool.map(lambda case: _played(player, case, options, slots), cases), strict=True):
                name = case["_f"].removesuffix(".toml")
                result.add(name, *differences.judged(name, complaints), verbose)
    result.unneeded.extend(differences.unneeded())
    return result


def _read(path: Path) -> Case:
    return tomllib.loads(path.read_text()) | {"_f": path.name, "_own": True}


def _played(player: ModuleType, case: Case, options: argparse.Namespace, slots: "queue.Queue[int]") -> list[str]:
    """What the player has to complain of in a case, exact matters only."""
    seen: list[tuple[Any, ...]] = []
    player.run_group([case], options, slots, lambda *observed: seen.append(observed))
    if not seen:
        return ["the case was not played"]
    return list(_complaints(player, *seen[0]))


def _complaints(
    player: ModuleType, case: Case, code: int, ids: Sequence[str] | None, observed: Sequence[Any], took: float
) -> Iterator[str]:
    if case.get("expect_start", 0) != code:
        yield f"start: want {case.get('expect_start', 0)} got {code}"
    wanted = case.get("expect_start_ids", [])
    if ids is not None and player.firm(wanted) != player.firm(ids):
        yield f"start ids: want {player.firm(wanted)} got {player.firm(ids)}"
    for number, (step, got) in enumerate(zip(case["step"], observed, strict=False), 1):
        if "player-error" in got:
            yield f"step {number}: {got['player-error']}"
        elif "expect" in step:
            for what, exact, text in player.compare(step, got):
                if exact:
                    yield f"step {number} {step.get('name', '')} {what}: {text}"


def _options(echo: Path, work: Path) -> argparse.Namespace:
    """The player's own options, and a folder with the echo application and its descriptor."""
    apps = work / "app" / "apps"
    apps.mkdir(parents=True)
    shutil.copy(HERE / "echo.py", apps / "echo.py")
    shutil.copy(echo / "web.xml", apps / "echo.web.xml")
    return argparse.Namespace(
        server=" ".join(SERVER),
        app_xml=str(echo / "app.xml"),
        app_dir=str(work / "app"),
        env=[],
        work=str(work),
        ports=PORTS,
        keep=False,
        warm=False,
        record=False,
        strict=False,
    )


if __name__ == "__main__":
    found = run(Path(sys.argv[1]), True, sys.argv[2:])
    print("\n".join(found.details))
    print(found)
