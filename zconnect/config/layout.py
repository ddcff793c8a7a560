"""Where in a document an attribute stands: the parser tells places of elements only, and few attributes are ever asked for."""

import re
from bisect import bisect
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from zconnect.config.charset import readable
from zconnect.errors import Problem, Where

_BREAK = re.compile(r"\r\n|\r|\n")
_TAG = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"""\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


class Layout:
    """The text of a document that could be parsed; `data` is its bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _text(self) -> str:
        encoding = "utf-16" if self._data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
        return readable(self._data)[0].decode(encoding, "replace")

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        return [0, *(found.end() for found in _BREAK.finditer(self._text))]

    def attribute(self, element: Where, name: str) -> Where:
        """The place of an attribute, in any letter case, of the element at a place; that of the element where it has none."""
        if not 0 < element.line <= len(self._lines):
            return element
        found = _TAG.match(self._text, self._lines[element.line - 1] + element.column - 1)
        while found and (found := _ATTRIBUTE.match(self._text, found.end())):
            if found[1].rpartition(":")[2].lower() == name.lower():
                line = bisect(self._lines, found.start(1))
                return Where(element.document, line, found.start(1) - self._lines[line - 1] + 1)
        return element


def pointed(problem: Problem, layouts: Mapping[str, Layout]) -> Problem:
    """A problem about an attribute with the place of the attribute; any other as it is. `layouts` are documents by their names."""
    layout = layouts.get(problem.where.document)
    _, attribute, name = problem.path.rpartition("/@")
    return replace(problem, where=layout.attribute(problem.where, name)) if layout and attribute else problem
