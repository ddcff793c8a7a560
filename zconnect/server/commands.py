"""What a running server can be asked: to stop, to pause, to resume, to read its files again, to show its threads."""

import asyncio
import faulthandler
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from zconnect.messages import Message, audit, error, info, warning
from zconnect.security.remembered import Keeper, Memories, remembered_in
from zconnect.server.word import Word

logger = logging.getLogger(__name__)

STATE_ASKED = audit("CWWKE0057I", "The server was asked for its state, for a dump.")
DUMP_ASKED = audit("CWWKE0067I", "A dump of the threads was asked for.")
DUMP_MADE = audit("CWWKE0068I", "The threads were dumped to {file}.")
PAUSE_ALL = info("CWWKE0923I", "All endpoints are to be paused.")
PAUSE_SOME = info("CWWKE0924I", "These endpoints are to be paused: {targets}.")
RESUME_ALL = info("CWWKE0925I", "All endpoints are to be resumed.")
RESUME_SOME = info("CWWKE0926I", "These endpoints are to be resumed: {targets}.")
PAUSE_NOBODY = warning("CWWKE0931W", "No endpoint was named to be paused.", "Give --target one or more ids.")
RESUME_NOBODY = warning("CWWKE0932W", "No endpoint was named to be resumed.", "Give --target one or more ids.")
NOTHING_TO_PAUSE = warning("CWWKE0933W", "There is nothing that can be paused.", "Configure an httpEndpoint first.")
NOTHING_TO_RESUME = warning("CWWKE0934W", "There is nothing that can be resumed.", "Configure an httpEndpoint first.")
PAUSE_UNKNOWN = warning("CWWKE0935W", "There are no endpoints {targets} to pause.", "Give the ids of httpEndpoint elements.")
RESUME_UNKNOWN = warning("CWWKE0936W", "There are no endpoints {targets} to resume.", "Give the ids of httpEndpoint elements.")
PAUSED = info("CWWKE0938I", "The endpoints are paused.")
RESUMED = info("CWWKE0939I", "The endpoints take connections again.")
LOGINS_FORGOTTEN = audit("ZCON0843I", "An operator had all remembered logins forgotten; callers are looked up in the user registry anew.")
TOKENS_FORGOTTEN = audit("ZCON0844I", "An operator had all remembered tokens forgotten; each is validated anew.")
UNKNOWN_COMMAND = error(
    "ZCON0857E", "The server was sent the unknown command {command}.", "Use commands of the same version as the server."
)

FAILED = 1

_FORGOTTEN: Mapping[str, Message] = MappingProxyType({Memories.LOGINS: LOGINS_FORGOTTEN, Memories.TOKENS: TOKENS_FORGOTTEN})


class _Words(NamedTuple):
    """What is said while endpoints are paused or resumed."""

    every: Message
    some: Message
    nobody: Message
    nothing: Message
    unknown: Message
    done: Message


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "pause": _Words(PAUSE_ALL, PAUSE_SOME, PAUSE_NOBODY, NOTHING_TO_PAUSE, PAUSE_UNKNOWN, PAUSED),
        "resume": _Words(RESUME_ALL, RESUME_SOME, RESUME_NOBODY, NOTHING_TO_RESUME, RESUME_UNKNOWN, RESUMED),
    }
)


class Pausable(Protocol):
    """The endpoints of a server."""

    def ids(self) -> Sequence[str]:
        """The endpoints that there are."""
        ...

    async def pause(self, ids: Sequence[str]) -> None:
        """Take no new connections."""
        ...

    async def resume(self, ids: Sequence[str]) -> None:
        """Take connections again."""
        ...

    async def dump(self) -> None:
        """Write the stacks of the processes that serve beside this one."""
        ...

    async def forget(self, memories: Memories) -> None:
        """Have these processes forget what they remember of callers."""
        ...


class Commands:
    """Does what clients of the command port ask.

    `reload` reads the configuration again, `keeper` has the caches of this process, `dumps` is where dumps go.
    """

    def __init__(self, word: Word, endpoints: Pausable, reload: Callable[[], Awaitable[bool]], keeper: Keeper, dumps: Path) -> None:
        self._word = word
        self._endpoints = endpoints
        self._reload = reload
        self._keeper = keeper
        self._dumps = dumps
        self._dumped = 0

    async def handle(self, command: str, data: str) -> int:
        """Carry out one command; 0, or the code of the failure."""
        match command:
            case "stop" | "force-stop":
                self._word.stop(forced=command == "force-stop")
                return 0
            case "pause" | "resume":
                return await self._switch(command, data)
            case "refresh":
                return 0 if await self._reload() else FAILED
            case "introspect" | "javadump":
                (STATE_ASKED if command == "introspect" else DUMP_ASKED).log(logger)
                return await self._dump()
            case Memories.LOGINS | Memories.TOKENS:
                return await self._forget(Memories(command))
        UNKNOWN_COMMAND.log(logger, command=command)
        return FAILED

    async def _switch(self, command: str, data: str) -> int:
        """Those that are known are switched, too, when others are not; the code says that not all went well."""
        words, present = _WORDS[command], self._endpoints.ids()
        wanted = [name for name in data.split(",") if name]
        (words.some if data else words.every).log(logger, targets=", ".join(wanted))
        if data and not wanted:
            words.nobody.log(logger)
            return FAILED
        chosen = [name for name in present if not data or name in wanted]
        unknown = [name for name in wanted if name not in present]
        if unknown:
            words.unknown.log(logger, targets=", ".join(unknown))
        elif not chosen:
            words.nothing.log(logger)
            return FAILED
        if chosen:
            await (self._endpoints.pause if command == "pause" else self._endpoints.resume)(chosen)
        words.done.log(logger)
        return FAILED if unknown else 0

    async def _forget(self, memories: Memories) -> int:
        remembered_in(self._keeper).forget(memories)
        await self._endpoints.forget(memories)
        _FORGOTTEN[memories].log(logger)
        return 0

    async def _dump(self) -> int:
        self._dumped += 1
        try:
            dump_threads(self._dumps, self._dumped)
        except OSError:
            return FAILED
        await self._endpoints.dump()
        return 0


def dump_threads(folder: Path, number: int) -> None:
    """Write the stacks of all threads and tasks of this process into a file named as a Java dump is; raises `OSError`."""
    file = folder / f"javadump.{time.strftime('%Y%m%d.%H%M%S')}.{os.getpid()}.{number:04d}.txt"
    with file.open("w") as output:
        faulthandler.dump_traceback(output, all_threads=True)
        output.flush()
        for task in asyncio.all_tasks():
            task.print_stack(file=output)
    DUMP_MADE.log(logger, file=file)
