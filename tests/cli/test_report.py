"""How problems are told."""

import json

from zconnect.cli.report import as_json, as_screen, as_text, severity
from zconnect.errors import Problem, Where
from zconnect.messages import error, info, warning

WARNED = warning("ZCON9901W", "The value {value} is odd.", "Correct {value}.")
NOTED = info("ZCON9902I", "Something is so.")
FAILED = error("ZCON9903E", "It is broken.", "Mend it.")


def test_severities() -> None:
    """What stops a start is an error, whatever its message is."""
    assert [severity(Problem(told)) for told in (NOTED(), WARNED(value=1), FAILED())] == ["info", "warning", "error"]
    assert severity(Problem(WARNED(value=1), stops=True)) == "error"


def test_json() -> None:
    """A list of objects that says all there is to say."""
    one = Problem(WARNED(value="ä{"), Where("a.xml", 2, 3), "/server/x/@y", ("z", "q"), (Where("b.xml", 4, 5),))
    assert json.loads(as_json([one, Problem(FAILED())])) == [
        {
            "number": "ZCON9901W",
            "severity": "warning",
            "file": "a.xml",
            "line": 2,
            "column": 3,
            "path": "/server/x/@y",
            "message": "The value ä{ is odd.",
            "mend": "Correct ä{.",
            "suggestions": ["z", "q"],
            "also": [{"file": "b.xml", "line": 4, "column": 5}],
        },
        {
            "number": "ZCON9903E",
            "severity": "error",
            "file": "",
            "line": 0,
            "column": 0,
            "path": "",
            "message": "It is broken.",
            "mend": "Mend it.",
            "suggestions": [],
            "also": [],
        },
    ]


def test_text() -> None:
    """A blank line divides one problem from the next, and the last from what follows."""
    assert as_text([Problem(FAILED()), Problem(FAILED())]).count("\n\n") == 2


def test_screen() -> None:
    """The line stands between what is wrong and what to do; without one it is the same as plain text."""
    problem = Problem(WARNED(value=1), Where("a.xml", 2, 3), also=(Where("b.xml", 4),))
    assert as_screen([problem], lambda where: ("ab<c/>", where.column - 1), False) == (
        "ZCON9901W  a.xml:2:3\n  The value 1 is odd.\n      ab<c/>\n        ^\n  See also b.xml:4.\n  Correct 1.\n\n"
    )
    assert as_screen([problem, problem], lambda where: None, False) == as_text([problem, problem])
    assert as_screen([Problem(FAILED())], lambda where: None, True).startswith("\x1b[1;31mZCON9903E\x1b[0m\n")
