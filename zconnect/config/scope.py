"""One element while its attributes are read: what a reference may fall back on, and where problems go."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from datetime import timedelta

from zconnect.config.datatypes import STARS, UNITS, split, written
from zconnect.config.declarations import Declaration
from zconnect.config.merge import Piece, Text
from zconnect.config.schema import Element
from zconnect.config.variables import Variables
from zconnect.errors import Problem, Where
from zconnect.messages import Told


@dataclass(slots=True)
class Scope:
    """One element while its attributes are read (the siblings that a reference may fall back on); collects its problems.

    `path` leads to it, `broken` says that it cannot be made.
    """

    piece: Piece
    kind: type[Element]
    id: str
    path: str
    declared: Mapping[str, Declaration]
    variables: Variables
    problems: list[Problem]
    broken: bool = False
    reading: str = ""
    borrowed: dict[str, None] = field(default_factory=dict)

    def text(self, name: str, road: tuple[str, ...]) -> str | None:
        """The value of another attribute as text, stars for a secret; an attribute is no variable to itself."""
        found = None if name.lower() == self.reading and len(road) == 1 else self._text(name.lower(), road)
        if found is not None:
            self.borrowed[name] = None
        return found

    def _text(self, key: str, road: tuple[str, ...]) -> str | None:
        declaration, held = self.declared.get(key), self.piece.properties.get(key)
        if held is None:
            return _default_text(declaration) if declaration else None
        if declaration and declaration.datatype and declaration.datatype.secret:
            return STARS
        raw = held.value if isinstance(held.value, str) else next((each.text for each in held.value if isinstance(each, Text)), None)
        return None if raw is None else self.variables.expanded(raw, self, road).text

    def count(self, name: str) -> int:
        """How many values an attribute has."""
        held = self.piece.properties.get(name.lower())
        declaration = self.declared.get(name.lower())
        if held is None:
            return 0
        if isinstance(held.value, str):
            return len(split(held.value)) if declaration and declaration.many else 1
        return len(held.value)

    def tell(
        self,
        told: Told,
        where: Where,
        name: str,
        *,
        stops: bool = False,
        suggestions: tuple[str, ...] = (),
        also: tuple[Where, ...] = (),
    ) -> None:
        """Report something about an attribute (`@name`) or a child element (`name`)."""
        self.problems.append(Problem(told, where, f"{self.path}/{name}", suggestions, also, stops))


def _default_text(declaration: Declaration) -> str | None:
    if declaration.datatype is None or declaration.default in (MISSING, None, ()):
        return None
    if isinstance(declaration.default, timedelta):
        return str(declaration.default // UNITS[declaration.datatype.unit])
    return written(declaration.default, declaration.datatype)
