"""The report of attributes to which several documents give different values."""

from collections.abc import Sequence

from zconnect.config.merge import Piece
from zconnect.errors import Problem
from zconnect.messages import audit

REPORT = audit("CWWKG0102I", "Settings conflict for {report}.")


def conflicts(label: str, pieces: Sequence[Piece], result: Piece, plain: frozenset[str]) -> Problem | None:
    """What the documents say about the same attributes of one element, and which value is used; None where they agree.

    `plain` are the attributes, in lower case, whose values are shown; a misspelt one may hold a secret.
    """
    lines = [line for name in _names(pieces) for line in _lines(name, pieces, result, plain)]
    if not lines:
        return None
    also = tuple(piece.where for piece in pieces if piece.where != result.where)
    return Problem(REPORT(report="; ".join([label, *lines])), result.where, f"/server/{label}", also=also)


def _names(pieces: Sequence[Piece]) -> list[str]:
    return list(dict.fromkeys(name for piece in pieces for name in piece.properties))


def _lines(name: str, pieces: Sequence[Piece], result: Piece, plain: frozenset[str]) -> list[str]:
    said = [(held, piece) for piece in pieces if (held := piece.properties.get(name)) is not None]
    if len({held.value for held, _ in said if isinstance(held.value, str)}) < 2:
        return []
    used = result.properties[name]

    def shown(value: object) -> str:
        return str(value) if name in plain else "secured value"

    lines = [f"{shown(held.value)} is set in {held.where}" for held, _ in said]
    return [f"attribute {used.name}", *lines, f"{shown(used.value)} of {used.where} is used"]
