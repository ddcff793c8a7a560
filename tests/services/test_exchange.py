"""Whole answers and streams, back-pressure, callers who go, and applications that misbehave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from tests.services.conftest import Sent, asking, body_of, whole
from zconnect.errors import Refused
from zconnect.services import exchange
from zconnect.services.asgi import Application, ASGIApp
from zconnect.services.exchange import CallerGone
from zconnect.values import NO_BODY, Body, Call, Kind, Resource, Response

App = Callable[[Any, Any, Any], Awaitable[None]]
Told = Callable[[str], int]


async def answer(app: App, body: Body = NO_BODY, method: str = "GET") -> Response:
    request = asking("/", method=method, body=body)
    return await Application(cast(ASGIApp, app), "app", "", {}).invoke(Call(request, None, Resource(Kind.API, "app"), ""))


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def piece(body: bytes, more: bool = True) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def test_pieces_without_a_wait_between_are_one_whole_answer() -> None:
    """Header names become lower case."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(201, (b"X-A", b"1")))
        await send(piece(b"a"))
        await send(piece(b"b"))
        await send(piece(b"", more=False))

    assert await answer(app) == (201, ((b"x-a", b"1"),), b"ab")


async def test_a_wait_between_pieces_makes_a_stream() -> None:
    """The first piece is on its way while the second does not exist yet."""
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(piece(b"first"))
        await go_on.wait()
        await send(piece(b"second", more=False))

    response = await answer(app)
    assert not isinstance(response.body, bytes)
    assert await anext(response.body) == b"first"
    go_on.set()
    assert await body_of(response) == b"second"


async def test_a_large_answer_streams_and_holds_its_sender_back() -> None:
    """At no time is much more held than one piece and the limit."""
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        await send(start())
        for _ in range(64):
            await send(piece(b"x" * 65_536))
            sent += 65_536
        await send(piece(b"", more=False))

    response = await answer(app)
    assert not isinstance(response.body, bytes)
    taken = 0
    async for each in response.body:
        taken += len(each)
        assert sent - taken <= 3 * exchange.MOST_HELD
        await asyncio.sleep(0)
    assert taken == 64 * 65_536


@pytest.mark.parametrize(
    "body",
    [whole(b"hello"), Sent(b"he", b"llo", length=5), Sent(b"he", b"llo"), Sent(b"hello", length=5)],
    ids=["whole", "pieces", "chunked", "one"],
)
async def test_the_body_comes_in_to_its_end(body: Sent) -> None:
    """more_body is false once, and then comes http.disconnect."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        data, more = b"", True
        while more:
            event = await receive()
            data, more = data + event["body"], event["more_body"]
        await send(start())
        await send(piece(data, more=False))
        assert (await receive())["type"] == "http.disconnect"

    assert (await answer(app, body)).body == b"hello"


async def test_a_request_without_body_is_one_empty_event() -> None:
    """At once, without waiting."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
        await send(start())
        await send(piece(b"", more=False))

    assert await answer(app) == (200, (), b"")


async def test_a_body_that_is_refused_is_a_disconnect_to_the_application() -> None:
    """The caller gets the refusal, whatever the application makes of it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["more_body"]
        assert (await receive())["type"] == "http.disconnect"
        await send(start(500))

    with pytest.raises(Refused) as refused:
        await answer(app, Sent(b"x", refusal=Refused(413, "too large")))
    assert refused.value.status == 413


@pytest.mark.parametrize("started", [False, True])
async def test_a_failure_before_the_answer_comes_out(started: bool) -> None:
    """For the chain to log, with its stack."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if started:
            await send(start())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await answer(app)


async def test_a_failure_within_a_stream_breaks_it_off() -> None:
    """The edge closes the connection."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(piece(b"x"))
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await body_of(await answer(app))


async def test_a_failure_after_the_answer_is_logged(told: Told) -> None:
    """Starlette answers 500 and raises all the same."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(500))
        await send(piece(b"sorry", more=False))
        raise ZeroDivisionError

    assert (await answer(app)).status == 500
    await asyncio.sleep(0.01)
    assert told("ZCON0622E") == 1


async def test_an_application_must_answer() -> None:
    """One that returns without is 500."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    with pytest.raises(Refused, match="ZCON0621E") as refused:
        await answer(app)
    assert refused.value.status == 500


@pytest.mark.parametrize(
    "messages",
    [[piece(b"x")], [start(), start()], [start(), piece(b"", more=False), piece(b"x")], [{"type": "http.response.push"}]],
    ids=["body-first", "two-starts", "after-the-end", "unknown"],
)
async def test_events_out_of_turn_are_refused(messages: list[dict[str, object]]) -> None:
    """The application gets an error, not the caller nonsense."""
    raised = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            for message in messages:
                await send(message)
        except RuntimeError as error:
            raised.append(error)
            raise

    await asyncio.gather(answer(app), return_exceptions=True)
    assert len(raised) == 1


async def test_a_caller_who_leaves_a_stream_is_told_of() -> None:
    """receive gives http.disconnect, send raises OSError."""
    seen: list[object] = []
    over = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(start())
        await send(piece(b"x"))
        seen.append((await receive())["type"])
        try:
            await send(piece(b"y"))
        except CallerGone as gone:
            seen.append(isinstance(gone, OSError))
        over.set()

    response = await answer(app)
    assert not isinstance(response.body, bytes)
    await response.body.aclose()  # type: ignore[attr-defined]
    await over.wait()
    assert seen == ["http.disconnect", True]


async def test_a_caller_who_leaves_before_the_answer_is_told_of() -> None:
    """The walk is cancelled; the application hears of it and may come to its end."""
    seen: list[object] = []
    over = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        seen.append((await receive())["type"])
        await asyncio.sleep(0.01)
        over.set()

    walk = asyncio.ensure_future(answer(app))
    await asyncio.sleep(0.01)
    walk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walk
    await over.wait()
    assert seen == ["http.disconnect"]


async def test_an_application_that_goes_on_for_nobody_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time of grace."""
    monkeypatch.setattr(exchange, "GRACE", 0.0)
    cancelled = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    walk = asyncio.ensure_future(answer(app))
    await asyncio.sleep(0.01)
    walk.cancel()
    await asyncio.gather(walk, return_exceptions=True)
    async with asyncio.timeout(20):
        await cancelled.wait()


async def test_a_caller_who_leaves_frees_a_sender_who_is_held_back() -> None:
    """Otherwise it would wait for ever."""
    over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        try:
            while True:
                await send(piece(b"x" * exchange.MOST_HELD))
        except OSError as gone:
            over.set_result(type(gone).__name__)

    response = await answer(app)
    await asyncio.sleep(0)
    await response.body.aclose()  # type: ignore[union-attr]
    assert await over == "CallerGone"


@pytest.mark.parametrize("status", ["200", 101, 7, None])
async def test_what_is_no_status_is_refused(status: object) -> None:
    """It would leave the edge without an answer that it can send."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": ()})

    with pytest.raises(RuntimeError, match="no status"):
        await answer(app)
