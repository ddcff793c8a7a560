"""The lifespan protocol of ASGI: an application is told when the server starts and ends, and may keep state between."""

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any

from zconnect.messages import error
from zconnect.services.exchange import Message

NOT_ENDED = error(
    "ZCON0623E",
    "The application {application} did not end within {seconds} seconds of being told to, and was cancelled.",
    "Look at what it does when it is shut down.",
)
ENDED_BADLY = error("ZCON0624E", "The application {application} failed while it was shut down: {cause}.", "Look at the application.")

PATIENCE = 30.0  # seconds for start and for end, as Liberty's applicationManager has them

logger = logging.getLogger(__name__)


class Lifespan:
    """One application's life; an application that does not know the protocol lives without it."""

    def __init__(self, app: Any, name: str) -> None:
        self._app = app
        self._name = name
        self.state: MutableMapping[str, Any] = {}
        self._events = ["lifespan.shutdown", "lifespan.startup"]
        loop = asyncio.get_running_loop()
        self._started: asyncio.Future[str] = loop.create_future()  # what went wrong, or nothing
        self._ending: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[str] = loop.create_future()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Have the application start; what went wrong, or nothing."""
        self._task = asyncio.get_running_loop().create_task(self._run())
        done, _ = await asyncio.wait((self._task, self._started), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if self._started.done():
            return self._started.result()
        if done:
            return ""  # it has no use for the protocol
        self._task.cancel()
        return f"it did not start within {PATIENCE:g} seconds"

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        await self._app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if len(self._events) == 1:
            await asyncio.shield(self._ending)
        elif not self._events:
            await asyncio.get_running_loop().create_future()  # nothing comes after the end
        return {"type": self._events.pop()}

    async def _send(self, message: Message) -> None:
        future = self._started if message["type"].startswith("lifespan.startup.") else self._ended
        if not future.done():
            failed = message["type"].endswith(".failed")
            future.set_result((message.get("message") or "it gave no reason") if failed else "")

    async def close(self) -> None:
        """Have the application end; never raises."""
        if self._task is None:
            return
        if not self._task.done():
            self._ending.set_result(None)
            _, late = await asyncio.wait((self._task,), timeout=PATIENCE)
            if late:
                NOT_ENDED.log(logger, application=self._name, seconds=f"{PATIENCE:g}")
                self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._ended.done() and self._ended.result():
            ENDED_BADLY.log(logger, application=self._name, cause=self._ended.result())
