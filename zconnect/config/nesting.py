"""Elements that are not used where they stand: whether they belong elsewhere, and whether something that guards is lost with them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from zconnect.config.declarations import declarations
from zconnect.config.merge import Piece
from zconnect.config.names import SAME, nearest
from zconnect.config.schema import Element
from zconnect.config.shape import Shape, shape_of
from zconnect.errors import Problem
from zconnect.messages import error, warning

MISPLACED = warning(
    "ZCON0140W",
    "The element {element} does not belong {here}, where it is not used; it belongs {there}.",
    "Move it there, or remove it.",
)
UNKNOWN_ELEMENT = warning(
    "ZCON0121W",
    "The element {element} is not known to this server and is not used.",
    "Correct its name; upper and lower case count. The reference page has all elements.",
)
LOST_GUARD = error(
    "ZCON0141E",
    "The element {element} is not known; it is almost {known}, whose defaults would hold instead of what is written: {names}.",
    "Correct its name, or remove it.",
)

_DEFAULT = "default"  # how the ids of elements begin that exist also where nobody wrote them


def unknown(piece: Piece, vocabulary: tuple[type[Element], ...]) -> Problem:
    """What there is to say about a top-level element of a name that no element has."""
    path = f"/server/{piece.name}"
    homes = _homes(vocabulary).get(piece.name.lower(), {})
    if homes:
        told = MISPLACED(element=piece.name, here="directly in server", there=_inside(homes))
        return Problem(told, piece.where, path, stops=all(homes.values()))
    kinds = {kind.tag: kind for kind in vocabulary if "tag" in vars(kind)}
    meant = nearest(piece.name, kinds)
    for name in nearest(piece.name, kinds, SAME):
        if lost := _lost(piece, kinds[name], vocabulary):
            told = LOST_GUARD(element=piece.name, known=name, names=", ".join(lost))
            return Problem(told, piece.where, path, meant, stops=True)
    return Problem(UNKNOWN_ELEMENT(element=piece.name), piece.where, path, meant)


def misplaced(piece: Piece, parent: type[Element], path: str, vocabulary: tuple[type[Element], ...]) -> Problem | None:
    """What there is to say about a child that its parent does not know and others do; None where nobody does."""
    kind = next((each for each in vocabulary if each.tag.lower() == piece.name.lower()), None)
    homes = _homes(vocabulary).get(piece.name.lower(), {})
    if kind is None and not homes:
        return None
    there = "directly in server" if kind else _inside(homes)
    told = MISPLACED(element=piece.name, here=f"inside {parent.tag}", there=there)
    stops = bool(_lost(piece, kind, vocabulary)) if kind else all(homes.values())
    return Problem(told, piece.where, f"{path}/{piece.name}", stops=stops)


def _inside(homes: Mapping[str, bool]) -> str:
    return f"inside {' or '.join(homes)}"


def _lost(piece: Piece, kind: type[Element], vocabulary: tuple[type[Element], ...]) -> Sequence[str]:
    """What guards in an element that is not used, where its kind holds with its defaults all the same."""
    if not (kind.singleton or (kind.default_id if piece.id is None else piece.id.startswith(_DEFAULT))):
        return ()
    shape = shape_of(kind, vocabulary)
    return [held.name for name, held in piece.properties.items() if _known(shape, name) and shape.guards(name)]


def _known(shape: Shape, name: str) -> bool:
    return name in shape.attributes or name in shape.nested


@cache
def _homes(vocabulary: tuple[type[Element], ...]) -> Mapping[str, Mapping[str, bool]]:
    """For each name, in lower case, that stands only inside other elements: their tags, and whether it guards there."""
    found: dict[str, dict[str, bool]] = {}
    waiting: list[Any] = list(vocabulary)
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop(0)
        if kind in seen:
            continue
        seen.add(kind)
        for name, slot in shape_of(kind, vocabulary).nested.items():
            if slot.declaration.about.form == "children" and slot.kind is not None:
                found.setdefault(name, {})[kind.tag] = slot.declaration.about.guard
                waiting.append(slot.kind)
        for each in declarations(kind):
            if each.datatype and each.many:
                found.setdefault(each.name.lower(), {})[kind.tag] = each.about.guard
    tags = {kind.tag.lower() for kind in vocabulary}
    return {name: homes for name, homes in found.items() if name not in tags}
