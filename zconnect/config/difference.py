"""What a configuration that was read anew says that the former did not."""

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from zconnect.config.declarations import Declaration, declarations
from zconnect.config.load import Loaded
from zconnect.config.merge import Piece, Text, path_of
from zconnect.config.schema import Element
from zconnect.errors import NOWHERE, Where

_NOTHING = (None, NOWHERE)


class Change(NamedTuple):
    """An element that is new, gone or another (`how`); `names` are the attributes and children that differ, never their values."""

    how: str
    element: str
    where: Where
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        names = f" ({', '.join(self.names)})" if self.names else ""
        place = f" [{self.where}]" if self.where.document else ""
        return f"{self.how} {self.element}{names}{place}"


def changes(old: Loaded, new: Loaded) -> list[Change]:
    """All differences in what is written: not the order, the places and the comments of the documents.

    Elements that the server does not know, variables that nothing uses and other words for the same value count as well, so
    that every edit of substance is seen to be one (Liberty's ConfigComparator).
    """
    return [*_variables(old, new), *_typed(old, new), *_unknown(old, new)]


def reordered(old: Loaded, new: Loaded) -> bool:
    """Whether the same elements stand in another order, which decides between some of them."""
    orders = ([(each.tag, each.id) for each in loaded.configuration.all(Element)] for loaded in (old, new))
    return next(orders) != next(orders)


def _variables(old: Loaded, new: Loaded) -> Iterator[Change]:
    before, after = _defined(old), _defined(new)
    for name in dict.fromkeys((*before, *after)):
        (was, there), (now, here) = before.get(name, _NOTHING), after.get(name, _NOTHING)
        if was != now:
            how = "added" if was is None else "removed" if now is None else "changed"
            yield Change(how, f"variable {name}", there if now is None else here)


def _defined(loaded: Loaded) -> dict[str, tuple[Hashable, Where]]:
    """What files and elements say of each variable, and where."""
    files = {name: ((value, None), NOWHERE) for name, value in loaded.variables.files.items()}
    return files | {name: ((each.value, each.default), each.where) for name, each in loaded.variables.definitions.items()}


def _typed(old: Loaded, new: Loaded) -> Iterator[Change]:
    before, after = ({(each.tag, each.id): each for each in loaded.configuration.all(Element)} for loaded in (old, new))
    top = {id(each) for each in (*before.values(), *after.values())}
    for key, element in before.items():
        if key not in after:
            yield Change("removed", _called(element), element.where)
    for key, element in after.items():
        former = before.get(key)
        if former is None:
            yield Change("added", _called(element), element.where)
        elif names := tuple(_differing(former, element, top)):
            places = (held.where for name in names if (held := element.given.get(name.lower())))
            yield Change("changed", _called(element), next(places, element.where), names)


def _called(element: Element) -> str:
    return path_of("", element.tag, "" if element.singleton else element.id).removeprefix("/")


def _differing(old: Element, new: Element, top: set[int]) -> Iterator[str]:
    """The attributes and children that differ in value or text; an element of its own that a reference names is told by itself."""
    told: set[str] = set()
    for each in declarations(type(new)):
        if _said(old, each, top) != _said(new, each, top):
            name = each.target.tag if each.target and each.about.form == "children" else each.name
            told |= {name.lower(), each.child.lower()}
            yield name
    for key, held in {**old.given, **new.given}.items():
        was, now = (key in each.given and _value(each.given[key].value) for each in (old, new))
        if was != now and key not in told:
            yield held.name


def _said(element: Element, declaration: Declaration, top: set[int]) -> object:
    value = vars(element)[declaration.field]
    if declaration.target is None:
        return value
    found = value if declaration.many else (value,)
    return [(each.tag, each.id) if id(each) in top else each for each in found]


def _unknown(old: Loaded, new: Loaded) -> Iterator[Change]:
    before, after = _written(old), _written(new)
    said = Counter(content for content, _ in before), Counter(content for content, _ in after)
    for how, pieces, more in (("removed", before, said[0] - said[1]), ("added", after, said[1] - said[0])):
        for content, piece in pieces:
            if more[content] > 0:
                more[content] -= 1
                yield Change(how, piece.name, piece.where)


def _written(loaded: Loaded) -> list[tuple[Hashable, Piece]]:
    known = {element.tag for element in loaded.configuration.all(Element)}
    return [(_content(piece), piece) for piece in loaded.pieces if piece.name not in known]


def _content(piece: Piece) -> Hashable:
    return piece.name, tuple(sorted(((name, _value(held.value)) for name, held in piece.properties.items()), key=repr))


def _value(value: str | list[Text | Piece]) -> Hashable:
    if isinstance(value, str):
        return value
    return tuple(part.text if isinstance(part, Text) else _content(part) for part in value)
