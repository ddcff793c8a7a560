"""What is found while a configuration is read, in the order in which it is found; more than anybody would read ends the reading."""

from collections.abc import Iterable
from typing import Self

from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import Level, error

MOST = 10_000  # problems of one configuration

TOO_MANY = error(
    "ZCON0139E",
    "There are more than {most} problems in the configuration, and the rest of it is not looked at.",
    "Mend these, or correct the program that wrote it.",
)


class Journal(list[Problem]):
    """Problems, and notices, which are not counted; the problem that is too many raises `ConfigurationError` with those before."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def append(self, problem: Problem) -> None:
        """Take one more."""
        if problem.level != Level.AUDIT:
            if self._count == MOST:
                told = [each for each in self if each.level != Level.AUDIT]
                raise ConfigurationError([*told, Problem(TOO_MANY(most=MOST), stops=True)])
            self._count += 1
        super().append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take more, one by one."""
        for problem in problems:
            self.append(problem)

    def __iadd__(self, problems: Iterable[Problem]) -> Self:  # type: ignore[override,misc]
        self.extend(problems)
        return self
