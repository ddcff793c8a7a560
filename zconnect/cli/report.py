"""The problems of a configuration in the forms that they are told in: text for a person, JSON for a program."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zconnect.errors import Problem, Where
from zconnect.messages import Level


def severity(problem: Problem) -> str:
    """`error`, `warning` or `info`."""
    if problem.stops or problem.level >= Level.ERROR:
        return "error"
    return "warning" if problem.level >= Level.WARNING else "info"


def as_text(problems: Sequence[Problem]) -> str:
    """One after the other, as a person reads them."""
    return "\n".join(f"{problem}\n" for problem in problems)


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
