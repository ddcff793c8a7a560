"""Everything that can go wrong, as values: a place, a problem, and the exceptions that carry them.

Exception
├── ConfigurationError   the configuration as a whole is not usable: all its problems
├── Refused              this request is answered with an error; carries the answer
└── Unavailable          something outside (a file, a port, a provider) is not there; carries one message
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zconnect.messages import Level, Told
from zconnect.values import Response


class Where(NamedTuple):
    """A place in a configuration document; `line` and `column` count from 1, 0 means the document as a whole."""

    document: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.document, self.line, self.column) if part)


NOWHERE = Where("")


class Problem(NamedTuple):
    """One mistake in a configuration.

    `path` leads to the spot (`/server/openidConnectClient[rs]/@clockSkew`), `suggestions` are the nearest known names,
    nearest first, `also` the other places of a conflict. `stops` says that the server must not run with it.
    """

    told: Told
    where: Where = NOWHERE
    path: str = ""
    suggestions: tuple[str, ...] = ()
    also: tuple[Where, ...] = ()
    stops: bool = False

    @property
    def level(self) -> Level:
        """How grave it is."""
        return self.told.message.level

    def below(self, path: str) -> "Problem":
        """The same with a path that began at the element of that path."""
        return self if self.path.startswith("/") else self._replace(path=f"{path}/{self.path}".rstrip("/"))

    def __str__(self) -> str:
        lines = [f"{self.told.message.number}  {self.where}  {self.path}".rstrip(), f"  {self.told.text}"]
        lines += [f"  See also {place}." for place in self.also]
        if self.suggestions:
            lines.append(f"  Did you mean {' or '.join(self.suggestions)}?")
        return "\n".join([*lines, f"  {self.told.action}"])


class ConfigurationError(Exception):
    """The configuration cannot be used; every problem that was found is in `problems`, in file order.

    `documents` are the files and folders that were looked at, there or not: a change of theirs may mend it.
    """

    def __init__(self, problems: Sequence[Problem], documents: Sequence[Path] = ()) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
        self.documents = tuple(documents)


class Refused(Exception):
    """A request is refused; the exception carries the answer and the reason that the audit record keeps.

    `status`, `headers` and `body` go to the caller; `reason` (a number and a sentence) only to log and audit.
    """

    def __init__(
        self,
        status: int,
        reason: Told | str,
        *,
        headers: Sequence[tuple[bytes, bytes]] = (),
        body: bytes = b"",
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = str(reason)
        self.headers = tuple(headers)
        self.body = body

    def carrying(self, headers: Sequence[tuple[bytes, bytes]], reason: str = "") -> "Refused":
        """The same with more header fields, and with more to say to log and audit."""
        told = f"{self.reason} {reason}" if reason else self.reason
        return Refused(self.status, told, headers=(*self.headers, *headers), body=self.body)

    @property
    def response(self) -> Response:
        """The answer that goes to the caller."""
        return Response(self.status, self.headers, self.body)


class Unavailable(Exception):
    """Something outside is not there: a file, a port, a key, a provider; `told` says which and what to do."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told
