"""Where values come from: the places of texts in documents, and the sources of the variables in them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from zconnect.config.layout import Layout
from zconnect.config.merge import Property, Text
from zconnect.config.source import read_bytes
from zconnect.errors import Where


class Use(NamedTuple):
    """Who gives a variable its value, and who else would have given it one."""

    source: str
    overrode: tuple[str, ...] = ()


class Claim(NamedTuple):
    """A text in a document that is not the value."""

    text: str
    where: Where


class Origin(NamedTuple):
    """What is behind a value: where its texts stand, and the variables in them by name.

    Neither is there for a default; a variable alone stands in for an attribute that was not written. `overrode` is what
    other documents say, `unusable` what was written and cannot be read, so that the default is used.
    """

    places: tuple[Where, ...] = ()
    variables: Mapping[str, Use] = MappingProxyType({})
    overrode: tuple[Claim, ...] = ()
    unusable: tuple[Claim, ...] = ()


def spot(where: Where) -> str:
    """Document and line, as people say it."""
    return f"{where.document}:{where.line}" if where.line else where.document


class Documents:
    """The documents of a server whose folder is `home`, read once more for the places of attributes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._layouts: dict[str, Layout] = {}

    def places(self, held: Property) -> tuple[Where, ...]:
        """Where an attribute stands, or the children of its name."""
        return tuple(claim.where for claim in self.claims([held]))

    def claims(self, properties: Iterable[Property], mask: str | None = None) -> tuple[Claim, ...]:
        """What documents say under a name, text by text; all of it is the mask where it is a secret."""
        return tuple(Claim(text if mask is None else mask, where) for held in properties for text, where in self._texts(held))

    def _texts(self, held: Property) -> Iterator[tuple[str, Where]]:
        if isinstance(held.value, str):
            yield held.value, self._layout(held.where.document).attribute(held.where, held.name)
        else:
            yield from ((part.text if isinstance(part, Text) else f"<{part.name}>", part.where) for part in held.value)

    def _layout(self, document: str) -> Layout:
        """One that knows no places where the document is far away or no longer there."""
        if document not in self._layouts:
            try:
                data = read_bytes(self._home / document)
            except OSError:
                data = b""
            self._layouts[document] = Layout(data)
        return self._layouts[document]
