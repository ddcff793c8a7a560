"""What outlives a runtime: tokens that were used up, key sets that were fetched; a reload is no reason to forget them."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from zconnect.runtime.store import Store

T = TypeVar("T")


class Memory:
    """The kept things of a process by key; one that a new runtime does not ask for is forgotten.

    `store` is what it shares with the other processes of the server, and with the next start.
    """

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()
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
