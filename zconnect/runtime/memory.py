"""What outlives a runtime: tokens that were used up, key sets that were fetched; a reload is no reason to forget them."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """The kept things of a server by key; one that a new runtime does not ask for is forgotten."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}
        self._asked: set[Hashable] = set()

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """The one thing of a key, made at the first asking."""
        self._asked.add(key)
        if key not in self._kept:
            self._kept[key] = make()
        found: T = self._kept[key]
        return found

    def settle(self) -> None:
        """A runtime has asked for all that it needs."""
        self._kept = {key: value for key, value in self._kept.items() if key in self._asked}
        self._asked = set()
