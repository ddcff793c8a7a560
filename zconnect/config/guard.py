"""`allow`: what may stand in an included document or in a drop-in; the rest of it is refused, with both places.

    allow = [entry {separator entry}]        separators are blanks and commas; an empty list allows nothing
    entry = element ["(" [name {separator name}] ")"]

An entry allows an element at any depth, with anything in it; parentheses list the only attributes and child elements that
it may have. A child element with content of its own needs an entry, too. Behind `variable` stand names of variables,
`team.*` for all that begin so. Upper and lower case count in those alone, as in server.xml.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from zconnect.config.merge import Piece, path_of
from zconnect.config.names import nearest
from zconnect.config.schema import Element
from zconnect.config.shape import Slot, shape_of
from zconnect.config.source import Node
from zconnect.errors import Problem, Where
from zconnect.messages import error, warning

UNREADABLE = error(
    "ZCON0130E",
    "The list allow of <{element}> cannot be read from {rest} on, so nothing that it guards is read.",
    'Write names of elements, in parentheses what they may have: allow="webApplication(id, location) variable". '
    "Each element stands once, there are no variables, and at most 10000 characters; an empty list allows nothing.",
)
ELEMENT_REFUSED = error(
    "ZCON0131E",
    "The element {element} may not stand here: it is not on the list allow under which this document is read.",
    "Remove it, or add it to allow at the other place.",
)
NAME_REFUSED = error(
    "ZCON0132E",
    "{element} may not have {name} here: the list allow under which this document is read does not name it.",
    "Remove it, or add it to allow at the other place.",
)
VARIABLE_REFUSED = error(
    "ZCON0138E",
    "The variable {name} may not be defined here: the list allow under which this document is read does not name it.",
    "Remove it, or add variable({name}) to allow at the other place.",
)
NOT_KNOWN = warning(
    "ZCON0133W",
    "The list allow names {name}, which this server does not know; it allows nothing.",
    "Correct its name. The reference page has all elements and their attributes.",
)

VARIABLE: Final = "variable"
LONGEST: Final = 10_000  # characters of a list

_ENTRY = re.compile(r"([\w.:-]++)(?:\s*\(([^()]*)\))?(?:\s+|$)")
_NAME = re.compile(r"[\w.:-]++")
_VARIABLES = re.compile(r"[\w.:-]*+\*?")


class Guard(NamedTuple):
    """A list as understood: elements by their names in lower case, and what each may have (in lower case; None: anything).

    `words` are all its names as they are spelt, `beginnings` those of variables that are allowed together.
    """

    where: Where
    path: str
    allowed: Mapping[str, frozenset[str] | None]
    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()

    def permits(self, element: str, name: str | None = None) -> bool:
        """Whether an element may stand in what is guarded, with an attribute or child (or as a variable) of that name."""
        if element.lower() not in self.allowed:
            return False
        names = self.allowed[element.lower()]
        if names is None or name is None:
            return True
        if element == VARIABLE:
            return name in names or name.startswith(self.beginnings)
        return name.lower() in names


def guards_of(node: Node, journal: list[Problem]) -> tuple[Guard, ...] | None:
    """The list that an element carries, if any; None where it cannot be read, which goes to `journal`."""
    text, path = node.values().get("allow"), f"/server/{node.name}/@allow"
    try:
        if text is None:
            return ()
        allowed = _entries(text.replace(",", " ").strip())
        beginnings = tuple(name[:-1] for name in allowed.get(VARIABLE) or () if name.endswith("*"))
        return (Guard(node.where, path, allowed, tuple(_NAME.findall(text)), beginnings),)
    except ValueError as rest:
        journal.append(Problem(UNREADABLE(element=node.name, rest=rest), node.where, path, stops=True))
        return None


def _entries(text: str) -> dict[str, frozenset[str] | None]:
    entries: dict[str, frozenset[str] | None] = {}
    at = 0
    while at < len(text):
        entry = _ENTRY.match(text, at)
        if entry is None or entry[1].lower() in entries or entry.end() > LONGEST:
            raise ValueError(text[at : at + 40])
        element = entry[1].lower()
        entries[element] = None if entry[2] is None else _names(element, entry[2].split())
        at = entry.end()
    return entries


def _names(element: str, names: Sequence[str]) -> frozenset[str]:
    form = _VARIABLES if element == VARIABLE else _NAME
    for name in names:
        if not form.fullmatch(name):
            raise ValueError(name[:40])
    return frozenset(names if element == VARIABLE else map(str.lower, names))


def refused(guards: Sequence[Guard], piece: Piece, parent: str = "/server") -> Iterator[Problem]:
    """What an element says that not all lists allow; nothing is said of what stands in something refused."""
    if not guards:
        return
    path = path_of(parent, piece.name, piece.id)
    if against := _against(guards, piece.name):
        yield Problem(ELEMENT_REFUSED(element=piece.name), piece.where, path, _meant(guards, piece.name), against, stops=True)
        return
    for held in piece.properties.values():
        nested = [] if isinstance(held.value, str) else [part for part in held.value if isinstance(part, Piece)]
        if against := _against(guards, piece.name, held.name):
            spot = f"{path}/{'' if nested else '@'}{held.name}"
            told = NAME_REFUSED(element=piece.name, name=held.name)
            yield Problem(told, held.where, spot, _meant(guards, held.name), against, stops=True)
        else:
            for part in nested:
                yield from refused(guards, part, path)


def refused_variable(guards: Sequence[Guard], name: str, where: Where) -> Iterator[Problem]:
    """The problem of a variable that not all lists allow."""
    if against := _against(guards, VARIABLE, name):
        told = VARIABLE_REFUSED(name=name)
        yield Problem(told, where, f"/server/{VARIABLE}[{name}]", also=against, stops=True)


def _meant(guards: Sequence[Guard], name: str) -> tuple[str, ...]:
    """What is on the lists and almost called so."""
    return nearest(name, [word for guard in guards for word in guard.words if word.lower() != name.lower()])


def _against(guards: Sequence[Guard], element: str, name: str | None = None) -> tuple[Where, ...]:
    return tuple(guard.where for guard in guards if not guard.permits(element, name))


def unknown(guards: Iterable[Guard], vocabulary: Sequence[type[Element]]) -> Iterator[Problem]:
    """Names in lists that no element, or none of its attributes and child elements, has."""
    kinds = tuple(vocabulary)
    doubtful = [guard for guard in guards if not all(_plain(*entry, kinds) for entry in guard.allowed.items())]
    known = _known(kinds) if doubtful else {}  # which reads all that is declared anywhere
    for guard in doubtful:
        for element, names in guard.allowed.items():
            if element not in known:
                yield _not_known(guard, element, element, [spelt for spelt, _ in known.values()])
            elif element != VARIABLE:
                _, inner = known[element]
                yield from (
                    _not_known(guard, f"{element}({name})", name, inner.values()) for name in sorted(names or ()) if name not in inner
                )


def _plain(element: str, names: frozenset[str] | None, vocabulary: tuple[type[Element], ...]) -> bool:
    """Whether a top-level element is called so and all names are those of its attributes."""
    kind = next((each for each in vocabulary if each.tag.lower() == element), None)
    return kind is not None and (not names or element == VARIABLE or names <= {each.lower() for each in shape_of(kind, vocabulary).names})


def _known(vocabulary: tuple[type[Element], ...]) -> Mapping[str, tuple[str, dict[str, str]]]:
    """All elements by their names in lower case: the name as it is spelt, and in the same way the names of what they may have."""
    # Only a configuration with a list pays for the import.
    from zconnect.config.export import all_kinds

    known: dict[str, tuple[str, dict[str, str]]] = {}
    for kind in all_kinds(vocabulary):
        shape = shape_of(kind, vocabulary)
        nested = {_spelt(name, slot): slot.kind for name, slot in shape.nested.items() if slot.kind}
        known.setdefault(kind.tag.lower(), (kind.tag, {}))[1].update((name.lower(), name) for name in (*shape.names, *nested))
        for name, found in nested.items():
            inner = shape_of(found, vocabulary)
            known.setdefault(name.lower(), (name, {}))[1].update((each.lower(), each) for each in inner.names)
    return known


def _spelt(name: str, slot: Slot) -> str:
    child = slot.declaration.child
    return child if child.lower() == name or slot.kind is None else slot.kind.tag


def _not_known(guard: Guard, shown: str, name: str, known: Iterable[str]) -> Problem:
    return Problem(NOT_KNOWN(name=shown), guard.where, guard.path, nearest(name, known))
