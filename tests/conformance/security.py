"""Plays the corpus of recorded requests about security against a server of ours, by the corpus' own player and judge."""

import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.conformance.differences import Differences
from tests.conformance.result import Result

HERE = Path(__file__).parent
AREA = "security"
PORTS = ("SEC_HTTP_PORT", "SEC_HTTPS_PORT", "SEC_OP_PORT", "SEC_OPS_PORT")
# What our server does not start with is taken out, or allowed aloud, so that the rest of the case can be played.
EDITS: Mapping[str, tuple[str, str]] = {
    "23-jwt-families": (r".*(PS\d\d\d|EdDSA).*\n", ""),
    "24-jwt-alg-none": (r'signatureAlgorithm="none"', 'signatureAlgorithm="none" allowUnsignedTokens="true"'),
}

LIBRARY = '<library id="taiLib"><folder dir="apps"/></library>'  # with the corpus' interceptor as a class of Python


def run(root: Path, verbose: bool, only: tuple[str, ...] = ()) -> Result:
    """Play every case below `root` (a folder with cases/ and play.py) and count the requests."""
    corpus = root / AREA if (root / AREA / "cases").is_dir() else root
    differences = Differences(AREA)
    result = Result(AREA)
    with tempfile.TemporaryDirectory() as scratch, player(corpus, Path(scratch)) as play:
        for path in sorted(corpus.glob("cases/*/expect.json")):
            name = path.parent.name
            if (only and not name.startswith(only)) or (path.parent / "slow").exists():
                continue
            for step, verdict, notes in judged(play, name, play.json.loads(path.read_text()), differences):
                result.add(f"{name}/{step}", verdict, [note[:1500] for note in notes], verbose)
    result.unneeded.extend(differences.unneeded())
    return result


def judged(play: ModuleType, name: str, want: Any, differences: Differences) -> Iterator[tuple[str, str, list[str]]]:
    """For each request of a case: its name, the verdict, and why or what differs."""
    case = play.Case(name)
    steps = [step["id"] for step in want["steps"]]
    missing = {step: differences.missing(f"{name}/{step}") for step in steps}
    complaints: dict[str, list[str]] = {step: [] for step in steps}
    if not all(missing.values()):
        try:
            got = play.Player(case, play.TARGETS["zconnect"](case)).play()
            for step, field, wanted, found in play.compare(want, got, False):
                complaints.setdefault(step, []).append(f"{field}: want {wanted} got {found}")
        except Exception as failure:  # the player says everything by exceptions
            complaints = {step: [f"could not be played: {failure!r}"] for step in steps}
    for step, texts in complaints.items():
        if feature := missing.get(step):
            yield step, "not run", [feature]
        else:
            yield step, *differences.judged(f"{name}/{step}", texts)


@contextmanager
def player(corpus: Path, scratch: Path) -> Iterator[ModuleType]:
    """The corpus' own player, with our server as its target and ports that nobody uses."""
    changed = {"SEC_WORK": str(scratch), **{port: str(free_port()) for port in PORTS}}
    kept = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    sys.path.insert(0, str(corpus))
    sys.dont_write_bytecode, writes = True, sys.dont_write_bytecode  # the corpus is not ours to write into
    try:
        play = importlib.import_module("play")
        play.TARGETS["zconnect"] = target(play)
        yield play
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(corpus))
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def target(play: ModuleType) -> Any:
    """The player's idea of our server: a folder, a process, a log."""

    class Ours(play.Zconnect):  # type: ignore[misc, name-defined]  # the player is not typed
        """A server of ours, run from the folder that the player renders."""

        def fill(self, text: str) -> str:
            features = ["appSecurity-2.0", "transportSecurity-1.0", "servlet-4.0", *self.case.data.get("more_features", [])]
            text = re.sub(*EDITS.get(self.case.name, ("$^", "")), text)
            apps = "\n".join(play.app_xml(app).replace(".war", ":app") for app in self.case.apps)
            listed = "".join(f"<feature>{feature}</feature>" for feature in self.case.data.get("features", features))
            text = text.replace("@FEATURES@", f"<featureManager>{listed}</featureManager>").replace("@APP@", apps)
            return text.replace("@ENDPOINT@", self.endpoint()).replace("@TAILIB@", LIBRARY)

        def render(self, folder: str | None = None) -> None:
            super().render(folder)
            apps = Path(folder or self.folder) / "apps"
            apps.mkdir(exist_ok=True)
            shutil.copy(HERE / "casetai.py", apps / "CaseTai.py")
            for app in self.case.apps:
                shutil.copy(HERE / "whoami.py", apps / f"{app['name']}.py")
                (apps / f"{app['name']}.web.xml").write_text(play.web_xml(app))

        def start(self) -> str:
            environment = {**os.environ, "WLP_USER_DIR": self.base, "PYTHONPATH": str(HERE.parents[1]), **self.case.data.get("env", {})}
            command = [sys.executable, "-m", "zconnect.cli.main", "run", self.case.name]
            self.output = Path(self.base, f"{self.case.name}.out").open("wb")  # noqa: SIM115 - closed by stop
            self.proc = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output)
            end = time.monotonic() + 30
            while time.monotonic() < end and self.proc.poll() is None:
                if all(answers(port) for port in (play.HTTP, play.HTTPS)):
                    time.sleep(self.case.data.get("settle", 0))
                    return str(self.new_log())
                time.sleep(0.05)
            self.stop()
            raise RuntimeError("the server does not listen: " + Path(self.output.name).read_text()[-2000:])

        def stop(self) -> None:
            if self.proc.poll() is None:
                self.proc.terminate()
            self.proc.wait(20)
            self.output.close()

    return Ours


def answers(port: int) -> bool:
    """Whether somebody listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    result = run(Path(sys.argv[1]), True, tuple(sys.argv[2:]))
    print("\n".join(result.details))
    print(result)
