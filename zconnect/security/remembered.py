"""What the caches of a process remember of callers, and how an operator has it forgotten (z/OS Connect: the command MODIFY)."""

from collections.abc import Callable, Hashable
from enum import StrEnum
from typing import Protocol, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Memories(StrEnum):
    """What can be forgotten, by the word of MODIFY that says so."""

    LOGINS = "clearsafcache"  # whatever the user registry has said: who logged in, and with which groups
    TOKENS = "cleartokencache"  # which tokens were found good


class Cache(Protocol):
    """Something that remembers callers."""

    def clear(self) -> None:
        """Forget all; what is found out at this moment must not come in afterwards."""
        ...


class Remembered:
    """The caches of all runtimes of a process that are open."""

    def __init__(self) -> None:
        self._caches: dict[Memories, WeakSet[Cache]] = {each: WeakSet() for each in Memories}

    def add(self, cache: Cache, *memories: Memories) -> None:
        """A cache with what it remembers; it leaves with its runtime."""
        for each in memories:
            self._caches[each].add(cache)

    def forget(self, memories: Memories) -> None:
        """Have all that remember this forget it."""
        for cache in self._caches[memories]:
            cache.clear()


class Keeper(Protocol):
    """What keeps things for the life of a process: `Memory`, or an `Assembly`."""

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """The one thing of a key."""
        ...


def remembered_in(keeper: Keeper) -> Remembered:
    """The caches of this process."""
    return keeper.kept("remembered callers", Remembered)
