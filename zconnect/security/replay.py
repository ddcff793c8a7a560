"""Tokens that may be used once: what has been used is remembered until it could not be used any more."""

from hashlib import blake2b

from zconnect.errors import Refused, Unavailable
from zconnect.messages import Message, error
from zconnect.roles import Store

FULL = error(
    "ZCON0407E",
    "So many tokens with a jti are in use that another one could not be remembered.",
    "Let the provider issue tokens with a shorter life, or set tokenReuse to true.",
)

_CAPACITY = 100_000
_RECOUNT = 1.0  # seconds


class UsedTokens:
    """The tokens that have been used, by issuer and jti; shared by all clients and processes of a server, across reloads and restarts.

    In a `space` of its own anything else that is used once.
    """

    def __init__(self, store: Store, capacity: int = _CAPACITY, space: str = "used tokens", full: Message = FULL) -> None:
        self._store = store
        self._space = space
        self._full = full
        self._capacity = capacity
        self._room = 0
        self._counted = float("-inf")

    def count(self, now: float) -> int:
        """How many there are; raises `Unavailable` where none can be remembered."""
        return self._store.count(self._space, now)

    def use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Whether this is the first use; `until` is when the token ends for good (exp and skew), both seconds since the epoch.

        Raises `Refused` (503) when so many tokens are still good that there is no room, because forgetting one would let it be used
        again, and where none can be remembered.
        """
        key = blake2b(f"{len(issuer)}:{issuer}{jti}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        try:
            if self._has_room(now):
                first = self._store.replace(self._space, key, None, b"", until, now)
                self._room -= first
                return first
            if self._store.read(self._space, key, now) is not None:
                return False
        except Unavailable as missing:
            raise Refused(503, missing.told, headers=[(b"retry-after", b"60")]) from missing
        raise Refused(503, self._full(), headers=[(b"retry-after", b"60")])

    def _has_room(self, now: float) -> bool:
        """Counted only when what was left has been used up, and then once a second."""
        if self._room <= 0 and now >= self._counted + _RECOUNT:
            self._counted = now
            self._room = self._capacity - self.count(now)
        return self._room > 0
