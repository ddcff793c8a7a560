"""Arithmetic in references: `${port+1}`, `${count(users)*2}`; no names are looked up here."""

import re
from collections.abc import Callable

# A Java identifier that may also contain dots; digits alone are a number.
_OPERAND = r"(?:count\([^()]*\)|[^\W\d][\w.$]*|\d+)"
_EXPRESSION = re.compile(rf"({_OPERAND})((?:[-+*/]{_OPERAND})+|)")
_STEP = re.compile(rf"([-+*/])({_OPERAND})")
_LONG = 1 << 64


def calculated(text: str, operand: Callable[[str], str | None]) -> str | None:
    """The value of an expression, strictly from left to right in 64 bits; None where it is none or has no value.

    A number alone is an expression, too; a name alone is a variable, and asked for elsewhere.
    `operand` gives the text of a name or of `count(…)`.
    """
    match = _EXPRESSION.fullmatch(text)
    if match is None or not (match[2] or match[1].startswith("count(") or match[1].isdigit()):
        return None
    total = _number(match[1], operand)
    for sign, right in _STEP.findall(match[2]):
        total = _applied(sign, total, _number(right, operand))
    return None if total is None else str(total)


def _number(text: str, operand: Callable[[str], str | None]) -> int | None:
    found = text if text.isdigit() else operand(text)
    number = int(found) if found is not None and re.fullmatch(r"[+-]?\d{1,19}", found) else _LONG
    return number if -_LONG // 2 <= number < _LONG // 2 else None


def _applied(sign: str, left: int | None, right: int | None) -> int | None:
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    match sign:
        case "+":
            value = left + right
        case "-":
            value = left - right
        case "*":
            value = left * right
        case _:
            value = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return (value + _LONG // 2) % _LONG - _LONG // 2
