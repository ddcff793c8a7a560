"""The registry of a server that has none it can use."""

import time
from logging import getLogger

from zconnect.messages import Sparing, Told

logger = getLogger(__name__)

DEFAULT_REALM = "defaultRealm"


class Nobody:
    """The registry of a server that has none, or more than one: every login fails and says why."""

    realm = DEFAULT_REALM
    elsewhere = False

    def __init__(self, why: Told) -> None:
        self._why = why
        self._sparing = Sparing()

    async def check_password(self, user: str, password: str) -> str | None:
        """Never right."""
        self._sparing.log(self._why, logger, time.monotonic())
        return None

    async def user(self, name: str) -> str | None:
        """There is none."""
        return None

    async def unique_id(self, user: str) -> str:
        """The name again."""
        return user

    async def group(self, name: str) -> str | None:
        """There is none."""
        return None

    async def groups_of(self, user: str) -> frozenset[str]:
        """None."""
        return frozenset()

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """Nobody."""
        self._sparing.log(self._why, logger, time.monotonic())
        return None
