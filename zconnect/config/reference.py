"""The vocabulary as a page for people (Markdown): an index, and a section for each element."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zconnect.config.datatypes import Datatype
from zconnect.config.declarations import Declaration, concrete, declarations
from zconnect.config.export import all_kinds, default, effect, examples, meaning, purpose
from zconnect.config.schema import Element

_HEAD = """# Elements of server.xml

Written by `./test schemas` from the declarations in the code; `server schema` prints the same for an XML editor.

- **acted on**: this server does what is written. **guards**: it narrows who may pass, so what cannot be read there stops the start.
- **accepted, no effect here**: it may stand in a `server.xml` that comes from Liberty or z/OS Connect; the log says so once.
- A *list* is written with commas, or as one child element of the attribute's name for each value. A *duration* is a number in the
  unit that is named, or numbers with units: `90s`, `1h30m` (d, h, m, s, ms). Words may be in upper or lower case.
- *id of* an element: its `id` is written here, or the element itself stands inside.
- Every value may hold variables: `${name}`.
"""


class _Holder(NamedTuple):
    """An element in which another may stand, and the declaration by which it does."""

    kind: type[Element]
    declaration: Declaration


def to_reference(vocabulary: Sequence[type[Element]]) -> str:
    """The reference page: what each element is for, where it stands, and what each of its attributes means and does here."""
    return "\n".join(_Page(tuple(vocabulary)).lines())


class _Page:
    def __init__(self, vocabulary: tuple[type[Element], ...]) -> None:
        self.vocabulary = vocabulary
        self.kinds = sorted(all_kinds(vocabulary), key=lambda kind: (kind.tag.lower(), kind.__module__))
        self.holders: dict[int, list[_Holder]] = {id(kind): [] for kind in self.kinds}
        for holder in self.kinds:
            for each in declarations(holder):
                for kind in concrete(each.target, vocabulary) if each.target else ():
                    self.holders[id(kind)].append(_Holder(holder, each))

    def lines(self) -> Iterator[str]:
        yield _HEAD
        yield from self._index("Elements that have an effect", [kind for kind in self.kinds if not kind.unused])
        yield from self._index("Elements that are accepted without effect", [kind for kind in self.kinds if kind.unused])
        for kind in self.kinds:
            yield from self._section(kind)

    def _index(self, title: str, kinds: Sequence[type[Element]]) -> Iterator[str]:
        yield from (f"## {title}", "", "| element | what it is |", "| --- | --- |")
        yield from (f"| {self._link(kind)} | {_cell(purpose(kind))} |" for kind in kinds)
        yield ""

    def _section(self, kind: type[Element]) -> Iterator[str]:
        yield from (f"## {self._title(kind)}", "", purpose(kind), "", self._place(kind), "")
        if kind.unused:
            yield from (f"Accepted, no effect here, because {kind.unused}.", "")
        for example in examples(kind):
            yield from ("```xml", example, "```", "")
        attributes = [each for each in declarations(kind) if each.about.form != "children"]
        acted = [each for each in attributes if not each.about.unused]
        for table in (acted, [each for each in attributes if each.about.unused]):
            if table:
                yield from ("| attribute | type | default | meaning | here |", "| --- | --- | --- | --- | --- |")
                yield from map(self._row, table)
                yield ""
        nested = [each for each in declarations(kind) if each.about.form == "children"]
        if nested:
            yield from ("| child element | meaning | here |", "| --- | --- | --- |")
            yield from (f"| {self._links(each)} | {_cell(meaning(each))} | {_cell(effect(each))} |" for each in nested)
            yield ""

    def _title(self, kind: type[Element]) -> str:
        """The tag; two elements of one tag are told apart by where they stand."""
        if kind in self.vocabulary or sum(other.tag == kind.tag for other in self.kinds) == 1:
            return kind.tag
        return f"{kind.tag} (inside {', '.join(dict.fromkeys(holder.kind.tag for holder in self.holders[id(kind)]))})"

    def _link(self, kind: type[Element]) -> str:
        """To its section; the anchor is made as GitHub makes it."""
        anchor = re.sub(r"[^\w -]", "", self._title(kind).lower()).replace(" ", "-")
        return f"[`{kind.tag}`](#{anchor})"

    def _links(self, each: Declaration) -> str:
        return ", ".join(map(self._link, concrete(each.target, self.vocabulary))) if each.target else ""

    def _place(self, kind: type[Element]) -> str:
        """Where an element stands, and how many of it there are."""
        holders = self.holders[id(kind)]
        inside = [self._link(each.kind) for each in holders if each.declaration.about.form == "children"]
        named: dict[str, list[str]] = {}
        for each in holders:
            if each.declaration.about.form == "ref":
                named.setdefault(self._link(each.kind), []).append(f"`{each.declaration.name}`")
        parts = ["Stands in `server`" if kind in self.vocabulary else f"Stands inside {' and '.join(dict.fromkeys(inside))}"]
        if kind.singleton:
            parts.append("; a server has one, and what several documents say of it is put together")
        elif kind.built_in:
            parts.append(f"; one with the id `{kind.built_in}` exists even where nobody writes it")
        elif kind.default_id:
            parts.append(f"; without an id it is `{kind.default_id}`")
        if named:
            by = (f"{link} ({', '.join(names)})" for link, names in named.items())
            parts.append(f". Named by, or nested in, {', '.join(by)}")
        return "".join(parts) + "."

    def _row(self, each: Declaration) -> str:
        given = "required" if each.required else f"`{_cell(default(each))}`" if default(each) else ""
        cells = (f"`{each.name}`", self._type(each), given, _cell(meaning(each)), _cell(effect(each)))
        return f"| {' | '.join(cells)} |"

    def _type(self, each: Declaration) -> str:
        if each.target is not None:
            return f"{'ids' if each.many else 'id'} of {self._links(each)}"
        of: Datatype | None = each.datatype
        if of is None:
            return ""
        name = ", ".join(f"`{word}`" for word in of.options) if of.options else f"duration ({of.unit})" if of.unit else of.name
        least = "" if each.about.minimum is None else f"from {each.about.minimum}"
        most = "" if each.about.maximum is None else f"to {each.about.maximum}"
        return " ".join(filter(None, ["list of" if each.many else "", name, least, most]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
