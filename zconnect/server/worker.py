"""A worker: a process beside the leading one that serves the same configuration on the same ports, and does what it is told."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from itertools import count
from typing import Any

import uvloop

from zconnect.config.configuration import Configuration
from zconnect.errors import ConfigurationError, Unavailable
from zconnect.messages import Told, error
from zconnect.runtime.memory import Memory
from zconnect.runtime.store import Store
from zconnect.security.remembered import Memories, remembered_in
from zconnect.server.commands import dump_threads
from zconnect.server.generation import Departing, Serving, begun, settle_down
from zconnect.server.listen import QUIET, Endpoints
from zconnect.server.logs import Logs, logs_of, untold
from zconnect.server.logsettings import NEW_LOGS, Logging
from zconnect.server.orders import Beginning, Line, Word
from zconnect.server.word import SIGNALS

REFUSED = error("ZCON0870E", "A worker process cannot use the configuration: {reason}.", "See the leading process's messages in the logs.")
NOT_DONE = error("ZCON0871E", "Requests were still under way after {seconds} seconds.", "See which back ends or applications are slow.")


class Worker:
    """What a worker has open; `place` and `logs` are those of its server."""

    def __init__(self, beginning: Beginning, logs: Logs) -> None:
        self._place = beginning.instance.place
        self._logs = logs
        self._memory = Memory(Store(beginning.instance.state_file, beginning.since, beginning.secret))
        self._endpoints = Endpoints({})
        self._prepared: Serving | None = None
        self._current: Serving | None = None
        self._departing = Departing()
        self._dumps = count(1)

    async def obey(self, line: Line) -> None:
        """Do what comes over the line, until it says stop, or the leading process is gone."""
        async with AsyncExitStack() as held:
            held.push_async_callback(self._close)
            while True:
                try:
                    (word, data), sockets = await asyncio.to_thread(line.receive)
                except (OSError, EOFError):
                    await self._endpoints.drain(QUIET)
                    return
                with untold():
                    answer = await self._done(word, data, sockets)
                await asyncio.to_thread(line.send, answer)
                if word == Word.STOP:
                    return

    async def _done(self, word: Word, data: Any, sockets: Sequence[socket.socket]) -> Told | None:
        """Do one thing; why it could not be done."""
        match word, data:
            case Word.PREPARE, Configuration() as configuration:
                return await self._prepare(configuration)
            case Word.COMMIT, names:
                self._give(names, sockets)
                return await self._commit()
            case Word.PAUSE, ids:
                await self._endpoints.pause(ids)
            case Word.RESUME, (ids, names):
                self._give(names, sockets)
                await self._endpoints.resume(ids)
            case Word.DUMP, _:
                dump_threads(self._place.output_dir, next(self._dumps))
            case Word.FORGET, Memories() as memories:
                remembered_in(self._memory).forget(memories)
            case Word.STOP, float(seconds) | int(seconds):
                return None if await self._endpoints.drain(seconds) else NOT_DONE(seconds=seconds)
        return None

    async def _prepare(self, configuration: Configuration) -> Told | None:
        """Make a runtime, in place of one that was made and never used."""
        await self._drop()
        try:
            self._prepared = await begun(configuration, self._place, self._memory)
        except ConfigurationError as refusal:
            return REFUSED(reason=refusal.problems[0].told)
        except Unavailable as missing:
            return missing.told
        return None

    async def _commit(self) -> Told | None:
        """Serve from the runtime that was made."""
        before, self._current, self._prepared = self._current, self._prepared, None
        if self._current is None:
            return REFUSED(reason="it was not told which")
        failures = await self._endpoints.apply(self._current.runtime)
        self._logs.configure(self._current.runtime.configuration.one(Logging))
        if before is None:
            settle_down()
        else:
            self._departing.add(before)
        return failures[0].told if failures else None

    def _give(self, names: Sequence[str], sockets: Sequence[socket.socket]) -> None:
        for listening in sockets:
            listening.setblocking(False)
        self._endpoints.given = dict(zip(names, sockets, strict=True))

    async def _drop(self) -> None:
        unused, self._prepared = self._prepared, None
        if unused is not None:
            await unused.close()

    async def _close(self) -> None:
        await self._departing.close()
        await self._drop()
        if self._current is not None:
            await self._current.close()
        self._memory.store.close()


def main(descriptor: int) -> None:
    """Be a worker; `descriptor` is this process's end of the line."""
    gc.disable()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # who ends the leading process, or both, means the whole server
    line = Line(socket.socket(fileno=descriptor))
    (_, beginning), _ = line.receive()
    with ExitStack() as held:
        with untold():
            logs = held.enter_context(logs_of(beginning.instance, {**beginning.properties, NEW_LOGS: "false"}))
        line.send(None)
        uvloop.run(_served(line, beginning, logs))


async def _served(line: Line, beginning: Beginning, logs: Logs) -> None:
    await Worker(beginning, logs).obey(line)


if __name__ == "__main__":
    main(int(sys.argv[1]))
