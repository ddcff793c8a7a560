"""A key set that its provider publishes (RFC 7517): fetched, kept fresh, and kept through an outage."""

import asyncio
import random
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2b
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import Unavailable
from zconnect.messages import Sparing, error, info, warning
from zconnect.roles import Assembly, Store
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
    with unknown keys cause at most `burst` fetches at once and one more every `pace`; the same kid none within `memory`, and none a token
    that names no key where there is one for its algorithm. A fetch that brings the key that was wanted does not count: that is a rotation.
    """

    refresh: float = 300.0
    retry: float = 30.0
    hard: float = 24 * 3600.0
    burst: int = 4
    pace: float = 30.0
    memory: float = 60.0


_ROW = struct.Struct("!ddd")  # when it was fetched, and the budget; the document follows
_SPACE = "key sets"
_LONGEST_KID = 256
_MOST_UNKNOWN = 1000


class LastGood:
    """A key set as any process of the server fetched it last, and how many fetches strangers may still cause.

    It outlives reloads and, in the `store` under a `name`, restarts, so that an outage of the provider does not begin with one.
    `fetched` is seconds since the epoch.
    """

    def __init__(self, url: str = "", store: Store | None = None, name: bytes = b"") -> None:
        self.table: KeyTable | None = None
        self.fetched = 0.0
        self.generation = 0
        self._url = url
        self._store = store
        self._name = name
        self._document = b""
        self._saved: bytes | None = None
        self._budget: tuple[float, float] | None = None  # fetches and when they were counted
        self._sparing = Sparing(1)

    def replace(self, table: KeyTable | None) -> None:
        """Other keys are in force from now on."""
        self.table = table
        self.generation += 1

    def take(self, document: bytes, table: KeyTable, now: float, ages: Ages) -> bool:
        """A set has been fetched; whether it has other keys than the one before."""
        self.catch_up(now)
        self._document, self.fetched = document, now
        self._save(now, ages)
        return self._put(table)

    def _put(self, table: KeyTable) -> bool:
        changed = self.table is None or not table.same_as(self.table)
        if changed:
            self.replace(table)
        return changed

    def catch_up(self, now: float) -> None:
        """Take over what another process has fetched since, or the server before its restart."""
        saved = self._read(now)
        if saved is None or saved == self._saved:
            return
        fetched, left, counted = _ROW.unpack_from(saved)
        self._saved, self._budget = saved, (left, counted)
        if fetched > self.fetched:
            try:
                table = read_keys(saved[_ROW.size :], self._url)
            except ValueError:
                return  # another version of the server could read it
            self._document, self.fetched = saved[_ROW.size :], fetched
            self._put(table)

    def spend(self, now: float, ages: Ages) -> bool:
        """Whether a stranger may cause a fetch now; all processes together have one budget."""
        self.catch_up(now)
        left, counted = self._budget or (float(ages.burst), now)
        left = min(ages.burst, left + max(0.0, now - counted) / ages.pace)
        if left < 1:
            return False
        self._budget = (left - 1, now)
        return self._save(now, ages)

    def pay_back(self, now: float, ages: Ages) -> None:
        """A fetch has brought the key that was wanted."""
        if self._budget is not None:
            left, counted = self._budget
            self._budget = (min(ages.burst, left + 1), counted)
            self._save(now, ages)

    def _read(self, now: float) -> bytes | None:
        try:
            return self._store.read(_SPACE, self._name, now) if self._store else None
        except Unavailable as missing:
            self._sparing.log(missing.told, logger, now)
            return None

    def _save(self, now: float, ages: Ages) -> bool:
        """Whether no other process was faster; without a store there is none."""
        left, counted = self._budget or (float(ages.burst), now)
        row = _ROW.pack(self.fetched, left, counted) + self._document
        try:
            saved = not self._store or self._store.replace(_SPACE, self._name, self._saved, row, now + ages.hard, now)
        except Unavailable as missing:
            self._sparing.log(missing.told, logger, now)
            return True
        if saved:
            self._saved = row
        return saved


class RemoteKeys:
    """A published key set: each fetch replaces it as a whole, and an outage leaves the last one in force for a while."""

    def __init__(
        self,
        address: Address,
        ages: Ages = Ages(),  # noqa: B008
        clock: Callable[[], float] = time.time,
        last: LastGood | None = None,
        since: float = float("inf"),
    ) -> None:
        self._last = last or LastGood()
        self._address = address
        self._ages = ages
        self._clock = clock
        self._fetching: asyncio.Task[bool] | None = None
        self._since = since
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
        self._last.catch_up(self._clock())
        if self.find(header, str(header.get("alg"))) is not None:
            return
        spent = self._fetching is None and self._may_fetch(header)
        if spent or self._fetching is not None:
            await self.refresh()
        if spent and self.find(header, str(header.get("alg"))) is not None:
            self._last.pay_back(self._clock(), self._ages)
        if self._last.table is None:
            raise Unavailable(NO_KEYS(url=self._address.url))

    def _may_fetch(self, header: Mapping[str, object]) -> bool:
        """Whether a token is worth a fetch: strangers must not drive traffic."""
        now = self._clock()
        wanted = header.get("kid") or header.get("x5t") or ""
        if not isinstance(wanted, str) or len(wanted) > _LONGEST_KID:
            return False
        if not wanted and self._last.table is not None and self._last.table.fitting(str(header.get("alg"))):
            return False  # it fits several, and more keys would not change that
        if self._last.table is not None and now < self._unknown.get(wanted, now):
            return False
        if not self._last.spend(now, self._ages):
            return False
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
            document = await fetch(self._address)
            table = read_keys(document, self._address.url)
        except (FetchFailed, ValueError) as problem:
            NOT_FETCHED.log(logger, url=self._address.url, reason=problem)
            if self._last.table is not None and self._clock() - self._last.fetched > self._ages.hard:
                self._last.replace(None)
            return False
        if self._last.take(document, table, self._clock(), self._ages):
            CHANGED.log(logger, url=self._address.url, count=len(table.keys))
        return True

    async def keep_fresh(self) -> None:
        """Fetch again and again, for ever; not where another process, or the runtime before a reload, has just done it."""
        while True:
            came = self._is_fresh() or await self.refresh()
            # Processes that wake at different times need one fetch for all.
            rest = self._ages.refresh * random.uniform(0.9, 1.0)
            await asyncio.sleep(max(1.0, rest - self._age) if came else self._ages.retry)

    @property
    def _age(self) -> float:
        return max(0.0, self._clock() - self._last.fetched)

    def _is_fresh(self) -> bool:
        self._last.catch_up(self._clock())
        return self._last.fetched >= self._since and self._age < self._ages.refresh / 2

    async def close(self) -> None:
        """Give up a fetch under way."""
        if self._fetching is not None:
            self._fetching.cancel()


def open_remote_keys(assembly: Assembly, address: Address, trust: Hashable = None, ages: Ages = Ages()) -> RemoteKeys:  # noqa: B008
    """A published key set that is fetched from now on until the runtime is closed; does not wait for the first answer.

    What was fetched before, also by another process or before a restart, is in force if it came from the same address under the same
    `trust`.
    """
    if address.url.startswith("http://") and not address.url.startswith(_LOOPBACK):
        PLAIN.log(logger, url=address.url)
    name = blake2b(repr((address.url, trust)).encode(), digest_size=16).digest()
    last = assembly.kept(("key set", address.url, trust), lambda: LastGood(address.url, assembly.store, name))
    last.catch_up(time.time())
    keys = RemoteKeys(address, ages, last=last, since=assembly.store.since)
    assembly.closing(keys.close)
    assembly.begin(keys.keep_fresh())
    return keys
