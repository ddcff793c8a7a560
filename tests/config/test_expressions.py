"""Arithmetic in references."""

import pytest

from zconnect.config.expressions import calculated

VALUES = {"a": "5", "b.c": "3", "n": "-2", "text": "x", "big": str(2**63 - 1)}

# Vectors 39 to 41, section 4.3.
RESULTS = {
    "a-b.c": "2",
    "1+2*3": "9",
    "7/2": "3",
    "n/a": "0",
    "n*a/3": "-3",
    "7/0": None,
    "1 + 2": None,
    "a+-1": None,
    "(1+2)": None,
    "a+nope": None,
    "a+text": None,
    "a": None,
    "007": "7",
    "9223372036854775808-1": None,
    "a+": None,
    "big+1": str(-(2**63)),
    "count(l)+1": "3",
    "count(l)": "2",
}


@pytest.mark.parametrize(("text", "result"), RESULTS.items())
def test_expressions_run_from_left_to_right(text: str, result: str | None) -> None:
    """Without blanks, signs or parentheses, in 64 bits; everything else has no value."""
    assert calculated(text, lambda name: "2" if name == "count(l)" else VALUES.get(name)) == result
