"""How many bad credentials of strangers may cost somebody else something: a limit for each address and one for all together."""

from collections import OrderedDict

_MOST_ADDRESSES = 10_000


class Allowance:
    """So many at once, and one more every so often; times are seconds of any clock that goes forward."""

    __slots__ = ("_burst", "_counted", "_left", "_pace")

    def __init__(self, burst: int, pace: float) -> None:
        self._burst = burst
        self._pace = pace
        self._left = float(burst)
        self._counted = 0.0

    def left(self, now: float) -> float:
        """How many there are at a time."""
        self._left = min(self._burst, self._left + max(0.0, now - self._counted) / self._pace)
        self._counted = now
        return self._left

    def take(self, now: float) -> None:
        """One is used up."""
        self._left = self.left(now) - 1


class Budget:
    """What may be spent for the callers of each address and for all: what is charged to one does not shut out the others."""

    def __init__(self, burst: int = 50, pace: float = 1.0, all_burst: int = 500, all_pace: float = 0.05) -> None:
        self._burst = burst
        self._pace = pace
        self._all = Allowance(all_burst, all_pace)
        self._each: OrderedDict[str, Allowance] = OrderedDict()

    def allows(self, address: str, now: float) -> bool:
        """Whether something may be risked for an address."""
        own = self._each.get(address)
        return self._all.left(now) >= 1 and (own is None or own.left(now) >= 1)

    def charge(self, address: str, now: float) -> None:
        """It was in vain."""
        self._all.take(now)
        self._each.setdefault(address, Allowance(self._burst, self._pace)).take(now)
        self._each.move_to_end(address)
        if len(self._each) > _MOST_ADDRESSES:
            self._each.popitem(last=False)
