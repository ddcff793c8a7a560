"""Watches the files of a configuration and replaces the runtime when they change, without losing a request."""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from zconnect.config.kernel import ConfigurationManagement
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.messages import Level, audit, error
from zconnect.server.generation import Generation, Source

logger = logging.getLogger(__name__)

BEGUN = audit("CWWKG0016I", "The configuration is being updated.")
UPDATED = audit("CWWKG0017I", "The configuration was updated in {seconds} seconds.")
UNCHANGED = audit("CWWKG0018I", "The configuration files have changed, but not what they say.")
KEPT = error(
    "ZCON0856E",
    "The changed configuration is not used; the server goes on with what it had.",
    "Mend the problems above and save the file; it is read again by itself.",
)

Fingerprint = tuple[tuple[str, int, int, int], ...]


def fingerprint(paths: Iterable[Path]) -> Fingerprint:
    """What files and folders look like from outside: time, size and number of each, and of what a folder directly holds."""
    return tuple(found for path in paths for found in _looks(path))


def _looks(path: Path) -> list[tuple[str, int, int, int]]:
    try:
        seen = [(str(path), *_facts(os.stat(path)))]
        if path.is_dir():
            with os.scandir(path) as entries:
                seen += sorted((entry.path, *_facts(entry.stat())) for entry in entries)
    except OSError:
        return [(str(path), 0, 0, 0)]
    return seen


def _facts(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_mtime_ns, found.st_size, found.st_ino


def content(paths: Iterable[Path]) -> str:
    """A digest of what the files say, and of those that a folder directly holds."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class Reloader:
    """Keeps the generation that is in force.

    `put_in_force` gives the endpoints a new one; it may raise `Unavailable`, and then the former stays.
    """

    def __init__(self, source: Source, current: Generation, put_in_force: Callable[[Generation], Awaitable[None]]) -> None:
        self.current = current
        self._source = source
        self._put_in_force = put_in_force
        self._seen = fingerprint(current.watched)
        self._content = _content(current.watched)
        self._leaving: set[asyncio.Task[None]] = set()

    async def watch(self) -> None:
        """Look at the files for ever, as often as <config> says."""
        candidate = self._seen
        while True:
            config = self.current.loaded.configuration.one(ConfigurationManagement)
            await asyncio.sleep(max(0.05, config.monitor_interval.total_seconds()))
            if config.update_trigger != "polled":
                continue
            now = fingerprint(self.current.watched)
            # Two equal looks, so that a file is not read while it is being written.
            if now != self._seen and now == candidate:
                await self.reload()
            candidate = now

    async def reload(self) -> bool:
        """Read the files and put them in force; whether they are. The last good configuration stays where they are bad."""
        begun = time.monotonic()
        self._seen = fingerprint(self.current.watched)
        now = _content(self.current.watched)
        BEGUN.log(logger)
        if now == self._content:
            UNCHANGED.log(logger)
            return True
        self._content = now
        journal: list[Problem] = []
        try:
            fresh = await self._source.open(self._source.load(journal))
        except ConfigurationError as refusal:
            return self._kept(refusal.problems)
        except Unavailable as unavailable:
            return self._kept((Problem(unavailable.told),))
        return await self._replaced(fresh, begun)

    async def _replaced(self, fresh: Generation, begun: float) -> bool:
        try:
            await self._put_in_force(fresh)
        except Unavailable as unavailable:
            await fresh.close()
            return self._kept((Problem(unavailable.told),))
        log_problems(fresh.loaded.problems)
        before, self.current = self.current, fresh
        self._seen, self._content = fingerprint(fresh.watched), _content(fresh.watched)
        UPDATED.log(logger, seconds=f"{time.monotonic() - begun:.3f}")
        leaving = asyncio.ensure_future(_let_go(before))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        return True

    def _kept(self, problems: Iterable[Problem]) -> bool:
        log_problems(problems)
        KEPT.log(logger)
        return False

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


def _content(paths: Iterable[Path]) -> str:
    try:
        return content(paths)
    except OSError as cause:
        return f"unreadable {cause} {time.monotonic_ns()}"


def log_problems(problems: Iterable[Problem]) -> None:
    """Write problems into the log, a line each: number, text, place, and what was perhaps meant."""
    for problem in problems:
        place = f" [{' '.join(filter(None, (str(problem.where), problem.path)))}]" if problem.where.document else ""
        meant = f" Did you mean {' or '.join(problem.suggestions)}?" if problem.suggestions else ""
        # A warning about what is merely odd stays below the console; what stops the start must be seen.
        level = max(problem.level, Level.ERROR) if problem.stops else problem.level
        logger.log(level, "%s%s%s", problem.told, place, meant)
