"""Runs the loader over a corpus of recorded server folders and has the corpus' own compare.py judge what it did."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.conformance.differences import Differences, module_at
from tests.conformance.observed import elements_of, message_of
from tests.conformance.result import Result
from zconnect.config.difference import changes
from zconnect.config.kernel import ConfigurationManagement
from zconnect.config.load import Loaded, load
from zconnect.config.properties import read_properties, read_server_env
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.features import FEATURES, vocabulary
from zconnect.server.featurenames import mistaken
from zconnect.values import Place

AREA = "config"
# What is different because a server did not start.
FOLLOWS = re.compile(
    "^start: (started is|ready is|exit status|no elements observed)|: not observed$|^start: message unexpected: CWWKG0010I$"
)


def run(root: Path, verbose: bool) -> Result:
    """Observe every case below `root` (a folder with cases/ and compare.py) and count how they compare."""
    corpus = root / AREA if (root / AREA / "cases").is_dir() else root
    judge = module_at(corpus / "compare.py")
    differences = Differences(AREA)
    result = Result(AREA)
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(corpus.glob("cases/*/expect.json")):
            case = Case(path.parent, Path(scratch) / path.parent.name)
            observed = json.loads(json.dumps(case.observe()))
            complaints = _complaints(case, judge.compare(json.loads(path.read_text()), observed))
            result.add(path.parent.name, *differences.judged(path.parent.name, complaints), verbose)
    result.unneeded.extend(differences.unneeded())
    return result


def _complaints(case: "Case", found: Sequence[str]) -> list[str]:
    """What differs; a start that is refused is one complaint for each number that refuses it, instead of all that follows from it."""
    if case.loaded is not None or not any(text.startswith("start: exit status 22, ") for text in found):
        return list(found)
    return [*(f"start: refused by {number}" for number in sorted(case.refused)), *(text for text in found if not FOLLOWS.search(text))]


class Case:
    """One recorded server folder, laid out as a real one, read as it stands and after each of its steps."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.about = tomllib.loads((folder / "case.toml").read_text())
        self.user = home / "usr"
        self.server = self.user / "servers" / "case"
        self.shared = self.user / "shared"
        self.places = {"@SERVER@": self.server, "@SHARED@": self.shared}
        self.environment: Mapping[str, str] = {}
        self.properties: Mapping[str, str] = {}
        self.loaded: Loaded | None = None
        self.refused: set[str] = set()

    def observe(self) -> dict[str, Any]:
        """All observations, in the shape of expect.json."""
        observations = [self.start()]
        if self.loaded is not None:
            observations += [self._step(step) for step in self.about.get("steps", ())]
        return {"case": self.folder.name, "observations": observations}

    def _lay(self, source: Path, target: Path) -> list[Path]:
        """Copy files over a folder; placeholders become real folders."""
        target.mkdir(parents=True, exist_ok=True)
        laid = []
        for path in sorted(found for found in source.rglob("*") if found.is_file()):
            goal = target / path.relative_to(source)
            goal.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            for name, place in self.places.items():
                data = data.replace(name.encode(), str(place).encode())
            goal.write_bytes(data)
            laid.append(goal)
        for path in sorted(found for found in source.rglob("*") if found.is_dir()):
            (target / path.relative_to(source)).mkdir(parents=True, exist_ok=True)
        return laid

    def start(self) -> dict[str, Any]:
        """What the first reading of its files gives."""
        self._lay(self.folder / "server", self.server)
        self._lay(self.folder / "shared", self.shared)
        surroundings = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        given = {name: str(value).replace("@SERVER@", str(self.server)) for name, value in self.about.get("env", {}).items()}
        self.environment = read_server_env([self.shared / "server.env", self.server / "server.env"], surroundings | given, [])
        try:
            self.properties = read_properties(self.server / "bootstrap.properties")
        except Unavailable:
            return {"step": "start", "exit": 23, "started": False, "ready": False, "messages": []}
        if not (self.server / "server.xml").exists():
            return {"step": "start", "exit": 22, "started": False, "ready": False, "messages": []}
        journal: list[Problem] = []
        try:
            self.loaded = self._load(journal)
        except ConfigurationError as refusal:
            self._refused(refusal)
            messages = [*self._messages(journal), *self._failing(refusal.problems, journal), {"id": "CWWKG0010I", "params": ["@NAME@"]}]
            return {"step": "start", "exit": 22, "started": False, "ready": False, "messages": messages}
        return {"step": "start", "exit": 0, "started": True, "ready": True, **self._seen(self._messages(journal))}

    def _refused(self, refusal: ConfigurationError) -> None:
        self.refused |= {problem.told.message.number for problem in refusal.problems if problem.stops}

    def _place(self) -> Place:
        return Place("case", self.user, self.server, self.server, self.server / "logs")

    def _load(self, journal: list[Problem]) -> Loaded:
        arguments = [argument[2:].partition("=") for argument in self.about.get("args", ()) if argument.startswith("--")]
        command_line = {name: value for name, equals, value in arguments if equals and name}
        return load(
            self._place(),
            vocabulary(),
            environment=self.environment,
            command_line=command_line,
            properties=self.properties,
            journal=journal,
            further=lambda configuration: mistaken(configuration, FEATURES),
        )

    def _messages(self, journal: list[Problem]) -> list[dict[str, Any]]:
        return [message_of(problem, self._clean) for problem in journal if problem.told.message.number.startswith("CWWKG")]

    def _failing(self, problems: tuple[Problem, ...], journal: list[Problem]) -> list[dict[str, Any]]:
        """The message by which onError=FAIL refuses a configuration that could not be read (written by the start, not the reader)."""
        numbers = {problem.told.message.number for problem in problems}
        failing = self._on_error(journal) == "FAIL"
        return [{"id": "CWWKG0015E", "params": ["@TEXT@"]}] if failing and numbers & {"CWWKG0014E", "CWWKG0075E"} else []

    def _on_error(self, journal: list[Problem]) -> str:
        if self.loaded is not None:
            return self.loaded.configuration.one(ConfigurationManagement).on_error
        return self.properties.get("onError", "").upper()

    def _clean(self, text: str) -> str:
        for name, place in self.places.items():
            text = text.replace(str(place), name)
        return text.replace(str(self.user), "@USER@").replace(f"{self.user.parent.parent}/", "@PARENT@/")

    def _seen(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        assert self.loaded is not None
        return {"messages": messages, "elements": elements_of(self.loaded, vocabulary(), self._place(), self._clean)}

    def _step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        changed = list(self._changed(step))
        messages = self._updated(changed, bool(step.get("notify")))
        return {"step": step["name"], "started": True, **self._seen(messages)}

    def _changed(self, step: Mapping[str, Any]) -> Iterator[Path]:
        for name in step.get("delete", ()):
            path = self.server / name
            yield path
            if path.is_dir():
                shutil.rmtree(path)
            else:
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
        yield from (self.server / name for name in step.get("touch", ()))
        yield from self._lay(self.folder / "steps" / step["name"] / "server", self.server)

    def _updated(self, changed: list[Path], notified: bool) -> list[dict[str, Any]]:
        """What a running server says when these files have changed."""
        assert self.loaded is not None
        trigger = self.loaded.configuration.one(ConfigurationManagement).update_trigger
        watched = set(self.loaded.documents)
        noticed = any(path in watched or watched & set(path.parents[:2]) - {self.server} for path in changed)
        if not noticed or trigger == "disabled" or (trigger == "mbean" and not notified):
            return []
        if not (self.server / "server.xml").exists():
            return [{"id": "CWWKG0110E"}]
        journal: list[Problem] = []
        try:
            new = self._load(journal)
        except ConfigurationError as refusal:
            self._refused(refusal)
            failing = self._on_error(journal) == "FAIL"
            refused = [{"id": "CWWKG0015E"}] if failing and refusal.problems else []
            return [{"id": "CWWKG0016I"}, *self._messages(journal), *refused]
        old, self.loaded = self.loaded, new
        return [{"id": "CWWKG0016I"}, *self._messages(journal), {"id": "CWWKG0017I" if changes(old, new) else "CWWKG0018I"}]
