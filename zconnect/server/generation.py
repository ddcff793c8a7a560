"""One configuration at work: what was loaded, the runtime made of it, how it comes to an end, and what follows it."""

import asyncio
import gc
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from zconnect.config.configuration import Configuration
from zconnect.config.load import Loaded, load
from zconnect.config.schema import Element
from zconnect.runtime.assembly import assembled
from zconnect.runtime.handle import Runtime
from zconnect.runtime.memory import Memory
from zconnect.server.featurenames import mistaken
from zconnect.server.virtualhost import shared_aliases
from zconnect.values import Place

COLLECTED_AFTER = (10_000, 20, 50)  # a request leaves a dozen objects and hardly a cycle


@dataclass(frozen=True, slots=True)
class Source:
    """Where configurations come from, for the life of a server; environment and bootstrap properties are those of its start.

    `features` are the names of what the vocabulary belongs to.
    """

    place: Place
    vocabulary: Sequence[type[Element]]
    environment: Mapping[str, str]
    command_line: Mapping[str, str]
    properties: Mapping[str, str] = field(default_factory=dict)
    features: Collection[str] = ()
    memory: Memory = field(default_factory=Memory, repr=False)

    def load(self) -> Loaded:
        """Read the files; raises `ConfigurationError`."""
        return load(
            self.place,
            self.vocabulary,
            environment=self.environment,
            command_line=self.command_line,
            properties=self.properties,
            further=lambda configuration: (*mistaken(configuration, self.features), *shared_aliases(configuration)),
        )

    async def open(self, loaded: Loaded) -> "Generation":
        """Make the runtime; raises `ConfigurationError` or `Unavailable`, having undone what it did."""
        return Generation(await begun(loaded.configuration, self.place, self.memory), loaded)


@dataclass(frozen=True, slots=True)
class Serving:
    """A runtime that is open."""

    runtime: Runtime
    _held: AsyncExitStack = field(repr=False)

    async def close(self) -> None:
        """Close what the runtime has opened, in reverse order; its last request must have left."""
        await self._held.aclose()

    async def let_go(self) -> None:
        """Close it when its last request has left, or the server ends."""
        try:
            await self.runtime.drained()
        finally:
            await self.close()


async def begun(configuration: Configuration, place: Place, memory: Memory) -> Serving:
    """Make the runtime of a configuration; raises `ConfigurationError` or `Unavailable`, having undone what it did."""
    async with AsyncExitStack() as held:
        runtime = await held.enter_async_context(assembled(configuration, place, memory))
        return Serving(runtime, held.pop_all())


@dataclass(frozen=True, slots=True)
class Generation:
    """A configuration with its runtime."""

    serving: Serving = field(repr=False)
    loaded: Loaded

    @property
    def runtime(self) -> Runtime:
        """The runtime."""
        return self.serving.runtime

    async def close(self) -> None:
        """Close what it has opened."""
        await self.serving.close()


class Departing:
    """Runtimes that others have followed, until their last request has left."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, serving: Serving) -> None:
        """Close it when its last request has left."""
        task = asyncio.ensure_future(serving.let_go())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close all that still wait."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def settle_down() -> None:
    """Take what a start has made out of the garbage collector's sight: it stays, and looking it through again and again would stop
    all requests for ten milliseconds at a time. The collector, which was off until now, would find next to nothing."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    gc.enable()
