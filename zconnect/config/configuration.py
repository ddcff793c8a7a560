"""The typed whole: what the configuration says, after everything in it has become a value."""

from collections.abc import Iterable
from typing import TypeVar

from zconnect.config.schema import Element

E = TypeVar("E", bound=Element)


class Configuration:
    """All top-level elements of a server, merged, typed and linked; never changed once made."""

    def __init__(self, elements: Iterable[Element], features: Iterable[str] = ()) -> None:
        self._elements = tuple(elements)
        self.features = frozenset(feature.lower() for feature in features)

    def all(self, kind: type[E]) -> tuple[E, ...]:
        """Every element of a kind (or below it), in document order."""
        return tuple(element for element in self._elements if isinstance(element, kind))

    def one(self, kind: type[E]) -> E:
        """The singleton of a kind, made of its defaults where server.xml does not mention it."""
        return next(iter(self.all(kind)), None) or kind()

    def get(self, kind: type[E], id: str) -> E | None:
        """The element of a kind with an id, or None."""
        return next((element for element in self.all(kind) if element.id == id), None)
