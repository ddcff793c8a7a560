"""The configuration as a server uses it: every element, every value, and behind each value where it came from."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from zconnect.config.attributes import free, reference_ids, stand_in, value_of
from zconnect.config.datatypes import STARS, UNITS, Datatype, written
from zconnect.config.declarations import Declaration, declarations
from zconnect.config.load import Loaded
from zconnect.config.merge import Piece, Property, empty, grouped
from zconnect.config.origins import Documents, Origin, Use
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, Properties
from zconnect.config.scope import Scope
from zconnect.config.shape import Shape, shape_of
from zconnect.config.tracing import ATTRIBUTE, BUILT_IN, Tracing
from zconnect.values import Place


class Asked(NamedTuple):
    """A variable that the server asks for where an attribute is absent."""

    variable: str


# What the server puts where an attribute is absent, values or `Asked`, by the names of fields; only the rooms above know.
InUse = Callable[[Element], Mapping[str, Any]]

# How a password is shown.
Secret = Callable[[Password], str]

_LOST = object()


@dataclass(slots=True)
class Value:
    """What the server uses under the name of an attribute.

    `shown` is as JSON has it: durations are numbers of their own unit, a reference is `->` and the key of its element, None
    is no value; `text` is for people. `said`: a document has the attribute. `unused`: why it alone has no effect.
    """

    name: str
    shown: Any = field(repr=False)
    text: str = field(repr=False)
    said: bool
    secret: bool
    unused: str | None
    origin: Origin

    def hide(self) -> None:
        """Show stars, also for what was overridden."""
        self.shown = self.text = STARS
        self.origin = self.origin._replace(overrode=tuple(claim._replace(text=STARS) for claim in self.origin.overrode))


@dataclass(slots=True)
class Shown:
    """One element: the key that references have, the place where it begins, its values, and its nested elements by tag.

    `unused`: why elements of its kind have no effect.
    """

    key: str
    origin: Origin
    unused: str | None
    values: list[Value] = field(default_factory=list)
    nested: dict[str, list["Shown"]] = field(default_factory=dict)


def effective(
    loaded: Loaded,
    vocabulary: Sequence[type[Element]],
    place: Place,
    env_files: Sequence[Path] = (),
    *,
    implied: Sequence[Element] = (),
    in_use: InUse = lambda _: {},
    secret: Secret | None = None,
) -> dict[str, Shown]:
    """All elements by their keys: those written, built in and `implied`, those nested behind references, singletons by default.

    `env_files` are the server.env files that were read. Secrets are stars, unless `secret` says how passwords are shown; so is
    every other value that needs a variable or an attribute which a secret needs.
    """
    tops = (*loaded.configuration.all(Element), *implied)
    known = {element.tag for element in tops}
    unwritten = [kind() for kind in vocabulary if kind.singleton and kind.tag not in known and not _needy(kind)]
    documents = Documents(place.config_dir)
    view = _View(tuple(vocabulary), Tracing(loaded.variables, place, env_files), documents, in_use, secret)
    view.show([*tops, *unwritten])
    for kind in vocabulary:
        _add_ignored(kind, [piece for piece in loaded.pieces if piece.name == kind.tag], view.found, documents)
    if secret is None:
        _hide(view.all)
    return view.found


def _needy(kind: type[Element]) -> bool:
    return any(each.required for each in declarations(kind))


def _add_ignored(kind: type[Element], pieces: Sequence[Piece], found: Mapping[str, Shown], documents: Documents) -> None:
    """What nobody says but an include with onConflict="IGNORE" yields to the default."""
    for id, heap in grouped(pieces, kind.singleton, kind.default_id).items():
        shown = found.get(kind.tag if kind.singleton else f"{kind.tag}[{id}]")
        for value in shown.values if shown and len(heap) > 1 else ():
            if not (value.said or value.origin.overrode):
                lost = [held for piece in heap if (held := piece.properties.get(value.name.lower()))]
                value.origin = value.origin._replace(overrode=documents.claims(lost, STARS if value.secret else None))


def _hide(elements: Sequence[Shown]) -> None:
    """What is part of a secret must not be read elsewhere: variables anywhere, attributes in their element."""
    needed = {name for element in elements for name, use in _secrets(element) if use.source not in {ATTRIBUTE, BUILT_IN}}
    for element in elements:
        siblings = {name.lower() for name, use in _secrets(element) if use.source == ATTRIBUTE}
        for value in element.values:
            if value.shown is not None and (value.name.lower() in siblings or not needed.isdisjoint(value.origin.variables)):
                value.hide()


def _secrets(element: Shown) -> Iterator[tuple[str, Use]]:
    """The variables that the secrets of an element need."""
    return chain.from_iterable(value.origin.variables.items() for value in element.values if value.secret)


class _View:
    """Makes `found`, all elements by their keys; `all` has those nested as well."""

    def __init__(
        self, vocabulary: tuple[type[Element], ...], variables: Tracing, documents: Documents, in_use: InUse, secret: Secret | None
    ) -> None:
        self.found: dict[str, Shown] = {}
        self.all: list[Shown] = []
        self._shape: Callable[[Any], Shape] = cache(lambda kind: shape_of(kind, vocabulary))
        self._variables = variables
        self._documents = documents
        self._in_use = in_use
        self._secret = secret or (lambda _: STARS)
        self._keys: dict[int, str] = {}

    def show(self, elements: Sequence[Element]) -> None:
        """Add top-level elements."""
        self._keys = {id(element): key_of(element) for element in elements}
        for element in elements:
            self._named(element, key_of(element))

    def _named(self, element: Element, key: str) -> None:
        self.found[key] = shown = self._begun(element, key)
        self._fill(shown, element)

    def _begun(self, element: Element, key: str, lost: Sequence[Property] = ()) -> Shown:
        origin = Origin((element.where,) if element.where.document else (), overrode=self._documents.claims(lost))
        self.all.append(Shown(key, origin, type(element).unused))
        return self.all[-1]

    def _fill(self, shown: Shown, element: Element) -> None:
        shape = self._shape(type(element))
        piece = replace(empty(element.tag, element.id), where=element.where, properties=dict(element.given))
        scope = Scope(piece, type(element), element.id, "", shape.attributes, self._variables, [])
        in_use = self._in_use(element)
        others = [(free(name), value) for name, value in element.values] if isinstance(element, Properties) else []
        for each, value in [*((each, getattr(element, each.field)) for each in declarations(type(element))), *others]:
            if each.about.form == "children":
                self._nest(shown, element, value)
            elif each.field != "id" or element.id:
                used = in_use.get(each.field, value) if value in (None, "") else value
                if isinstance(used, Asked):
                    each, used = _asked(scope, each, used.variable)
                origin = self._of_text(scope, each, each.datatype) if each.datatype else self._of_reference(scope, shape, each, value)
                shown.values.append(self._value(shown, element, each, used, origin))

    def _nest(self, shown: Shown, element: Element, children: Sequence[Element]) -> None:
        for child in children:
            siblings = shown.nested.setdefault(child.tag, [])
            held = element.given.get(child.tag.lower())
            lost = held.overrode if held is not None and not siblings else ()
            siblings.append(self._begun(child, f"{shown.key}/{key_of(child)}", lost))
            self._fill(siblings[-1], child)

    def _value(self, within: Shown, element: Element, each: Declaration, value: Any, origin: Origin) -> Value:
        secret = each.datatype is not None and each.datatype.secret
        said = bool(origin.places or origin.unusable)
        if each.about.joined:
            value = ",".join(value)
        shown = self._json(value, each.datatype, within.key)
        unused = None if type(element).unused else each.about.unused
        return Value(each.name, shown, _text(value, shown, each.datatype), said, secret, unused, origin)

    def _json(self, value: Any, datatype: Datatype | None, key: str) -> Any:
        match value:
            case timedelta() if datatype:
                return value // UNITS[datatype.unit]
            case Password():
                return self._secret(value)
            case tuple():
                return [self._json(each, datatype, key) for each in value]
            case Element():
                return f"->{self._reference(value, key)}"
            case Path():
                return str(value)
        return value

    def _reference(self, element: Element, parent: str) -> str:
        """The key of an element that is referred to; one that stands within the reference is shown as well."""
        if id(element) in self._keys:
            return self._keys[id(element)]
        self._keys[id(element)] = key = f"{parent}/{key_of(element)}"
        self._named(element, key)
        return key

    def _of_text(self, scope: Scope, each: Declaration, datatype: Datatype) -> Origin:
        """What reading the text once more needs; a default that no text can become tells whether the text is of use."""
        held = scope.piece.properties.get(each.name.lower())
        read = held or stand_in(scope, each)
        lost = read is None or value_of(scope, each._replace(default=_LOST), read, datatype) is _LOST
        variables, mask = self._variables.used(), STARS if datatype.secret else None
        if held is None:
            return Origin() if lost else Origin(variables=variables)
        overrode = self._documents.claims(held.overrode if each.field != "id" else (), mask)  # all have the same
        if lost:
            return Origin(overrode=overrode, unusable=self._documents.claims([held], mask))
        return Origin(self._documents.places(held), variables, overrode)

    def _of_reference(self, scope: Scope, shape: Shape, each: Declaration, value: Any) -> Origin:
        """A nested element counts more than an id where there can be only one of the two."""
        given = scope.piece.properties
        held = given.get(each.name.lower())
        nested = [given[name] for name, _ in shape.children[each.field] if name in given]
        if held is not None:
            reference_ids(scope, each, held)
        variables, attribute = self._variables.used(), [held] if held is not None else []
        if value in (None, ()):
            return Origin(unusable=self._documents.claims([*attribute, *nested]))
        beaten = attribute if nested and not each.many else []
        said = nested if beaten else [*attribute, *nested]
        overrode = self._documents.claims([*beaten, *(lost for prop in said for lost in prop.overrode)])
        return Origin(tuple(where for prop in said for where in self._documents.places(prop)), variables, overrode)


def _asked(scope: Scope, each: Declaration, variable: str) -> tuple[Declaration, Any]:
    """An attribute as if it were declared to have its value from a variable, and that value."""
    each = each._replace(about=each.about._replace(variable=variable))
    read = stand_in(scope, each)
    return each, value_of(scope, each, read, each.datatype) if read and each.datatype else each.default


def key_of(element: Element) -> str:
    """Tag and id; the id as written, before variables in it are replaced."""
    held = element.given.get("id")
    id = held.value if held is not None and isinstance(held.value, str) else element.id
    return element.tag if element.singleton else f"{element.tag}[{id}]"


def _text(value: Any, shown: Any, datatype: Datatype | None) -> str:
    match value:
        case None | ():
            return "(none)"
        case tuple():
            return ", ".join(_text(*pair, datatype) for pair in zip(value, shown, strict=True))
        case timedelta() if datatype:
            return written(value, datatype)
        case str() | Path():
            return quoted(shown)
        case bool():
            return str(value).lower()
    return str(shown)


def quoted(text: str) -> str:
    """A text as it can be read on any terminal."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
