"""What a run against a recorded corpus gives; every adapter returns one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """How the cases of an area compare with the real server, which of them need a look, and which entries nobody needs."""

    area: str
    counts: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    unneeded: list[str] = field(default_factory=list)

    def add(self, case: str, verdict: str, notes: Sequence[str], verbose: bool) -> None:
        """Count a case (`matched`, `diverging`, `short` or `not run`); what is short is told in any case."""
        self.counts[verdict] += 1
        if verbose or verdict == "short":
            self.details.extend([f"{verdict} {case}", *(f"    {note}" for note in notes)])

    @property
    def short(self) -> int:
        """How many cases differ without an account."""
        return self.counts["short"]

    def __str__(self) -> str:
        figures = (f"{self.counts[verdict]} {verdict}" for verdict in ("matched", "diverging", "short", "not run"))
        return f"{self.area}: {', '.join(figures)}"
