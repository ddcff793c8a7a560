"""Elements of all documents → one element for each singleton and each id (onConflict, merge-op, nested elements)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from zconnect.config.source import Node
from zconnect.errors import NOWHERE, Problem, Where
from zconnect.messages import error

Behaviour = Literal["MERGE", "REPLACE", "IGNORE"]

MOST_LOSERS = 100  # that a value remembers to have been preferred to

CLASH = error(
    "ZCON0105E",
    "The element {element} has {name} both as an attribute and as a child element.",
    "Keep one of the two. Liberty does not start with such an element either.",
)


class Document(NamedTuple):
    """Where an element was read: the document, the documents that led there, and how each is merged with the one before.

    `road` ends with the document itself; `behaviours` has as many entries, the first is that of the root document.
    """

    road: tuple[str, ...]
    behaviours: tuple[Behaviour, ...]

    @property
    def uri(self) -> str:
        """The document itself."""
        return self.road[-1]


class Text(NamedTuple):
    """A value in a list; `reference`: it is the id in the `ref` attribute of a child."""

    text: str
    where: Where
    reference: bool = False


@dataclass(slots=True)
class Property:
    """What an element says under one name: an attribute's text, or its children of that name in order.

    `overrode` is what other documents say under this name and is not used, the nearest loser first.
    """

    name: str
    where: Where
    value: "str | list[Text | Piece]" = field(repr=False)  # it may be a secret
    operation: str | None = None
    overrode: "tuple[Property, ...]" = ()

    def over(self, loser: "Property") -> "Property":
        """The same, remembering what it was preferred to."""
        return replace(self, overrode=(*self.overrode, replace(loser, overrode=()), *loser.overrode)[:MOST_LOSERS])


@dataclass(slots=True)
class Piece:
    """One element as written, or several of the same id as merged; properties by their names in lower case."""

    name: str
    id: str | None
    where: Where
    document: Document
    properties: dict[str, Property] = field(default_factory=dict)


def piece_of(node: Node, document: Document, journal: list[Problem], parent: str = "/server") -> Piece:
    """An element of a document; children that are an attribute as well go to `journal` instead. `parent` is the path to its parent."""
    given = node.values()
    properties = {name.lower(): Property(name, node.where, value) for name, value in given.items()}
    piece = Piece(node.name, given.get("id"), node.where, document, properties)
    for child in node.children:
        _add(piece, child, document, journal, parent)
    return piece


def _add(piece: Piece, child: Node, document: Document, journal: list[Problem], parent: str) -> None:
    held = piece.properties.setdefault(child.name.lower(), Property(child.name, child.where, []))
    if isinstance(held.value, str):
        journal.append(_clash(piece, held, child.where, path_of(parent, piece.name, piece.id)))
        return
    values, operation = child.values(), child.get("merge-op")
    if operation is not None:
        held.operation = operation.lower()
        held.value.append(Text(child.text, child.where))
    elif "ref" in values:
        held.value.append(Text(values["ref"], child.where, reference=True))
    elif values or child.children or not child.text:
        held.value.append(piece_of(child, document, journal, path_of(parent, piece.name, piece.id)))
    else:
        held.value.append(Text(child.text, child.where))


def path_of(parent: str, name: str, key: str | None) -> str:
    """The path of an element in problems."""
    return f"{parent}/{name}[{key}]" if key else f"{parent}/{name}"


def _clash(piece: Piece, attribute: Property, child: Where, path: str) -> Problem:
    told = CLASH(element=piece.name, name=attribute.name)
    return Problem(told, child, f"{path}/@{attribute.name}", also=(attribute.where,), stops=True)


def merged(pieces: Sequence[Piece], journal: list[Problem], path: str) -> Piece:
    """One element out of all that have the same id (Liberty's ConfigurationList); clashes go to `journal`, with the element's path.

    A later element yields to an earlier one, or replaces it, as the include says that stands in the document which both
    have in common; elements of one document always merge.
    """
    if len(pieces) == 1:
        return pieces[0]
    waiting = [pieces[-1]]
    for earlier in reversed(pieces[:-1]):
        later = waiting[-1]
        behaviour = _behaviour_between(earlier, later)
        if behaviour is None:
            waiting.append(earlier)
        else:
            waiting[-1] = _applied(earlier, later, behaviour, journal, path)
    first = pieces[0]
    result = replace(first, properties={})
    for piece in reversed(waiting):
        same = piece.document.uri == first.document.uri
        result = _applied(result, piece, "MERGE" if same else piece.document.behaviours[-1], journal, path)
    return result


def _behaviour_between(earlier: Piece, later: Piece) -> Behaviour | None:
    """How `later` acts on `earlier`; None where neither document leads to the other."""
    if earlier.document.uri == later.document.uri:
        return "MERGE"
    road = later.document.road
    if earlier.document.uri in road:
        return later.document.behaviours[road.index(earlier.document.uri) + 1]
    return None


def _applied(base: Piece, later: Piece, behaviour: Behaviour, journal: list[Problem], path: str) -> Piece:
    properties = dict(base.properties)
    if behaviour == "IGNORE":
        properties |= {key: properties[key].over(lost) for key, lost in later.properties.items() if key in properties}
        return replace(base, properties=properties)
    for key, added in later.properties.items():
        append = (added.operation or ("set" if behaviour == "REPLACE" else "append")) == "append"
        held = properties.get(key)
        if held is None or not append or isinstance(added.value, str):
            properties[key] = added if held is None else replace(added.over(held), name=held.name)
        elif isinstance(held.value, str):
            journal.append(_clash(base, held, added.where, path))
        else:
            properties[key] = replace(held, value=[*held.value, *added.value], overrode=(*added.overrode, *held.overrode))
    return replace(base, properties=properties)


def grouped(pieces: Iterable[Piece], singleton: bool, default_id: str | None) -> dict[str, list[Piece]]:
    """The elements of one kind by their ids, in the order of their first appearance.

    Elements without an id get the default id, or else default-0, default-1, … one by one.
    """
    groups: dict[str, list[Piece]] = {}
    nameless = 0
    for piece in pieces:
        key = "" if singleton else piece.id if piece.id is not None else default_id
        if key is None:
            key, nameless = f"default-{nameless}", nameless + 1
        groups.setdefault(key, []).append(piece)
    return groups


def numbered(pieces: Iterable[Piece], default_id: str | None, position: Callable[[int], int] = int) -> dict[str, list[Piece]]:
    """Nested elements of one parent by their ids; one without an id is called after its position in the list."""
    groups: dict[str, list[Piece]] = {}
    for at, piece in enumerate(pieces):
        key = piece.id if piece.id is not None else default_id or f"default-{position(at)}"
        groups.setdefault(key, []).append(piece)
    return groups


def empty(name: str, id: str) -> Piece:
    """An element that nobody wrote."""
    return Piece(name, id, NOWHERE, Document(("",), ("MERGE",)))
