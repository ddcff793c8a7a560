"""The first step of a walk without a task, and how a task carries it on."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from zconnect.errors import Refused
from zconnect.server.clock import Clock
from zconnect.server.edge import Edge, Halfway, begun, carried
from zconnect.server.httpoptions import Limits
from zconnect.values import NO_BODY, Headers, Peer, Request, Response

REQUEST = Request("GET", "/", "/", "", Headers([]), NO_BODY, Peer("a", 1, "b", 2), "http", "a", "1.1", 0.0, "1", {})


async def at_once() -> asyncio.Task[object] | None:
    return asyncio.current_task()


async def sleeping() -> asyncio.Task[object] | None:
    await asyncio.sleep(0)
    return asyncio.current_task()


async def waiting() -> asyncio.Task[object] | None:
    async with asyncio.Lock():
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    await asyncio.wait_for(asyncio.sleep(0.001), 10)
    return asyncio.current_task()


async def several() -> asyncio.Task[object] | None:
    await asyncio.gather(sleeping(), waiting())
    async with asyncio.timeout(10):
        await asyncio.sleep(0.001)
    return asyncio.current_task()


@pytest.mark.parametrize("work", [sleeping, waiting, several])
async def test_a_walk_that_waits_is_carried_on_in_a_task(work: Callable[[], Awaitable[object]]) -> None:
    """Whatever it waits for: a bare step of the loop, a future, a thread, other tasks."""
    tasks: list[object] = []

    async def walk() -> Response:
        tasks.append(asyncio.current_task())
        tasks.append(await work())
        return Response(200)

    step: list[object] = []

    def first() -> None:
        step.append(begun(walk(), REQUEST))

    asyncio.get_running_loop().call_soon(first)  # a call-back is no task, as in a protocol
    await asyncio.sleep(0)
    halfway = step[0]
    assert isinstance(halfway, Halfway)
    task = asyncio.ensure_future(carried(halfway, REQUEST))
    assert (await task).status == 200
    assert tasks == [None, task]


async def test_a_walk_that_does_not_wait_makes_no_task() -> None:
    """Its answer is there at once."""

    async def walk() -> Response:
        await at_once()
        return Response(201)

    before = asyncio.all_tasks()
    assert begun(walk(), REQUEST) == Response(201)
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("swallowed", [True, False])
async def test_a_cancellation_reaches_the_walk_where_it_stands(swallowed: bool) -> None:
    """The walk may clean up, and may even go on to an answer, as calls with a limit of time do."""
    seen: list[str] = []

    async def walk() -> Response:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            seen.append("cancelled")
            if not swallowed:
                raise
        await asyncio.sleep(0.001)
        return Response(503)

    halfway = begun(walk(), REQUEST)
    assert isinstance(halfway, Halfway)
    task = asyncio.ensure_future(carried(halfway, REQUEST))
    await asyncio.sleep(0)
    task.cancel()
    if swallowed:
        assert (await task).status == 503
    else:
        with pytest.raises(asyncio.CancelledError):
            await task
    assert seen == ["cancelled"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_refusal_that_nobody_took_is_an_answer(late: bool) -> None:
    """Its status, fields and body go to the caller."""

    async def walk() -> Response:
        if late:
            await asyncio.sleep(0)
        raise Refused(418, "why", headers=((b"x", b"y"),), body=b"no")

    step = begun(walk(), REQUEST)
    response = await carried(step, REQUEST) if isinstance(step, Halfway) else step
    assert response == Response(418, ((b"x", b"y"),), b"no")


async def test_identifiers_are_unique() -> None:
    """No two requests have one, nor do two ports."""

    class Nobody:
        async def handle(self, request: Request) -> Response:
            return Response(200)

        async def refuse(self, request: Request, refusal: Refused) -> Response:
            return refusal.response

        def entered(self) -> None: ...

        def left(self) -> None: ...

    edges = [Edge(Nobody(), Limits(), Clock()) for _ in range(2)]
    assert len({edge.identifier() for edge in edges for _ in range(1000)}) == 2000
