"""Watches the files of a configuration and replaces the runtime when they change, without losing a request."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from zconnect.config.difference import changes, reordered
from zconnect.config.kernel import ConfigurationManagement
from zconnect.config.load import Loaded
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.messages import Level, audit, error, warning
from zconnect.server.generation import Departing, Generation, Source
from zconnect.server.reading import Reading
from zconnect.server.watched import Facts, content, differing, fingerprint, neighbourhood

logger = logging.getLogger(__name__)

BEGUN = audit("CWWKG0016I", "The configuration is being updated.")
UPDATED = audit("CWWKG0017I", "The configuration was updated in {seconds} seconds.")
UNCHANGED = audit("CWWKG0018I", "The configuration files have changed, but not what they say.")
CHANGED = audit("ZCON0862I", "What has changed in the configuration: {changes}.")
DISABLED = warning(
    "ZCON0864W",
    "The configuration is not read again, because the element config has updateTrigger=disabled.",
    "Start the server anew; with updateTrigger=mbean it reads its files when it is asked.",
)
KEPT = error(
    "ZCON0856E",
    "The changed configuration is not used; the server goes on with what it had.",
    "Mend the problems above and save the file; it is read again by itself.",
)

NOT_UPDATED = error(
    "CWWKG0015E",
    "The configuration is not used, because onError is FAIL and something in it cannot be read.",
    "Mend the problems above.",
)
GONE = error(
    "CWWKG0110E",
    "Something has changed, but {file} is not there, so the server goes on with what it had.",
    "Put the file back; it is read again by itself.",
)

INTERVAL = "com.ibm.ws.config.monitorInterval"
_QUICKEST = 0.05  # seconds between two looks at the files
_LONGEST_PAUSE = 1.0  # seconds that files must rest before they are read
_MOST_TOLD, _LONGEST_TOLD = 20, 200  # changes, and characters of one


class Reloader:
    """Keeps the generation that is in force.

    `put_in_force` gives the endpoints a new one; it may raise `Unavailable`, and then the former stays.
    """

    def __init__(
        self, source: Source, reading: Reading, current: Generation, put_in_force: Callable[[Generation], Awaitable[None]]
    ) -> None:
        self.current = current
        self._source = source
        self._reading = reading
        self._put_in_force = put_in_force
        self._parts: dict[Path, bytes] = {}
        self._bad = False
        self._seen = reading.facts
        self.take_in()
        self._busy = asyncio.Lock()
        self._departing = Departing()

    @property
    def _config(self) -> ConfigurationManagement:
        return self.current.loaded.configuration.one(ConfigurationManagement)

    @property
    def _interval(self) -> float:
        """Seconds between two looks; a bootstrap property, in plain milliseconds, wins over <config> as in Liberty."""
        given = self._source.properties.get(INTERVAL, "")
        seconds = int(given) / 1000 if re.fullmatch("[0-9]{1,9}", given) else self._config.monitor_interval.total_seconds()
        return max(_QUICKEST, seconds)

    def take_in(self) -> None:
        """Take what has come to be watched, such as key stores while ports were opened, for known."""
        self._seen = self._look() | self._seen
        self._parts = content(self.current.runtime.watched) | self._parts

    async def watch(self) -> None:
        """Look at the files for ever, as often as <config> says."""
        while True:
            await asyncio.sleep(self._interval)
            if self._config.update_trigger == "polled" and await asyncio.to_thread(self._look) != self._seen:
                await self.reload()

    def _look(self) -> dict[str, Facts]:
        around = neighbourhood(self._source.place) if self._bad else ()
        return fingerprint(dict.fromkeys((*self._reading.documents, *self.current.runtime.watched, *around)))

    async def asked(self) -> bool:
        """Reload because somebody says so; whether the files are in force."""
        if self._config.update_trigger == "disabled":
            DISABLED.log(logger)
            return False
        return await self.reload()

    async def reload(self) -> bool:
        """Read the files and put them in force; whether they are. The last good configuration stays where they are bad."""
        async with self._busy:
            if not (document := self._source.place.config_dir / "server.xml").exists():
                GONE.log(logger, file=document)
                self._seen = await asyncio.to_thread(self._look)
                return False
            BEGUN.log(logger)
            begun = time.monotonic()
            try:
                loaded = await self._reading.anew(self.current.runtime.watched, min(self._interval, _LONGEST_PAUSE))
                await self._renew(loaded, begun)
            except ConfigurationError as refusal:
                self._keep(refusal.problems)
            except Unavailable as unavailable:
                self._keep((Problem(unavailable.told, stops=True),))
            else:
                self._bad = False
            # Documents are known as they were read, others, which the server may have written itself, as they are.
            self._seen = await asyncio.to_thread(self._look) | self._reading.facts
            return not self._bad

    async def _renew(self, loaded: Loaded, begun: float) -> None:
        """Raises `ConfigurationError` and `Unavailable`."""
        told = await asyncio.to_thread(self._changes, loaded)
        log_problems(loaded.notices)
        if not told:
            if reordered(self.current.loaded, loaded):
                await self._replace(loaded)
            UNCHANGED.log(logger)
            return
        news = self._news(loaded.problems)
        await self._replace(loaded)
        log_problems(news)
        more = f", and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
        CHANGED.log(logger, changes=", ".join(told[:_MOST_TOLD]) + more)
        UPDATED.log(logger, seconds=f"{time.monotonic() - begun:.3f}")

    def _changes(self, loaded: Loaded) -> list[str]:
        files = differing(self._parts, content(self.current.runtime.watched))
        return [str(change)[:_LONGEST_TOLD] for change in changes(self.current.loaded, loaded)] + [f"changed {file}" for file in files]

    async def _replace(self, loaded: Loaded) -> None:
        fresh = await self._source.open(loaded)
        try:
            await self._put_in_force(fresh)
        except Unavailable:
            await self._put_in_force(self.current)
            await fresh.close()
            raise
        before, self.current = self.current, fresh
        self._parts = content(fresh.runtime.watched)
        self._departing.add(before.serving)

    def _keep(self, problems: Iterable[Problem]) -> None:
        self._bad = True
        log_problems(self._news(problems))
        if self._config.on_error == "FAIL":
            NOT_UPDATED.log(logger)
        KEPT.log(logger)

    def _news(self, problems: Iterable[Problem]) -> list[Problem]:
        """All problems but the notices that were given before: what has no effect here is said once."""
        known = {str(problem.told) for problem in self.current.loaded.problems}
        return [problem for problem in problems if problem.level > Level.INFO or str(problem.told) not in known]

    async def close(self) -> None:
        """Close the runtime in force and those that still wait for their last request."""
        await self._departing.close()
        await self.current.close()


def log_problems(problems: Iterable[Problem]) -> None:
    """Write problems into the log, a line each: number, text, place, the other places, and what was perhaps meant."""
    for problem in problems:
        place = f" [{' '.join(filter(None, (str(problem.where), problem.path)))}]" if problem.where.document else ""
        also = f" See also {', '.join(map(str, problem.also))}." if problem.also else ""
        meant = f" Did you mean {' or '.join(problem.suggestions)}?" if problem.suggestions else ""
        # What stops a start or an update is seen on the console, whatever the level of its message is.
        level = max(problem.level, Level.ERROR) if problem.stops else problem.level
        logger.log(level, "%s%s%s%s", problem.told, place, also, meant)
