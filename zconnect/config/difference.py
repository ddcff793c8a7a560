"""Whether a configuration that was read anew says anything new."""

from collections.abc import Hashable, Iterable

from zconnect.config.load import Loaded
from zconnect.config.merge import Piece, Text
from zconnect.config.schema import Element


def same(old: Loaded, new: Loaded) -> bool:
    """Whether two readings mean the same, whatever the order, the places and the comments of their documents are.

    Elements that the server does not know count as well, so that every edit of substance is seen to be one.
    """
    return (
        _by_name(old.configuration.all(Element)) == _by_name(new.configuration.all(Element))
        and old.configuration.features == new.configuration.features
        and _written(old) == _written(new)
    )


def _by_name(elements: Iterable[Element]) -> list[Element]:
    return sorted(elements, key=lambda element: (element.tag, element.id))


def _written(loaded: Loaded) -> list[Hashable]:
    known = {element.tag for element in loaded.configuration.all(Element)}
    return sorted((_content(piece) for piece in loaded.pieces if piece.name not in known), key=repr)


def _content(piece: Piece) -> Hashable:
    return piece.name, tuple(sorted(((name, _value(held.value)) for name, held in piece.properties.items()), key=repr))


def _value(value: str | list[Text | Piece]) -> Hashable:
    if isinstance(value, str):
        return value
    return tuple(part.text if isinstance(part, Text) else _content(part) for part in value)
