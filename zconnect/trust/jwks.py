"""A key set that its provider publishes (RFC 7517): fetched, kept fresh, and kept through an outage."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import Unavailable
from zconnect.messages import error, info, warning
from zconnect.roles import Assembly
from zconnect.trust.fetch import Address, FetchFailed, fetch
from zconnect.trust.keytable import KeyTable, read_keys
from zconnect.trust.token import VerificationKey

logger = getLogger(__name__)

NOT_FETCHED = error(
    "CWWKS6049E", "The key set was not returned from {url}: {reason}.", "See whether the provider is up and jwkEndpointUrl right."
)
NO_KEYS = error("ZCON0340E", "The key set of {url} is not there, or too old to rely on.", "See why it cannot be fetched; the log says it.")
CHANGED = info("ZCON0341I", "The key set of {url} has changed; it has {count} usable keys.")
PLAIN = warning("ZCON0342W", "The key set is fetched from {url} without TLS, so whoever is in between can forge tokens.", "Use https.")

_LOOPBACK = ("http://localhost:", "http://localhost/", "http://127.", "http://[::1]")


class Ages(NamedTuple):
    """How old a key set may get, and how often it is asked for; all in seconds.

    Every `refresh` it is fetched anew, after a failure every `retry`; past `hard` it is not relied on any more. Tokens
    with unknown keys cause at most `burst` fetches at once and one more every `pace`; the same kid none within `memory`.
    """

    refresh: float = 300.0
    retry: float = 30.0
    hard: float = 24 * 3600.0
    burst: int = 20
    pace: float = 30.0
    memory: float = 60.0


_LONGEST_KID = 256
_MOST_UNKNOWN = 1000


class LastGood:
    """A key set as it was fetched last, and when; it outlives a reload, so that an outage of the provider does not begin with one."""

    __slots__ = ("fetched", "generation", "table")

    def __init__(self) -> None:
        self.table: KeyTable | None = None
        self.fetched = 0.0
        self.generation = 0

    def replace(self, table: KeyTable | None) -> None:
        """Other keys are in force from now on."""
        self.table = table
        self.generation += 1


class RemoteKeys:
    """A published key set: each fetch replaces it as a whole, and an outage leaves the last one in force for a while."""

    def __init__(
        self,
        address: Address,
        ages: Ages = Ages(),  # noqa: B008
        clock: Callable[[], float] = time.monotonic,
        last: LastGood | None = None,
    ) -> None:
        self._last = last or LastGood()
        self._address = address
        self._ages = ages
        self._clock = clock
        self._fetching: asyncio.Task[bool] | None = None
        self._budget = float(ages.burst)
        self._budget_at = clock()
        self._unknown: OrderedDict[str, float] = OrderedDict()

    def find(self, header: Mapping[str, object], algorithm: str) -> VerificationKey | None:
        """The key that a token's header means in the set at hand, or None."""
        table = self._last.table
        return None if table is None else table.find(header, algorithm)

    @property
    def generation(self) -> int:
        """Another number whenever the keys have changed."""
        return self._last.generation

    async def refresh_for(self, header: Mapping[str, object]) -> None:
        """Fetch once because of a token whose key is not known; raises `Unavailable` without a set to rely on."""
        await asyncio.sleep(0)  # from here on the request has a task
        if self._fetching is not None or self._may_fetch(header):
            await self.refresh()
        if self._last.table is None:
            raise Unavailable(NO_KEYS(url=self._address.url))

    def _may_fetch(self, header: Mapping[str, object]) -> bool:
        """Whether a token is worth a fetch: strangers must not drive traffic."""
        now = self._clock()
        wanted = header.get("kid") or header.get("x5t") or ""
        if not isinstance(wanted, str) or len(wanted) > _LONGEST_KID:
            return False
        if self._last.table is not None and now < self._unknown.get(wanted, now):
            return False
        self._budget = min(self._ages.burst, self._budget + (now - self._budget_at) / self._ages.pace)
        self._budget_at = now
        if self._budget < 1:
            return False
        self._budget -= 1
        self._unknown[wanted] = now + self._ages.memory
        self._unknown.move_to_end(wanted)
        if len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        return True

    async def refresh(self) -> bool:
        """Fetch the set now, or wait for the fetch under way; whether it came."""
        if self._fetching is None:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched_it)
        return await asyncio.shield(self._fetching)

    def _fetched_it(self, _: "asyncio.Task[bool]") -> None:
        self._fetching = None

    async def _fetch(self) -> bool:
        try:
            table = read_keys(await fetch(self._address), self._address.url)
        except (FetchFailed, ValueError) as problem:
            NOT_FETCHED.log(logger, url=self._address.url, reason=problem)
            if self._last.table is not None and self._clock() - self._last.fetched > self._ages.hard:
                self._last.replace(None)
            return False
        self._last.fetched = self._clock()
        if self._last.table is None or not table.same_as(self._last.table):
            self._last.replace(table)
            CHANGED.log(logger, url=self._address.url, count=len(table.keys))
        return True

    async def keep_fresh(self) -> None:
        """Fetch again and again, for ever."""
        while True:
            came = await self.refresh()
            await asyncio.sleep(self._ages.refresh if came else self._ages.retry)

    async def close(self) -> None:
        """Give up a fetch under way."""
        if self._fetching is not None:
            self._fetching.cancel()


def open_remote_keys(assembly: Assembly, address: Address, trust: Hashable = None, ages: Ages = Ages()) -> RemoteKeys:  # noqa: B008
    """A published key set that is fetched from now on until the runtime is closed; does not wait for the first answer.

    What was fetched before a reload stays in force if it came from the same address under the same `trust`.
    """
    if address.url.startswith("http://") and not address.url.startswith(_LOOPBACK):
        PLAIN.log(logger, url=address.url)
    keys = RemoteKeys(address, ages, last=assembly.kept(("key set", address.url, trust), LastGood))
    assembly.closing(keys.close)
    assembly.begin(keys.keep_fresh())
    return keys
