"""Tokens that may be used once: what has been used is remembered until it could not be used any more."""

import heapq
from hashlib import blake2b

from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.roles import Assembly

FULL = error(
    "ZCON0407E",
    "So many tokens with a jti are in use that another one could not be remembered.",
    "Let the provider issue tokens with a shorter life, or set tokenReuse to true.",
)

_CAPACITY = 100_000


class UsedTokens:
    """The tokens that have been used, by issuer and jti; shared by all clients of a server, also across reloads."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._used: set[bytes] = set()
        self._ends: list[tuple[float, bytes]] = []

    def use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Whether this is the first use; `until` is when the token ends for good (exp and skew), both seconds since the epoch.

        Raises `Refused` (503) when the memory is full of tokens that are still good: forgetting one would let it be used again.
        """
        while self._ends and self._ends[0][0] <= now:
            self._used.discard(heapq.heappop(self._ends)[1])
        key = blake2b(f"{len(issuer)}:{issuer}{jti}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._used:
            return False
        if len(self._used) >= self._capacity:
            raise Refused(503, FULL(), headers=[(b"retry-after", b"60")])
        self._used.add(key)
        heapq.heappush(self._ends, (until, key))
        return True


async def open_used_tokens(assembly: Assembly) -> UsedTokens:
    """The memory of this server."""
    return assembly.kept("used tokens", UsedTokens)
