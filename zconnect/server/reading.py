"""Reads the documents of a configuration when nobody is in the middle of writing them."""

import asyncio
import logging
import time
from collections.abc import Iterable
from pathlib import Path

from zconnect.config.load import Loaded
from zconnect.errors import ConfigurationError
from zconnect.messages import warning
from zconnect.server.generation import Source
from zconnect.server.watched import NOTHING, Facts, fingerprint

logger = logging.getLogger(__name__)

RESTLESS = warning(
    "ZCON0863W",
    "The configuration is not read yet, because {files} change all the time.",
    "See who writes them; files that are no configuration do not belong into folders that are included.",
)

PATIENCE = 30.0  # seconds of unrest until it is told
_MOST_TOLD = 5
_GRAIN = 10_000_000  # nanoseconds by which the clock of a file system may be behind

Look = tuple[dict[str, Facts], dict[str, Facts]]


class Reading:
    """The configuration as it was read last.

    `documents` are the files and folders that a change of it can be seen in, there or not; `facts` what they looked like when they
    were read.
    """

    def __init__(self, source: Source) -> None:
        self.documents: tuple[Path, ...] = ()
        self.facts: dict[str, Facts] = {}
        self._source = source

    def first(self) -> Loaded:
        """The configuration of a start, read at once; raises `ConfigurationError`. What changes meanwhile counts as not read."""
        begun = time.time_ns() - _GRAIN
        loaded = self._source.load()
        found = fingerprint(loaded.documents)
        self.documents, self.facts = loaded.documents, {name: facts if max(facts[:2]) < begun else NOTHING for name, facts in found.items()}
        return loaded

    async def anew(self, beside: Iterable[Path], pause: float) -> Loaded:
        """The configuration once its documents and the files beside them rest; raises `ConfigurationError`.

        They rest when two looks with a pause of so many seconds between them are alike. If the look after the reading is another,
        it was too early; what is refused is looked at later still, because half a document is a bad one.
        """
        beside = tuple(beside)
        while True:
            before = await self._rest(beside, pause)
            found = await asyncio.to_thread(self._attempt)  # requests go on meanwhile
            if isinstance(found, ConfigurationError):
                await asyncio.sleep(pause)
            if await self._look(beside) != before:
                continue
            self.facts, _ = before
            if isinstance(found, ConfigurationError):
                raise found
            return found

    async def _rest(self, beside: tuple[Path, ...], pause: float) -> Look:
        now, tell = await self._look(beside), time.monotonic() + PATIENCE
        while True:
            await asyncio.sleep(pause)
            before, now = now, await self._look(beside)
            if now == before:
                return now
            if time.monotonic() > tell:
                files = sorted({name for old, new in zip(before, now, strict=True) for name, _ in old.items() ^ new.items()})
                RESTLESS.log(logger, files=", ".join(files[:_MOST_TOLD]))
                tell = float("inf")

    async def _look(self, beside: tuple[Path, ...]) -> Look:
        return await asyncio.to_thread(lambda: (fingerprint(self.documents), fingerprint(beside)))

    def _attempt(self) -> Loaded | ConfigurationError:
        try:
            loaded = self._source.load()
        except ConfigurationError as refusal:
            # The former documents are watched as well: it may be mended by going back to them.
            self.documents = tuple(dict.fromkeys((*refusal.documents, *self.documents)))
            return refusal
        self.documents = loaded.documents
        return loaded
