"""The report of attributes to which several documents give different values."""

from collections.abc import Sequence

from zconnect.config.merge import Piece, Property
from zconnect.errors import Problem
from zconnect.messages import audit

REPORT = audit("CWWKG0102I", "Settings conflict for {report}.")


def conflicts(label: str, pieces: Sequence[Piece], result: Piece, plain: frozenset[str]) -> Problem | None:
    """What the documents say about the same attributes of one element, and which value is used; None where they agree.

    `plain` are the attributes, in lower case, whose values are shown; a misspelt one may hold a secret.
    """
    lines = [line for name, said in _said(pieces).items() for line in _lines(name, said, result, plain)]
    if not lines:
        return None
    also = tuple(piece.where for piece in pieces if piece.where != result.where)
    return Problem(REPORT(report="; ".join([label, *lines])), result.where, f"/server/{label}", also=also)


def _said(pieces: Sequence[Piece]) -> dict[str, list[Property]]:
    said: dict[str, list[Property]] = {}
    for piece in pieces:
        for name, held in piece.properties.items():
            said.setdefault(name, []).append(held)
    return said


def _lines(name: str, said: Sequence[Property], result: Piece, plain: frozenset[str]) -> list[str]:
    if len({held.value for held in said if isinstance(held.value, str)}) < 2:
        return []
    used = result.properties[name]

    def shown(value: object) -> str:
        return str(value) if name in plain else "secured value"

    lines = [f"{shown(held.value)} is set in {held.where}" for held in said]
    return [f"attribute {used.name}", *lines, f"{shown(used.value)} of {used.where} is used"]
