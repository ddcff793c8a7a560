"""What may differ from a recorded case: because we are stricter (divergences.toml), or because a feature is missing (missing.toml)."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
TABLES = {"diverging": "divergences.toml", "not run": "missing.toml"}


@dataclass(eq=False, slots=True)
class Entry:
    """Complaints about some cases that are accounted for, and of which cases that has been seen."""

    verdict: str
    reason: str
    cases: tuple[str, ...]
    differs: str | None
    needed: set[str] = field(default_factory=set)

    def about(self, case: str) -> list[str]:
        """Which of the patterns of this entry mean a case."""
        return [pattern for pattern in self.cases if fnmatchcase(case, pattern)]

    def covers(self, case: str, complaint: str) -> bool:
        """Whether a complaint about a case is accounted for."""
        meant = self.about(case)
        if not meant or not re.search(self.differs or "", complaint, re.S):
            return False
        self.needed.update(meant)
        return True


class Differences:
    """The entries of one area; it judges the cases of a run and then knows which entries were not needed."""

    def __init__(self, area: str) -> None:
        self.entries = [entry for verdict in TABLES for entry in entries(area, verdict)]
        self._seen: set[str] = set()

    def missing(self, case: str) -> str | None:
        """The missing feature without which there is no sense in playing a case."""
        for entry in self.entries:
            if entry.verdict == "not run" and entry.differs is None and entry.covers(case, ""):
                return entry.reason
        return None

    def judged(self, case: str, complaints: Sequence[str]) -> tuple[str, list[str]]:
        """The verdict on a case: `short` with what is not accounted for, else the worst of the accounts with their reasons."""
        self._seen.update(pattern for entry in self.entries for pattern in entry.about(case))
        if not complaints:
            return "matched", []
        covering = [[entry for entry in self.entries if entry.covers(case, text)] for text in complaints]
        left = [text for text, found in zip(complaints, covering, strict=True) if not found]
        if left:
            return "short", left
        used = [entry for found in covering for entry in found]
        verdict = "not run" if any(entry.verdict == "not run" for entry in used) else "diverging"
        return verdict, sorted({entry.reason for entry in used})

    def unneeded(self) -> list[str]:
        """Which entries, and for which cases, covered nothing although such cases were judged."""
        return [
            f"unneeded: {entry.reason} for {pattern}"
            for entry in self.entries
            for pattern in entry.cases
            if pattern not in entry.needed and pattern in self._seen
        ]


def entries(area: str, verdict: str) -> list[Entry]:
    """What a table says of an area; the reason is `#12` for a row of SECURITY.md, or the name of a feature."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / TABLES[verdict]).read_text())
    return [
        Entry(verdict, f"#{row['row']}" if verdict == "diverging" else row["feature"], tuple(row["cases"]), row.get("differs"))
        for row in table.get(area, ())
    ]


def module_at(path: Path) -> ModuleType:
    """A module of a corpus (its player or its judge), by its file."""
    spec = spec_from_file_location(f"recorded_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
