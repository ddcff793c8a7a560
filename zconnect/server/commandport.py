"""The server's side of the command channel (see command.py): a loopback port, open to whoever may write to the workarea."""

import asyncio
import hmac
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from zconnect.errors import Unavailable
from zconnect.messages import error, warning
from zconnect.server.instance import Instance

logger = logging.getLogger(__name__)

PORT_TAKEN = error(
    "ZCON0853E",
    "The command port {port} cannot be opened: {cause}.",
    "Give command.port in bootstrap.properties another number, or 0 for any free port.",
)
REFUSED = warning(
    "ZCON0854W",
    "A command was refused because its sender {cause}.",
    "Find out which program talks to the command port; server commands do so by themselves.",
)

OFF = -1
_PATIENCE = 10.0  # seconds until a silent client is sent away
_LONGEST = 4096  # bytes of one line

Handler = Callable[[str, str], Awaitable[int]]


@asynccontextmanager
async def command_port(instance: Instance, port: int, handle: Handler) -> AsyncIterator[None]:
    """Listen for commands; `handle` gets a command and its data and returns the code of the answer.

    Raises `Unavailable` where the port is taken. `port` 0 is any free one, -1 none at all.
    """
    channel = _Channel(instance, handle)
    if port == OFF:
        instance.command_file.write_text(f"{channel.uuid}:{OFF}\n")
        yield
        return
    try:
        server = await asyncio.start_server(channel.serve, "127.0.0.1", port, limit=_LONGEST)
    except OSError as cause:
        raise Unavailable(PORT_TAKEN(port=port, cause=cause)) from cause
    async with server:
        number = server.sockets[0].getsockname()[1]
        instance.command_file.write_text(f"{channel.uuid}:{number}\n")
        yield


class _Channel:
    def __init__(self, instance: Instance, handle: Handler) -> None:
        self.uuid = secrets.token_hex(16)
        self._instance = instance
        self._handle = handle

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                command = await self._authentic(reader, writer)
            if command is not None:
                code = await self._handle(*command)
                writer.write(f"{self.uuid}#{code}\n".encode())
                await writer.drain()
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError) as cause:
            REFUSED.log(logger, cause=f"broke off ({type(cause).__name__})")
        finally:
            writer.close()

    async def _authentic(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, str] | None:
        """The command and its data, from a client that knows the UUID and may write to the workarea."""
        given, _, rest = (await reader.readline()).decode().strip().partition("#")
        if not hmac.compare_digest(given.encode(), self.uuid.encode()):
            REFUSED.log(logger, cause="does not know the identifier of this server")
            return None
        challenge = secrets.token_hex(16)
        file = self._instance.challenges / challenge
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            writer.write(f"{challenge}\n".encode())
            await writer.drain()
            echo = (await reader.readline()).decode().strip()
            if file.exists() or echo != challenge:
                REFUSED.log(logger, cause="could not delete the challenge file")
                return None
        finally:
            file.unlink(missing_ok=True)
        command, _, data = rest.partition("#")
        return command, data
