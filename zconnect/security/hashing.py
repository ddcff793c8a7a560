"""Checks passwords: cheap ones at once, slow hashes in a few threads beside the event loop."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.messages import error
from zconnect.roles import Assembly

BUSY = error(
    "ZCON0406E",
    "Too many passwords are being checked at the same time.",
    "Try again later; many failing logins at once are an attack or a client with an old password.",
)

_THREADS = 2
_WAITING = 64  # a hash takes some milliseconds, so who came after these would wait for a quarter of a second and more
_NOBODY = Password("")


class Hashing:
    """The threads in which passwords are hashed."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0

    def decoy(self, passwords: Iterable[Password]) -> Password:
        """The password that an unknown user is checked against: one that costs what the dearest real one costs."""
        return max(passwords, key=lambda password: password.cost, default=_NOBODY)

    async def check(self, known: Password, presented: str, decoy: Password) -> bool:
        """Whether a password is right; raises `Refused` (503) when too many wait."""
        right = await self._beside(known, presented) if known.is_hashed else known.matches(presented)
        if known.cost < decoy.cost:
            await self._beside(decoy, presented)  # else its speed would tell that this user exists
        return right

    async def _beside(self, known: Password, presented: str) -> bool:
        if self._waiting >= _WAITING:
            raise Refused(503, BUSY(), headers=[(b"retry-after", b"1")])
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, known.matches, presented)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End the threads when they are idle."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def open_hashing(assembly: Assembly) -> Hashing:
    """The hashing threads of this runtime."""
    hashing = Hashing()
    assembly.closing(hashing.close)
    return hashing
