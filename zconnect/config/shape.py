"""What an element of a kind may contain: the declarations of its class against the names in a document."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.schema import Element


class Slot(NamedTuple):
    """Where nested elements of a name belong, and what they are; no class where the name does not tell."""

    declaration: Declaration
    kind: type[Element] | None


class Shape(NamedTuple):
    """What an element of a kind may contain, by names in lower case; `names` are all of them as they are spelt.

    `positions` leads from a name to what it concerns among all that is `declared`; what is `never_silent` has something to
    say, or to miss, where nothing is written. `children` are the names and kinds of child elements by the fields they belong to.
    """

    declared: tuple[Declaration, ...]
    attributes: dict[str, Declaration]
    nested: dict[str, Slot]
    names: tuple[str, ...]
    positions: dict[str, set[int]]
    never_silent: frozenset[int]
    children: dict[str, list[tuple[str, type[Element]]]]

    def concerned(self, written: Iterable[str]) -> list[Declaration]:
        """The declarations, in their order, that are more than their defaults where these names are written."""
        found = self.never_silent.union(*(self.positions[name] for name in written if name in self.positions))
        return [self.declared[at] for at in sorted(found)]

    def takes(self, name: str, *, as_attribute: bool) -> bool:
        """Whether a name in lower case is known, as an attribute or as a child element."""
        if name in self.attributes:
            return True
        slot = None if as_attribute else self.nested.get(name)
        return slot is not None and slot.kind is not None

    def guards(self, name: str) -> bool:
        """Whether a known name narrows who may pass."""
        key = name.lower()
        declaration = self.attributes.get(key) or self.nested[key].declaration
        return declaration.about.guard


def shape_of(kind: type[Element], vocabulary: tuple[type[Element], ...]) -> Shape:
    """What an element of a kind may contain, where these are all the elements there are."""
    key: Any = kind  # as in `declarations`
    return _shape(key, vocabulary)


@cache
def _shape(kind: Any, vocabulary: tuple[type[Element], ...]) -> Shape:
    declared = declarations(kind)
    attributes = {each.name.lower(): each for each in declared if each.about.form != "children"}
    nested: dict[str, Slot] = {}
    kinds = {each.field: concrete(each.target, vocabulary) for each in declared if each.target}
    for each in declared:
        if each.about.form == "ref":
            own = kinds[each.field]
            nested[each.child.lower()] = Slot(each, own[0] if len(own) == 1 else None)
    for each in declared:
        for found in kinds.get(each.field, ()):
            known = nested.get(found.tag.lower())
            if known is None or known.kind is None:
                nested[found.tag.lower()] = Slot(each, found)
    tags = [found.tag for each in declared for found in kinds.get(each.field, ())]
    own_names = [each.child for each in declared if each.about.form == "ref"]
    positions = defaultdict(set)
    for at, each in enumerate(declared):
        names = [name for name, slot in nested.items() if slot.declaration is each]
        for name in names if each.about.form == "children" else (*names, each.name.lower()):
            positions[name].add(at)
    never_silent = frozenset(at for at, each in enumerate(declared) if each.required or each.about.variable)
    spelt = tuple(dict.fromkeys((*(each.name for each in attributes.values()), *tags, *own_names)))
    children = {each.field: [(name, of) for name, (owner, of) in nested.items() if owner is each and of] for each in declared}
    return Shape(declared, attributes, nested, spelt, dict(positions), never_silent, children)
