"""One configuration at work: what was loaded, the runtime made of it, and how both come to an end."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from zconnect.config.load import Loaded, load
from zconnect.config.schema import Element
from zconnect.runtime.assembly import assembled
from zconnect.runtime.handle import Runtime
from zconnect.runtime.memory import Memory
from zconnect.server.featurenames import mistaken
from zconnect.values import Place


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
            further=lambda configuration: mistaken(configuration, self.features),
        )

    async def open(self, loaded: Loaded) -> "Generation":
        """Make the runtime; raises `ConfigurationError` or `Unavailable`, having undone what it did."""
        async with AsyncExitStack() as held:
            runtime = await held.enter_async_context(assembled(loaded.configuration, self.place, self.memory))
            return Generation(loaded, runtime, held.pop_all())


@dataclass(slots=True)
class Generation:
    """A configuration with its runtime."""

    loaded: Loaded
    runtime: Runtime
    _held: AsyncExitStack = field(repr=False)

    async def close(self) -> None:
        """Close what the runtime has opened, in reverse order; its last request must have left."""
        await self._held.aclose()
