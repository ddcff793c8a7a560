"""Where in a document an attribute stands: the parser tells places of elements only, and few attributes are ever asked for."""

import re
from bisect import bisect
from collections.abc import Mapping
from functools import cached_property

from zconnect.config.charset import decoded
from zconnect.errors import Problem, Where

_BREAK = re.compile(r"\r\n|\r|\n")
_TAG = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


class Layout:
    """The text of a document; `data` is its bytes, and `end` is where the parser gave it up: there the text ends."""

    def __init__(self, data: bytes, end: Where | None = None) -> None:
        self._data = data
        self.end = end

    @cached_property
    def text(self) -> str:
        """Without what stands behind the end."""
        text, end = decoded(self._data), self.end
        return text if end is None else text[: _lines(text)[: end.line][-1] + max(end.column, 1) - 1]

    @cached_property
    def lines(self) -> list[int]:
        """Where each line begins."""
        return _lines(self.text)

    def attribute(self, element: Where, name: str) -> Where:
        """The place of an attribute, in any letter case, of the element at a place; that of the element where it has none."""
        if not 0 < element.line <= len(self.lines):
            return element
        last, found = None, _TAG.match(self.text, self.lines[element.line - 1] + element.column - 1)
        while found and (found := _ATTRIBUTE.match(self.text, found.end())):
            if found[1].rpartition(":")[2].lower() == name.lower():
                last = found.start(1)  # of several spellings the last counts
        if last is None:
            return element
        line = bisect(self.lines, last)
        return Where(element.document, line, last - self.lines[line - 1] + 1)


def _lines(text: str) -> list[int]:
    return [0, *(found.end() for found in _BREAK.finditer(text))]


def pointed(problem: Problem, layouts: Mapping[str, Layout]) -> Problem:
    """A problem about an attribute with the places of the attribute; any other as it is. `layouts` are documents by their names."""
    _, attribute, name = problem.path.rpartition("/@")
    if not attribute:
        return problem

    def placed(where: Where) -> Where:
        layout = layouts.get(where.document)
        return layout.attribute(where, name) if layout else where

    return problem._replace(where=placed(problem.where), also=tuple(map(placed, problem.also)))
