"""The life of a server: environment, configuration, runtime, ports, the ready sign, the word to stop, the end."""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from typing import NamedTuple

from zconnect.config.attributes import NO_VALUE
from zconnect.config.configuration import Configuration
from zconnect.config.kernel import FeatureManager
from zconnect.config.schema import Element
from zconnect.config.source import MALFORMED
from zconnect.errors import ConfigurationError, Unavailable
from zconnect.messages import audit, error, info, warning
from zconnect.runtime.memory import Memory
from zconnect.runtime.store import Store
from zconnect.server.commandport import command_port
from zconnect.server.commands import Commands
from zconnect.server.crew import Crew
from zconnect.server.dropins import ApplicationMonitor
from zconnect.server.generation import Generation, Source, settle_down
from zconnect.server.instance import Instance
from zconnect.server.listen import QUIET, Endpoints
from zconnect.server.logs import Logs
from zconnect.server.logsettings import Logging
from zconnect.server.orders import Beginning
from zconnect.server.reading import Reading
from zconnect.server.reload import NOT_UPDATED, Reloader, log_problems
from zconnect.server.word import Word

logger = logging.getLogger(__name__)

LAUNCHED = audit("CWWKE0001I", "The server {name} has been launched.")
KERNEL = info("CWWKE0002I", "The kernel started in {seconds} seconds.")
FEATURES_BEGUN = info("CWWKF0007I", "The features are being updated.")
FEATURES = audit("CWWKF0012I", "The server has these features: [{features}].")
FEATURES_DONE = info("CWWKF0008I", "The features were updated in {seconds} seconds.")
READY = audit("CWWKF0011I", "{name}: the server {name} is ready to run. It started in {seconds} seconds.")
STOPPED_BY_COMMAND = audit("CWWKE0055I", "On {date} at {time} the server {name} was asked to stop.")
STOPPED_BY_SIGNAL = audit("CWWKE0085I", "The server {name} is stopping because its process was told to end.")
STOPS = error("CWWKT0021I", "The endpoint {endpoint} has onError=FAIL, so the server does not run without it.", "See the message before.")
QUIESCE = audit("CWWKE1100I", "Requests that are under way have up to {seconds} seconds to end.")
QUIESCED = info("CWWKE1101I", "All requests have ended.")
CUT_OFF = warning(
    "CWWKE1102W",
    "Requests that had not ended after {seconds} seconds were cut off.",
    "See which back ends or applications are slow; the access log has no line for such a request.",
)
NOT_STARTED = audit("CWWKG0010I", "The server {name} does not start, because its configuration cannot be used.", "Mend the problems above.")
STOPPED = audit("CWWKE0036I", "The server {name} stopped after {seconds} seconds.")

_UNREAD = frozenset({MALFORMED, NO_VALUE})  # what cannot be read, and not only what is missing


class Launch(NamedTuple):
    """What a run is told by whoever starts it.

    `features` are the names of what the vocabulary belongs to, `ready` is called once all ports are open, `began` is monotonic.
    """

    instance: Instance
    properties: Mapping[str, str]
    command_line: Mapping[str, str]
    vocabulary: Sequence[type[Element]]
    features: Collection[str]
    logs: Logs
    ready: Callable[[], None]
    began: float


async def serve(launch: Launch) -> int:
    """Serve until the word to stop; the exit code. Raises `ConfigurationError` and `Unavailable` where it cannot begin."""
    instance, word, endpoints = launch.instance, Word(), Endpoints()
    LAUNCHED.log(logger, name=instance.name)
    _empty_state(instance)
    async with AsyncExitStack() as held:
        held.callback(_tell_stopped, launch)
        store = held.enter_context(closing(Store(instance.state_file)))
        source = _source(launch, store)
        reading = Reading(source)
        try:
            generation = await _first(source, reading, launch)
        except ConfigurationError as refusal:
            log_problems(refusal.problems)
            if launch.properties.get("onError", "").upper() == "FAIL" and _UNREAD & {each.told.message for each in refusal.problems}:
                NOT_UPDATED.log(logger)
            NOT_STARTED.log(logger, name=instance.name)
            raise
        crew = Crew(endpoints, Beginning(instance, launch.properties, store.since, store.secret))
        put_in_force = _put_in_force(endpoints, crew, launch.logs)
        reloader = Reloader(source, reading, generation, put_in_force)
        held.push_async_callback(reloader.close)
        monitor = generation.loaded.configuration.one(ApplicationMonitor)
        if monitor.dropins_enabled and generation.loaded.configuration.features:
            held.enter_context(monitor.folder(instance.place.config_dir))
        held.push_async_callback(_quiesce, crew, word)
        await put_in_force(generation)
        reloader.take_in()
        commands = Commands(word, crew, reloader.asked, source.memory, instance.place.output_dir)
        await held.enter_async_context(command_port(instance, _port(launch.properties), commands.handle))
        held.enter_context(word.signals())
        held.callback(asyncio.ensure_future(reloader.watch()).cancel)
        settle_down()
        crew.tell_ready()
        _tell_ready(launch, generation.loaded.configuration)
        code = await word.spoken()
        _tell_asked(instance, word)
    return code


def _source(launch: Launch, store: Store) -> Source:
    place, environment = launch.instance.place, launch.instance.environment
    return Source(place, launch.vocabulary, environment, launch.command_line, launch.properties, launch.features, Memory(store))


async def _first(source: Source, reading: Reading, launch: Launch) -> Generation:
    """The configuration with which the server begins."""
    loaded = reading.first()
    launch.logs.configure(loaded.configuration.one(Logging))
    log_problems(loaded.notices)
    KERNEL.log(logger, seconds=_since(launch.began))
    FEATURES_BEGUN.log(logger)
    log_problems(loaded.problems)
    return await source.open(loaded)


def _put_in_force(endpoints: Endpoints, crew: Crew, logs: Logs) -> Callable[[Generation], Awaitable[None]]:
    async def put(generation: Generation) -> None:
        configuration = generation.loaded.configuration
        async with crew.change(configuration):
            await _listen(endpoints, generation)
            logs.configure(configuration.one(Logging))

    return put


async def _listen(endpoints: Endpoints, generation: Generation) -> None:
    """Open the ports; as in Liberty it is the features that bring them. Raises `Unavailable` where one is too important to be missing."""
    if not generation.loaded.configuration.features:
        await endpoints.drain(QUIET)
        return
    failures = await endpoints.apply(generation.runtime)
    for failure in failures:
        if failure.stops:
            STOPS.log(logger, endpoint=failure.endpoint.id)
            raise Unavailable(failure.told)


def _port(properties: Mapping[str, str]) -> int:
    text = properties.get("command.port", "0").strip()
    return int(text) if text.lstrip("-").isdigit() else 0


def _tell_ready(launch: Launch, configuration: Configuration) -> None:
    FEATURES.log(logger, features=", ".join(sorted(configuration.one(FeatureManager).feature)))
    FEATURES_DONE.log(logger, seconds=_since(launch.began))
    READY.log(logger, name=launch.instance.name, seconds=_since(launch.began))
    launch.ready()


def _tell_asked(instance: Instance, word: Word) -> None:
    if word.by_signal:
        STOPPED_BY_SIGNAL.log(logger, name=instance.name)
    else:
        date, at = time.strftime("%A, %B %d, %Y"), time.strftime("%I:%M %p")
        STOPPED_BY_COMMAND.log(logger, date=date, time=at, name=instance.name)


async def _quiesce(crew: Crew, word: Word) -> None:
    if word.forced:
        await crew.drain(0)
        return
    QUIESCE.log(logger, seconds=f"{QUIET:.0f}")
    in_time = await crew.drain(QUIET)
    (QUIESCED if in_time else CUT_OFF).log(logger, seconds=f"{QUIET:.0f}")


def _tell_stopped(launch: Launch) -> None:
    STOPPED.log(logger, name=launch.instance.name, seconds=_since(launch.began))


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.3f}"


def _empty_state(instance: Instance) -> None:
    """The folder of what belongs to one run alone."""
    folder = instance.place.output_dir / "logs" / "state"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
