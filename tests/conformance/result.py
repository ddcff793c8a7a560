"""What a run against a recorded corpus gives; every adapter returns one."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """How many cases of an area match the real server, differ on purpose, fall short, or were not run; and which."""

    area: str
    matched: int
    diverging: int
    short: int
    not_run: int
    details: list[str] = field(default_factory=list)
