"""Merged elements and the vocabulary → typed elements, linked with each other, with every problem at once."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from zconnect.config.attributes import Scope, reference_ids, value_of
from zconnect.config.conflicts import conflicts
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.merge import Piece, Property, Text, empty, grouped, merged, numbered
from zconnect.config.names import SAME, nearest
from zconnect.config.schema import Element
from zconnect.config.variables import Variables
from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import error, info, warning

UNKNOWN_ELEMENT = warning(
    "ZCON0121W",
    "The element {element} is not known to this server and is not used.",
    "Correct its name; upper and lower case count. The reference page has all elements.",
)
UNKNOWN_NAME = warning(
    "ZCON0122W",
    "{element} has no attribute or child element {name}; it is not used.",
    "Correct its name. The reference page has all attributes of the element.",
)
UNKNOWN_GUARD = error(
    "ZCON0123E",
    "{element} has no attribute or child element {name}; it is almost {known}, without which more callers could pass.",
    "Correct its name, or remove it.",
)
UNUSED = info("ZCON0124I", "The attribute {attribute} of {element} is accepted and has no effect here, because {cause}.")
SAME_ID = warning(
    "ZCON0125W",
    "Two elements {element} in one document have the id {id}; they count as one.",
    "Give each its own id, or write one element.",
)
MISSING_WITH_ID = error(
    "CWWKG0058E",
    "The element {element} of the id {id} is not used, because its attribute {attribute} is missing.",
    "Write the attribute.",
)
MISSING_ATTRIBUTE = error(
    "CWWKG0095E", "The element {element} is not used, because its attribute {attribute} is missing.", "Write the attribute."
)
NO_SUCH_ID = warning(
    "CWWKG0033W",
    "The attribute {attribute} refers to {value}, and there is no such element.",
    "Correct the id (upper and lower case and blanks count), or write the element.",
)
AMBIGUOUS = warning(
    "CWWKG0087W",
    "The attribute {attribute} refers to {value}, and there are several such elements.",
    "Give them different ids.",
)
CIRCLE = error("ZCON0126E", "The elements refer to each other in a circle: {path}.", "Remove one of the references.")
NOT_NESTED = warning(
    "ZCON0127W",
    "The child element {name} of {element} has text only; it needs attributes.",
    "Write the text as an attribute of the child.",
)

DEEPEST_LINK = 100


class _Slot(NamedTuple):
    """Where nested elements of a name belong, and what they are; no class where the name does not tell."""

    declaration: Declaration
    kind: type[Element] | None


class _Shape(NamedTuple):
    """What an element of a kind may contain, by names in lower case."""

    attributes: dict[str, Declaration]
    nested: dict[str, _Slot]
    names: tuple[str, ...]


@cache
def _shape(kind: Any, vocabulary: tuple[type[Element], ...]) -> _Shape:
    declared = declarations(kind)
    attributes = {each.name.lower(): each for each in declared if each.about.form != "children"}
    nested: dict[str, _Slot] = {}
    kinds = {each.field: concrete(each.target, vocabulary) for each in declared if each.target}
    for each in declared:
        if each.about.form == "ref":
            own = kinds[each.field]
            nested[each.child.lower()] = _Slot(each, own[0] if len(own) == 1 else None)
    for each in declared:
        for found in kinds.get(each.field, ()):
            nested.setdefault(found.tag.lower(), _Slot(each, found))
    tags = [found.tag for each in declared if each.about.form == "children" for found in kinds[each.field]]
    return _Shape(attributes, nested, (*(each.name for each in attributes.values()), *tags))


class Binder:
    """Makes the typed elements of a configuration; problems go to `journal` in the order in which they are met."""

    def __init__(self, pieces: Sequence[Piece], vocabulary: Iterable[type[Element]], variables: Variables, journal: list[Problem]) -> None:
        self._vocabulary = tuple(vocabulary)
        self._kinds = {kind.tag: kind for kind in self._vocabulary}
        self._variables = variables
        self._journal = journal
        self._merged: dict[type[Element], dict[str, Piece]] = {kind: {} for kind in self._vocabulary}
        self._made: dict[tuple[type[Element], str], Element | None] = {}
        self._making: list[str] = []
        self._announced: set[tuple[str, str]] = set()
        self._gather(pieces)

    def elements(self) -> list[Element]:
        """All top-level elements in the order in which they were first written, then the built-in ones."""
        written = [(piece, kind, key) for kind, group in self._merged.items() for key, piece in group.items()]
        order = {id(piece): at for at, piece in enumerate(self._order)}
        written.sort(key=lambda each: order[id(self._first[each[1], each[2]])])
        made = [self._element(kind, key) for _, kind, key in written]
        built_in = [self._element(kind, kind.built_in) for kind in self._vocabulary if kind.built_in is not None]
        return list({id(each): each for each in (*made, *built_in) if each is not None}.values())

    def one(self, kind: type[Element]) -> Element | None:
        """The singleton of a kind, if it was written and can be made."""
        return self._element(kind, "") if "" in self._merged.get(kind, {}) else None

    def _gather(self, pieces: Sequence[Piece]) -> None:
        """Sort the pieces by kind and id, and merge each heap."""
        self._order = pieces
        self._first: dict[tuple[type[Element], str], Piece] = {}
        by_name: dict[str, list[Piece]] = {}
        for piece in pieces:
            by_name.setdefault(piece.name, []).append(piece)
        for name, same in by_name.items():
            kind = self._kinds.get(name)
            if kind is None:
                self._unknown(same)
                continue
            for key, heap in grouped(same, kind.singleton, kind.default_id).items():
                self._first[kind, key] = heap[0]
                self._merge(kind, key, heap)

    def _unknown(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            known = nearest(piece.name, self._kinds)
            self._journal.append(Problem(UNKNOWN_ELEMENT(element=piece.name), piece.where, f"/server/{piece.name}", known))

    def _merge(self, kind: type[Element], key: str, heap: list[Piece]) -> None:
        path = _path("/server", kind, key)
        self._same_ids(kind, heap, path)
        try:
            result = merged(heap)
        except ConfigurationError as refusal:
            self._journal.extend(refusal.problems)
            return
        self._merged[kind][key] = result
        secret = frozenset(each.name.lower() for each in declarations(kind) if each.datatype and each.datatype.name == "password")
        report = conflicts(path.removeprefix("/server/"), heap, result, secret) if len(heap) > 1 else None
        if report:
            self._journal.append(report)

    def _same_ids(self, kind: type[Element], heap: list[Piece], path: str) -> None:
        seen: dict[str, Piece] = {}
        for piece in heap if not kind.singleton else ():
            first = seen.setdefault(piece.document.uri, piece)
            if first is not piece and piece.id is not None:
                self._journal.append(Problem(SAME_ID(element=kind.tag, id=piece.id), piece.where, path, also=(first.where,)))

    def _element(self, kind: type[Element], key: str) -> Element | None:
        """The top-level element of a kind and an id, made at the first asking."""
        if (kind, key) not in self._made:
            piece = self._merged[kind].get(key) or empty(kind.tag, key)
            self._made[kind, key] = self._make(kind, piece, key, "/server")
        return self._made[kind, key]

    def _make(self, kind: type[Element], piece: Piece, key: str, parent: str) -> Element | None:
        path = _path(parent, kind, key)
        if path in self._making or len(self._making) > DEEPEST_LINK:
            circle = " → ".join(each.removeprefix("/server/") for each in (*self._making[-5:], path))
            self._journal.append(Problem(CIRCLE(path=circle), piece.where, path, stops=True))
            return None
        self._making.append(path)
        try:
            return self._typed(kind, piece, key, path)
        finally:
            self._making.pop()

    def _typed(self, kind: type[Element], piece: Piece, key: str, path: str) -> Element | None:
        key_of_shape: Any = kind
        shape = _shape(key_of_shape, self._vocabulary)
        scope = Scope(piece, kind, key, path, shape.attributes, self._variables, self._journal)
        values: dict[str, Any] = {}
        for each in declarations(kind):
            values[each.field] = self._value(scope, shape, each)
        self._leftovers(scope, shape)
        if scope.broken:
            return None
        if "id" not in piece.properties:
            values["id"] = key
        return kind(where=piece.where, given=frozenset(piece.properties), **values)

    def _value(self, scope: Scope, shape: _Shape, each: Declaration) -> Any:
        held = scope.piece.properties.get(each.name.lower()) if each.about.form != "children" else None
        if each.about.unused and (held or self._nested(scope, shape, each)):
            self._announce(scope, each)
        if each.datatype:
            if held is not None:
                return value_of(scope, each, held, each.datatype)
            if each.required:
                self._missing(scope, each)
                return None
            return each.default
        found = self._linked(scope, shape, each, held)
        if not found and each.required and held is None:
            self._missing(scope, each)
        return tuple(found) if each.many else next(iter(found), None)

    def _announce(self, scope: Scope, each: Declaration) -> None:
        if (scope.kind.tag, each.name) not in self._announced:
            self._announced.add((scope.kind.tag, each.name))
            told = UNUSED(attribute=each.name, element=scope.kind.tag, cause=each.about.unused)
            scope.tell(told, scope.piece.where, f"@{each.name}")

    def _missing(self, scope: Scope, each: Declaration) -> None:
        scope.broken = True
        with_id = MISSING_WITH_ID(element=scope.kind.tag, attribute=each.name, id=scope.id)
        told = with_id if scope.id else MISSING_ATTRIBUTE(element=scope.kind.tag, attribute=each.name)
        scope.tell(told, scope.piece.where, f"@{each.name}", stops=each.about.guard)

    def _nested(self, scope: Scope, shape: _Shape, each: Declaration) -> list[tuple[Property, type[Element]]]:
        """The children that belong to a declaration, name by name."""
        found = []
        for name, slot in shape.nested.items():
            held = scope.piece.properties.get(name)
            if slot.declaration is each and slot.kind and held is not None and not isinstance(held.value, str):
                found.append((held, slot.kind))
        return found

    def _linked(self, scope: Scope, shape: _Shape, each: Declaration, held: Property | None) -> list[Element]:
        """The elements that a reference names or holds, or the nested ones; references come first."""
        nested = self._nested(scope, shape, each)
        pieces = [(part, kind) for prop, kind in nested for part in self._pieces(scope, each, prop)]
        ids = reference_ids(scope, each, held) if held is not None else []
        ids += [part.text for prop, _ in nested for part in prop.value if isinstance(part, Text) and part.reference]
        if not each.many:
            if pieces:
                return self._folded(scope, each, pieces)
            return [found for found in [self._referred(scope, each, name) for name in ids[:1]] if found]
        own = {part.id for part, _ in pieces}
        found = [self._referred(scope, each, name) for name in ids if name not in own]
        for kind in dict.fromkeys(kind for _, kind in pieces):
            parts = [part for part, of in pieces if of is kind]
            found += self._children(scope, each, kind, parts, len(ids))
        return [element for element in found if element is not None]

    def _pieces(self, scope: Scope, each: Declaration, held: Property) -> list[Piece]:
        parts = [part for part in held.value if isinstance(part, Piece)]
        if any(isinstance(part, Text) and not part.reference for part in held.value):
            scope.tell(NOT_NESTED(name=held.name, element=scope.kind.tag), held.where, held.name, stops=each.about.guard)
        return parts

    def _folded(self, scope: Scope, each: Declaration, pieces: list[tuple[Piece, type[Element]]]) -> list[Element]:
        """All nested elements of a reference that can hold one are one element."""
        kind = pieces[0][1]
        parts = [part for part, of in pieces if of is kind]
        key = next((part.id for part in parts if part.id is not None), None) or kind.default_id or "default-0"
        return self._built(scope, each, kind, key, parts)

    def _children(self, scope: Scope, each: Declaration, kind: type[Element], parts: list[Piece], before: int) -> list[Element | None]:
        found: list[Element | None] = []
        for key, heap in numbered(parts, kind.default_id, lambda at: at + before).items():
            self._same_ids(kind, heap, _path(scope.path, kind, key))
            found += self._built(scope, each, kind, key, heap)
        return found

    def _built(self, scope: Scope, each: Declaration, kind: type[Element], key: str, heap: list[Piece]) -> list[Element]:
        try:
            piece = merged(heap)
        except ConfigurationError as refusal:
            self._journal.extend(refusal.problems)
            return []
        before = len(self._journal)
        made = self._make(kind, piece, key, scope.path)
        if made is None and each.about.guard:
            # Without this child more callers could pass, so its mistakes weigh as much as those of a guard.
            self._journal[before:] = [_stopping(problem) for problem in self._journal[before:]]
        return [] if made is None else [made]

    def _referred(self, scope: Scope, each: Declaration, name: str) -> Element | None:
        target = each.target or Element
        kinds = concrete(target, self._vocabulary)
        homes = [kind for kind in kinds if name in self._merged.get(kind, {}) or kind.built_in == name]
        where = scope.piece.properties[each.name.lower()].where if each.name.lower() in scope.piece.properties else scope.piece.where
        if len(homes) == 1:
            made = self._element(homes[0], name)
            if made is not None or not each.about.guard:
                return made
        message = AMBIGUOUS if len(homes) > 1 else NO_SUCH_ID
        known = nearest(name, [key for kind in kinds for key in self._merged.get(kind, {})]) if not homes else ()
        scope.tell(message(attribute=each.name, value=name), where, f"@{each.name}", stops=each.about.guard, suggestions=known)
        return None

    def _leftovers(self, scope: Scope, shape: _Shape) -> None:
        """Report what was written and is not declared; a slip in the name of something that guards stops the start."""
        for key, held in scope.piece.properties.items():
            as_text = isinstance(held.value, str) or any(isinstance(part, Text) for part in held.value)
            if key in shape.attributes or (key in shape.nested and not isinstance(held.value, str) and shape.nested[key].kind):
                continue
            known = nearest(held.name, shape.names)
            name = f"@{held.name}" if as_text else held.name
            slip = next((each for each in nearest(held.name, shape.names, SAME) if _guards(shape, each)), None)
            if slip:
                told = UNKNOWN_GUARD(element=scope.kind.tag, name=held.name, known=slip)
                scope.tell(told, held.where, name, stops=True, suggestions=known)
            else:
                scope.tell(UNKNOWN_NAME(element=scope.kind.tag, name=held.name), held.where, name, suggestions=known)


def _guards(shape: _Shape, name: str) -> bool:
    key = name.lower()
    declaration = shape.attributes.get(key) or shape.nested[key].declaration
    return declaration.about.guard


def _stopping(problem: Problem) -> Problem:
    return Problem(problem.told, problem.where, problem.path, problem.suggestions, problem.also, stops=True)


def _path(parent: str, kind: type[Element], key: str) -> str:
    return f"{parent}/{kind.tag}[{key}]" if key else f"{parent}/{kind.tag}"
