"""Watches the files of a configuration and replaces the runtime when they change, without losing a request."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from zconnect.config.difference import same
from zconnect.config.kernel import ConfigurationManagement
from zconnect.config.load import Loaded
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.messages import Level, audit, error
from zconnect.server.generation import Generation, Source
from zconnect.server.watched import content, fingerprint, neighbourhood

logger = logging.getLogger(__name__)

BEGUN = audit("CWWKG0016I", "The configuration is being updated.")
UPDATED = audit("CWWKG0017I", "The configuration was updated in {seconds} seconds.")
UNCHANGED = audit("CWWKG0018I", "The configuration files have changed, but not what they say.")
KEPT = error(
    "ZCON0856E",
    "The changed configuration is not used; the server goes on with what it had.",
    "Mend the problems above and save the file; it is read again by itself.",
)

_QUICKEST = 0.05  # seconds between two looks at the files


class Reloader:
    """Keeps the generation that is in force.

    `put_in_force` gives the endpoints a new one; it may raise `Unavailable`, and then the former stays.
    """

    def __init__(self, source: Source, current: Generation, put_in_force: Callable[[Generation], Awaitable[None]]) -> None:
        self.current = current
        self._source = source
        self._put_in_force = put_in_force
        self._documents = current.loaded.documents
        self._parts = content(current.runtime.watched)
        self._bad = False
        self._seen = fingerprint(self._watched)
        self._busy = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def _watched(self) -> tuple[Path, ...]:
        around = neighbourhood(self._source.place) if self._bad else ()
        return tuple(dict.fromkeys((*self._documents, *sorted(self.current.runtime.watched), *around)))

    async def watch(self) -> None:
        """Look at the files for ever, as often as <config> says."""
        self._take_in()
        candidate = self._seen
        while True:
            config = self.current.loaded.configuration.one(ConfigurationManagement)
            await asyncio.sleep(max(_QUICKEST, config.monitor_interval.total_seconds()))
            if config.update_trigger != "polled":
                continue
            now = fingerprint(self._watched)
            # Two equal looks, so that a file is not read while it is being written.
            if now != self._seen and now == candidate:
                await self.reload()
            candidate = now

    def _take_in(self) -> None:
        """Take what came to be watched while the ports were opened (key stores) for known; it is no change."""
        known = {facts[0] for facts in self._seen}
        self._seen = tuple(sorted({*self._seen, *(facts for facts in fingerprint(self._watched) if facts[0] not in known)}))
        self._parts = content(self.current.runtime.watched)

    async def reload(self) -> bool:
        """Read the files and put them in force; whether they are. The last good configuration stays where they are bad."""
        async with self._busy:
            self._seen = fingerprint(self._watched)
            BEGUN.log(logger)
            try:
                await self._renew(time.monotonic())
            except ConfigurationError as refusal:
                self._keep(refusal.problems)
            except Unavailable as unavailable:
                self._keep((Problem(unavailable.told, stops=True),))
            else:
                self._bad = False
            self._seen = fingerprint(self._watched)
            return not self._bad

    async def _renew(self, begun: float) -> None:
        """Raises `ConfigurationError` and `Unavailable`."""
        loaded = await asyncio.to_thread(self._source.load, [])  # requests go on meanwhile
        parts = content(self.current.runtime.watched)
        if same(self.current.loaded, loaded) and parts == self._parts:
            self._documents = loaded.documents
            UNCHANGED.log(logger)
            return
        news = self._news(loaded.problems)
        await self._replace(loaded)
        log_problems(news)
        UPDATED.log(logger, seconds=f"{time.monotonic() - begun:.3f}")

    async def _replace(self, loaded: Loaded) -> None:
        fresh = await self._source.open(loaded)
        try:
            await self._put_in_force(fresh)
        except Unavailable:
            await self._put_in_force(self.current)
            await fresh.close()
            raise
        before, self.current = self.current, fresh
        self._documents, self._parts = loaded.documents, content(fresh.runtime.watched)
        leaving = asyncio.ensure_future(_let_go(before))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _keep(self, problems: Iterable[Problem]) -> None:
        self._bad = True
        log_problems(self._news(problems))
        KEPT.log(logger)

    def _news(self, problems: Iterable[Problem]) -> list[Problem]:
        """All problems but the notices that were given before: what has no effect here is said once."""
        known = {str(problem.told) for problem in self.current.loaded.problems}
        return [problem for problem in problems if problem.level > Level.INFO or str(problem.told) not in known]

    async def close(self) -> None:
        """Close the runtime in force and those that still wait for their last request."""
        for leaving in tuple(self._leaving):
            leaving.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self.current.close()


async def _let_go(generation: Generation) -> None:
    """Close a runtime when its last request has left, or the server ends."""
    try:
        await generation.runtime.drained()
    finally:
        await generation.close()


def log_problems(problems: Iterable[Problem]) -> None:
    """Write problems into the log, a line each: number, text, place, the other places, and what was perhaps meant."""
    for problem in problems:
        place = f" [{' '.join(filter(None, (str(problem.where), problem.path)))}]" if problem.where.document else ""
        also = f" See also {', '.join(map(str, problem.also))}." if problem.also else ""
        meant = f" Did you mean {' or '.join(problem.suggestions)}?" if problem.suggestions else ""
        # What stops a start or an update is seen on the console, whatever the level of its message is.
        level = max(problem.level, Level.ERROR) if problem.stops else problem.level
        logger.log(level, "%s%s%s%s", problem.told, place, also, meant)
