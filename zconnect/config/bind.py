"""Merged elements and the vocabulary → typed elements, linked with each other, with every problem at once."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from zconnect.config.attributes import free_values, reference_ids, stand_in, value_of
from zconnect.config.datatypes import Datatype
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.gather import gather, same_ids
from zconnect.config.leftovers import leftovers
from zconnect.config.merge import Piece, Property, Text, empty, merged, numbered, path_of
from zconnect.config.names import Names, nearest
from zconnect.config.schema import Element, Properties
from zconnect.config.scope import Scope
from zconnect.config.shape import Shape, shape_of
from zconnect.config.variables import Variables
from zconnect.errors import Problem
from zconnect.messages import error, info, warning

UNUSED_ELEMENT = info("ZCON0180I", "The element {element} is accepted and has no effect here, because {cause}.")
UNUSED = info("ZCON0124I", "The attribute {attribute} of {element} is accepted and has no effect here, because {cause}.")
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

DEEPEST_LINK = 32  # elements that refer to each other; each takes eight frames of the stack


class _Part(NamedTuple):
    """A declaration, seen from elements that have written the same names.

    Its attribute is called `key` in lower case. `known` are texts without variables and what they mean, found before with
    nothing to tell; None where something else counts as well. Where it is `literal`, each of them means itself.
    """

    declaration: Declaration
    key: str
    known: dict[str, Any] | None
    literal: bool


class Binder:
    """Makes the typed elements of a configuration; problems go to `journal` in the order in which they are met."""

    def __init__(self, pieces: Sequence[Piece], vocabulary: Iterable[type[Element]], variables: Variables, journal: list[Problem]) -> None:
        self._vocabulary = known = tuple(vocabulary)
        self._variables = variables
        self._journal = journal
        self._gathered = gathered = gather(pieces, {kind.tag: kind for kind in known}, journal)
        self._made: dict[tuple[type[Element], str], Element | None] = {}
        self._making: list[str] = []
        self._announced: set[tuple[str, str]] = set()
        # Elements of a kind are much alike, so each of these is worked out once for many.
        self._shape: Callable[[Any], Shape] = cache(lambda kind: shape_of(kind, known))
        self._parts: Callable[[Any, tuple[str, ...]], list[_Part]] = cache(lambda kind, names: _parts(self._shape(kind), names))
        self._below: Callable[[Any], tuple[type[Element], ...]] = cache(lambda target: concrete(target, known))
        self._ids: Callable[[Any], Names] = cache(lambda target: Names(key for kind in self._below(target) for key in gathered.ids(kind)))
        self._aliases: Callable[[Any], dict[str, str]] = cache(lambda kind: _resolved(gathered.ids(kind), variables))

    def elements(self) -> list[Element]:
        """All top-level elements in the order in which they were first written, then the built-in ones and the implied."""
        made = [self._element(kind, key) for kind, key in self._gathered.order]
        built_in = [self._element(kind, key) for kind in self._vocabulary if (key := _built_in(kind)) is not None]
        implied = [each for (kind, key), each in self._made.items() if key in (kind.default_id, kind.implied)]
        return list({id(each): each for each in (*made, *built_in, *implied) if each is not None}.values())

    def _element(self, kind: type[Element], key: str) -> Element | None:
        """The top-level element of a kind and an id, made at the first asking."""
        if (kind, key) not in self._made:
            piece = self._gathered.get(kind, key) or empty(kind.tag, key)
            self._announce_element(kind, piece, path_of("/server", kind.tag, key))
            self._made[kind, key] = self._make(kind, piece, key, "/server")
        return self._made[kind, key]

    def _make(self, kind: type[Element], piece: Piece, key: str, parent: str) -> Element | None:
        path = path_of(parent, kind.tag, key)
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
        shape = self._shape(kind)
        scope = Scope(piece, kind, key, path, shape.attributes, self._variables, self._journal)
        written = piece.properties
        values: dict[str, Any] = {"id": key, "where": piece.where, "given": written}
        for part in self._parts(kind, tuple(written)):
            held = written.get(part.key)
            text = held.value if held is not None else None
            if part.known is not None and isinstance(text, str) and "${" not in text and (part.literal or text in part.known):
                values[part.declaration.field] = text if part.literal else part.known[text]
            else:
                values[part.declaration.field] = self._worked_out(scope, shape, part, text)
        if issubclass(kind, Properties):
            values["values"] = free_values(scope)
        leftovers(scope, shape, self._vocabulary)
        if scope.broken:
            return None
        made = kind(**values)
        self._journal.extend(each.below(path) for each in made.mistakes())
        return made

    def _worked_out(self, scope: Scope, shape: Shape, part: _Part, written: object) -> Any:
        before = len(self._journal)
        value = self._value(scope, shape, part.declaration)
        if (
            part.known is not None
            and isinstance(written, str)
            and "${" not in written
            and len(self._journal) == before
            and not scope.broken
        ):
            part.known[written] = value
        return value

    def _value(self, scope: Scope, shape: Shape, each: Declaration) -> Any:
        held = scope.piece.properties.get(each.name.lower()) if each.about.form != "children" else None
        if each.about.unused and not scope.kind.unused:
            self._announce(scope, each, held or next((prop for prop, _ in self._nested(scope, shape, each)), None))
        if each.datatype:
            if held is not None:
                return value_of(scope, each, held, each.datatype)
            given = stand_in(scope, each)
            if given is not None:
                return self._from_variable(scope, each, given, each.datatype)
            if each.required:
                self._missing(scope, each)
                return None
            return each.default
        found = self._linked(scope, shape, each, held)
        if not found and each.required and held is None:
            self._missing(scope, each)
        return tuple(found) if each.many else next(iter(found), None)

    def _from_variable(self, scope: Scope, each: Declaration, given: Property, datatype: Datatype) -> Any:
        before = len(self._journal)
        value = value_of(scope, each, given, datatype)
        if not (scope.kind.singleton or scope.piece.where.document):
            # Nobody wrote this element, and those that were written have told what is wrong with the variable.
            self._journal[before:] = [problem for problem in self._journal[before:] if problem.stops]
        return value

    def _announce_element(self, kind: type[Element], piece: Piece, path: str) -> None:
        if kind.unused and piece.where.document and (kind.tag, "") not in self._announced:
            self._announced.add((kind.tag, ""))
            self._journal.append(Problem(UNUSED_ELEMENT(element=kind.tag, cause=kind.unused), piece.where, path))

    def _announce(self, scope: Scope, each: Declaration, held: Property | None) -> None:
        """Say that an attribute has no effect; nested elements do so themselves."""
        by_itself = each.about.form == "children" and each.target and each.target.unused
        if held and not by_itself and (scope.kind.tag, each.name) not in self._announced:
            self._announced.add((scope.kind.tag, each.name))
            told = UNUSED(attribute=each.name, element=scope.kind.tag, cause=each.about.unused)
            scope.tell(told, held.where, f"@{held.name}" if isinstance(held.value, str) else held.name)

    def _missing(self, scope: Scope, each: Declaration) -> None:
        scope.broken = True
        with_id = MISSING_WITH_ID(element=scope.kind.tag, attribute=each.name, id=scope.id)
        told = with_id if scope.id else MISSING_ATTRIBUTE(element=scope.kind.tag, attribute=each.name)
        scope.tell(told, scope.piece.where, f"@{each.name}", stops=each.about.guard)

    def _nested(self, scope: Scope, shape: Shape, each: Declaration) -> list[tuple[Property, type[Element]]]:
        """The children that belong to a declaration, name by name."""
        said = scope.piece.properties
        return [(said[name], of) for name, of in shape.children[each.field] if name in said and not isinstance(said[name].value, str)]

    def _linked(self, scope: Scope, shape: Shape, each: Declaration, held: Property | None) -> list[Element]:
        """The elements that a reference names or holds, or the nested ones; references come first."""
        nested = self._nested(scope, shape, each)
        pieces = [(part, kind) for prop, kind in nested for part in self._pieces(scope, each, prop)]
        ids = [(text, f"@{each.name}") for text in reference_ids(scope, each, held)] if held is not None else []
        if held is not None and each.about.guard and not ids and not nested:
            self._referred(scope, each, Text("", held.where), f"@{each.name}")
        ids += [(part, f"{prop.name}/@ref") for prop, _ in nested for part in prop.value if isinstance(part, Text) and part.reference]
        if not each.many:
            if pieces:
                return self._folded(scope, each, pieces)
            return [found for found in [self._referred(scope, each, *id) for id in ids[:1]] if found]
        own = {part.id for part, _ in pieces}
        distinct = {id[0].text: id for id in ids}.values()
        found = [self._referred(scope, each, *id) for id in distinct if id[0].text not in own]
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
        key = next((part.id for part in parts if part.id is not None), None) or "default-0"
        return self._built(scope, each, kind, key, parts)

    def _children(self, scope: Scope, each: Declaration, kind: type[Element], parts: list[Piece], before: int) -> list[Element | None]:
        found: list[Element | None] = []
        for key, heap in numbered(parts, kind.default_id, lambda at: at + before).items():
            if len(heap) > 1:
                self._journal.extend(same_ids(kind, heap, path_of(scope.path, kind.tag, key)))
            found += self._built(scope, each, kind, key, heap)
        return found

    def _built(self, scope: Scope, each: Declaration, kind: type[Element], key: str, heap: list[Piece]) -> list[Element]:
        path = path_of(scope.path, kind.tag, key)
        piece = merged(heap, self._journal, path)
        if not scope.kind.unused:
            self._announce_element(kind, piece, path)
        before = len(self._journal)
        made = self._make(kind, piece, key, scope.path)
        if made is None and each.about.guard:
            # Without this child more callers could pass, so its mistakes weigh as much as those of a guard.
            self._journal[before:] = [_stopping(problem) for problem in self._journal[before:]]
        return [] if made is None else [made]

    def _referred(self, scope: Scope, each: Declaration, id: Text, at: str) -> Element | None:
        """The element of an id that is written in `at`, seen from the element that refers."""
        name, kinds = id.text, self._below(each.target)
        homes = [(kind, key) for kind in kinds if (key := self._key(kind, name)) is not None]
        if len(homes) == 1:
            made = self._element(*homes[0])
            if made is not None or not each.about.guard:
                return made
        message = AMBIGUOUS if len(homes) > 1 else NO_SUCH_ID
        known = nearest(name, self._ids(each.target)) if not homes else ()
        scope.tell(message(attribute=each.name, value=name), id.where, at, stops=each.about.guard, suggestions=known)
        return None

    def _key(self, kind: type[Element], name: str) -> str | None:
        """The id as written of the element that is called so; ids may contain variables."""
        if self._gathered.get(kind, name) or name in (kind.built_in, kind.default_id, kind.implied):
            return name
        return self._aliases(kind).get(name)


def _parts(shape: Shape, names: tuple[str, ...]) -> list[_Part]:
    parts = []
    for each in shape.concerned(names):
        alone = not each.about.unused and not any(name in names for name, _ in shape.children[each.field])
        literal = each.datatype is not None and each.datatype.literal and not each.about.check
        parts.append(_Part(each, "" if each.about.form == "children" else each.name.lower(), {} if alone else None, literal))
    return parts


def _built_in(kind: type[Element]) -> str | None:
    """The id of the element that exists unwritten; singletons do where a variable can give them a value."""
    from_variable = kind.singleton and any(each.about.variable for each in declarations(kind))
    return "" if from_variable else kind.built_in


def _resolved(ids: Sequence[str], variables: Variables) -> dict[str, str]:
    """The ids that have variables in them, by what they resolve to; the first wins."""
    return {variables.safe(key): key for key in reversed(ids) if "${" in key}


def _stopping(problem: Problem) -> Problem:
    return Problem(problem.told, problem.where, problem.path, problem.suggestions, problem.also, stops=True)
