"""The line of a document that a problem points at, fit to be shown: everything that could be a secret is masked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from zconnect.config.datatypes import STARS
from zconnect.config.declarations import declarations
from zconnect.config.export import all_kinds
from zconnect.config.layout import Layout
from zconnect.config.location import CREDENTIALS
from zconnect.config.schema import Element
from zconnect.errors import Where

WIDEST: Final = 120  # characters of a line that are shown

# Text in an element, or what might be seen as an attribute in it, comes before attributes.
_TOKEN = re.compile(
    r"""<!--(?P<comment>.*?)(?:-->|\Z)|<!\[CDATA\[(?P<data>.*?)(?:\]\]>|\Z)|<[?!][^>]*"""
    r"""|</?(?P<tag>[^\s<>/="']+)|(?<=>)(?P<text>[^<]+)"""
    r"""|(?P<name>[^\s<>/="']+)\s*=\s*(?:"(?P<double>[^"]*)|'(?P<single>[^']*))["']?""",
    re.DOTALL,
)
_LAST_TAG = re.compile(r"""<[^\s<>/="']+(?=[\s>][^<]*\Z)""")
_WORD = re.compile(r"""[^\s<>/="']++(?!\s*=)""")
_REFERENCES = re.compile(r"(?:\$\{[^{}]*\}|\s)*")


class Excerpt(NamedTuple):
    """A line as it may be shown, and how many of its characters stand before the place."""

    line: str
    before: int


class Excerpts:
    """The lines of documents, whose names in places are the keys of `layouts`."""

    def __init__(self, layouts: Mapping[str, Layout], vocabulary: Sequence[type[Element]]) -> None:
        self._layouts = layouts
        self._harmless = _harmless(vocabulary)
        self._masks: dict[str, list[tuple[int, int]]] = {}

    def at(self, where: Where) -> Excerpt | None:
        """The line of a place; None where there is none, or nothing on it that may be shown."""
        layout = self._layouts.get(where.document)
        if layout is None or not 0 < where.line <= len(layout.lines):
            return None
        if where.document not in self._masks:
            # Where a quote or a bracket is missing, a secret can stand in a harmless value, or in a name.
            whole = layout.end is None
            self._masks[where.document] = list(_masks(layout.text, self._harmless) if whole else _all_masks(layout.text))
        start, end = (*layout.lines, len(layout.text))[where.line - 1 : where.line + 1]
        place = start + max(where.column, 1) - 1
        before = self._shown(where.document, layout.text, start, min(place, end))
        line = before + self._shown(where.document, layout.text, min(place, end), end).rstrip()
        return _clipped(line, len(before)) if line.strip() else None

    def _shown(self, document: str, text: str, start: int, end: int) -> str:
        parts, at = [], start
        for first, last in self._masks[document]:
            if first < end and last > start:
                parts += [text[at : max(at, first)], STARS if first >= start else ""]
                at = min(last, end)
        return "".join(each if each.isprintable() else " " for each in "".join((*parts, text[at:end])))


def _clipped(line: str, before: int) -> Excerpt:
    start = max(0, before - WIDEST // 2) if len(line) > WIDEST else len(line) - len(line.lstrip())
    return Excerpt(line[start : start + WIDEST], before - start)


def _harmless(vocabulary: Sequence[type[Element]]) -> frozenset[str]:
    """The names, in lower case, that hold a secret nowhere. A variable may hold one."""
    declared = [each for kind in all_kinds(vocabulary) for each in declarations(kind)]
    secret = {each.name.lower() for each in declared if each.datatype and each.datatype.secret}
    return frozenset(each.name.lower() for each in declared) - secret - {"value", "defaultvalue"}


def _all_masks(text: str) -> Iterator[tuple[int, int]]:
    """All values, and what may be part of one in the last tag: every word but the tag's name and what an equals sign follows."""
    end = 0
    for span in _masks(text, frozenset()):
        _, end = span
        yield span
    tag = _LAST_TAG.search(text)
    for word in _WORD.finditer(text, max(end, tag.end() if tag else text.rfind("<") + 1)):
        yield word.span()


def _masks(text: str, harmless: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The stretches that are not shown: all values but those of harmless names and references to variables, credentials in these."""
    tag = ""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind == "tag":
            tag = found["tag"].rpartition(":")[2].lower() if found[0][1] != "/" else ""
            continue
        if kind == "text" and text[found.start() - 2] == "/":
            tag = ""
        name = found["name"].rpartition(":")[2].lower() if found["name"] else tag if kind == "text" else ""
        if kind and name not in harmless and not _REFERENCES.fullmatch(found[kind]):
            yield found.span(kind)
        elif kind:
            yield from (each.span() for each in CREDENTIALS.finditer(text, *found.span(kind)))
