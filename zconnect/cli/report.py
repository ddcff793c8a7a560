"""The problems of a configuration in the forms that they are told in: text for a person, JSON for a program."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from zconnect.errors import Problem, Where
from zconnect.messages import Level

_COLOURS: Mapping[str, str] = MappingProxyType({"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1m"})
_PLAIN = "\x1b[0m"


def severity(problem: Problem) -> str:
    """`error`, `warning` or `info`."""
    if problem.stops or problem.level >= Level.ERROR:
        return "error"
    return "warning" if problem.level >= Level.WARNING else "info"


def as_text(problems: Sequence[Problem]) -> str:
    """One after the other, as a person reads them."""
    return "".join(f"{problem}\n\n" for problem in problems)


def as_screen(problems: Sequence[Problem], excerpt: Callable[[Where], tuple[str, int] | None], colour: bool) -> str:
    """The same for a terminal: `excerpt` has the line of a place and what stands in it before the place, which gets a mark below."""
    return "".join("\n".join((*_on_screen(problem, excerpt(problem.where), colour), "\n")) for problem in problems)


def _on_screen(problem: Problem, excerpt: tuple[str, int] | None, colour: bool) -> Iterator[str]:
    place, text, *rest = str(problem).splitlines()
    paint = _COLOURS[severity(problem)] if colour else ""
    plain = _PLAIN if colour else ""
    yield f"{paint}{place}{plain}"
    yield text
    if excerpt:
        line, before = excerpt
        yield f"      {line}"
        yield f"      {' ' * before}{paint}^{plain}"
    yield from rest


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects; `line` and `column` count from 1 and are 0 where there is no such place."""
    return json.dumps(objects(problems), indent=2)


def objects(problems: Sequence[Problem]) -> list[Mapping[str, Any]]:
    """The same, not yet text."""
    return [_object(problem) for problem in problems]


def _object(problem: Problem) -> Mapping[str, Any]:
    return {
        "number": problem.told.message.number,
        "severity": severity(problem),
        **_place(problem.where),
        "path": problem.path,
        "message": problem.told.text,
        "mend": problem.told.action,
        "suggestions": problem.suggestions,
        "also": [_place(where) for where in problem.also],
    }


def _place(where: Where) -> Mapping[str, Any]:
    return {"file": where.document, "line": where.line, "column": where.column}
