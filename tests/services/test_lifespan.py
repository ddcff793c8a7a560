"""Applications are told when the server starts and ends."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zconnect.services import lifespan
from zconnect.services.lifespan import Lifespan


class App:
    """Speaks the protocol, and answers startup and shutdown with the given events."""

    def __init__(self, start: str = "lifespan.startup.complete", end: str = "lifespan.shutdown.complete") -> None:
        self.events = [start, end]
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for event in self.events:
            message = await receive()
            self.seen.append(message["type"])
            scope["state"]["pool"] = 1
            await send({"type": event, "message": "no database"})


async def test_an_application_is_started_and_ended() -> None:
    """What it keeps in state is there for the requests."""
    app = App()
    life = Lifespan(app, "app")
    assert await life.start() == ""
    assert life.state == {"pool": 1}
    await life.close()
    assert app.seen == ["lifespan.startup", "lifespan.shutdown"]


async def test_a_start_that_failed_says_why() -> None:
    """startup.failed."""
    life = Lifespan(App("lifespan.startup.failed"), "app")
    assert await life.start() == "no database"
    await life.close()


@pytest.mark.parametrize("raises", [True, False])
async def test_an_application_may_ignore_the_protocol(raises: bool) -> None:
    """By an exception, as ASGI recommends, or by returning."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if raises:
            raise NotImplementedError

    life = Lifespan(app, "app")
    assert await life.start() == ""
    await life.close()


async def test_an_application_that_does_not_start_in_time_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server does not wait for ever."""
    monkeypatch.setattr(lifespan, "PATIENCE", 0.01)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    life = Lifespan(app, "app")
    assert "0.01 seconds" in await life.start()
    await life.close()


async def test_an_application_that_does_not_end_in_time_is_cancelled(monkeypatch: pytest.MonkeyPatch, told: Callable[[str], int]) -> None:
    """And told of."""
    monkeypatch.setattr(lifespan, "PATIENCE", 0.05)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()

    life = Lifespan(app, "app")
    assert await life.start() == ""
    await life.close()
    assert told("ZCON0623E") == 1


async def test_a_bad_end_is_told_of(told: Callable[[str], int]) -> None:
    """shutdown.failed."""
    life = Lifespan(App(end="lifespan.shutdown.failed"), "app")
    await life.start()
    await life.close()
    assert told("no database") == 1
