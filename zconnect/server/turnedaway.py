"""Whom a port turns away for what he does to it: told in the log once a minute for each reason, however many they are."""

import asyncio
import logging

from zconnect.messages import warning

TURNED_AWAY = warning(
    "ZCON0838W",
    "{endpoint} has turned callers away: {count} within {seconds} seconds, the last one {address}. {reason}",
    "Look at the reason and at the caller; addressExcludeList of tcpOptions keeps out one who does it again and again.",
)
UNREAD = warning(
    "ZCON0839W",
    "An answer was not read within {seconds} seconds.",
    "Look at the caller's connection, or raise writeTimeout of the endpoint's httpOptions.",
)
SILENT = warning(
    "ZCON0840W",
    "A connection was opened, and nothing was asked on it within {seconds} seconds.",
    "Look at the caller; inactivityTimeout of tcpOptions says how long he may be silent.",
)
GIVEN_UP = warning(
    "ZCON0841W",
    "The process has no files left for more connections; those that waited for their callers were closed.",
    "Find out where the connections come from, or raise the limit of open files.",
)

EVERY = 60.0  # seconds between two lines with the same reason

logger = logging.getLogger(__name__)


class TurnedAway:
    """Those turned away by one port, whose name is `endpoint`."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._counts: dict[str, int] = {}
        self._last: dict[str, tuple[str, str]] = {}

    def add(self, reason: object, address: str) -> None:
        """One more; the first is told at once, those of the minute behind it in one line. `reason` begins with a number."""
        text = str(reason)
        number = text.partition(":")[0]
        self._last[number] = (text, address)
        if number in self._counts:
            self._counts[number] += 1
        else:
            self._counts[number] = 1
            self._tell(number, 1)
            asyncio.get_running_loop().call_later(EVERY, self._go_on, number)

    def _go_on(self, number: str) -> None:
        """A minute has gone."""
        if not self._counts[number]:
            del self._counts[number]
            return
        self._tell(number, EVERY)
        asyncio.get_running_loop().call_later(EVERY, self._go_on, number)

    def _tell(self, number: str, seconds: float) -> None:
        reason, address = self._last[number]
        count, self._counts[number] = self._counts[number], 0
        TURNED_AWAY.log(logger, endpoint=self._endpoint, count=count, seconds=f"{seconds:.0f}", address=address, reason=reason)

    def tell_all(self) -> None:
        """What has not been told yet."""
        for number in [number for number, count in self._counts.items() if count]:
            self._tell(number, EVERY)
