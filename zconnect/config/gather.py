"""The elements of all documents, sorted by kind and id, each heap merged into one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zconnect.config.conflicts import conflicts
from zconnect.config.declarations import declarations
from zconnect.config.merge import Piece, grouped, merged, path_of
from zconnect.config.nesting import unknown
from zconnect.config.schema import Element
from zconnect.errors import Problem
from zconnect.messages import warning

SAME_ID = warning(
    "ZCON0125W",
    "Two elements {element} in one document have the id {id}; they count as one.",
    "Give each its own id, or write one element.",
)


@dataclass(slots=True)
class Gathered:
    """The merged top-level elements by kind and id; `order` names them as they were first written."""

    merged: dict[type[Element], dict[str, Piece]] = field(default_factory=dict)
    order: list[tuple[type[Element], str]] = field(default_factory=list)

    def get(self, kind: type[Element], key: str) -> Piece | None:
        """The element of a kind and an id."""
        return self.merged.get(kind, {}).get(key)

    def ids(self, kind: type[Element]) -> Sequence[str]:
        """The ids of a kind."""
        return tuple(self.merged.get(kind, ()))


def gather(pieces: Sequence[Piece], kinds: Mapping[str, type[Element]], journal: list[Problem]) -> Gathered:
    """Sort and merge; what is unknown, doubled, in conflict or cannot be merged goes to `journal`."""
    by_name: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_name.setdefault(piece.name, []).append(piece)
    gathered = Gathered()
    first: dict[tuple[type[Element], str], int] = {}
    position = {id(piece): at for at, piece in enumerate(pieces)}
    for name, same in by_name.items():
        kind = kinds.get(name)
        if kind is None:
            journal.extend(unknown(piece, tuple(kinds.values())) for piece in same)
            continue
        for key, heap in grouped(same, kind.singleton, kind.default_id).items():
            gathered.merged.setdefault(kind, {})[key] = _merge(kind, key, heap, journal)
            first[kind, key] = position[id(heap[0])]
    gathered.order = sorted(first, key=first.__getitem__)
    return gathered


def _merge(kind: type[Element], key: str, heap: list[Piece], journal: list[Problem]) -> Piece:
    if len(heap) == 1:
        return heap[0]
    path = path_of("/server", kind.tag, key)
    if not kind.singleton:
        journal.extend(same_ids(kind, heap, path))
    result = merged(heap, journal, path)
    plain = frozenset(each.name.lower() for each in declarations(kind) if not (each.datatype and each.datatype.secret))
    report = conflicts(path.removeprefix("/server/"), heap, result, plain)
    if report:
        journal.append(report)
    return result


def same_ids(kind: type[Element], heap: Sequence[Piece], path: str) -> list[Problem]:
    """Elements of one document that share an id somebody wrote."""
    seen: dict[str, Piece] = {}
    problems = []
    for piece in heap:
        first = seen.setdefault(piece.document.uri, piece)
        if first.where != piece.where and piece.id is not None:
            problems.append(Problem(SAME_ID(element=kind.tag, id=piece.id), piece.where, path, also=(first.where,)))
    return problems
