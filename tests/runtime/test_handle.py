"""The walk of a request, and when a runtime is idle."""

import asyncio

import pytest

from tests.runtime.conftest import Assemble


async def test_a_runtime_is_drained_when_the_last_request_has_left(assemble: Assemble) -> None:
    """Closing waits for what is under way."""
    runtime = await assemble()
    runtime.entered()
    drained = asyncio.ensure_future(runtime.drained())
    await asyncio.sleep(0)
    assert not drained.done()
    runtime.left()
    await drained


async def test_an_idle_runtime_is_drained_at_once(assemble: Assemble) -> None:
    """Nothing to wait for."""
    with pytest.raises(StopIteration):
        (await assemble()).drained().send(None)
