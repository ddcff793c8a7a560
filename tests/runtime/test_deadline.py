"""A call that takes too long is answered with 503, and its work is cancelled."""

import asyncio
from datetime import timedelta

import pytest

from tests.runtime.conftest import asking
from zconnect.errors import Refused
from zconnect.runtime.deadline import Deadlines
from zconnect.values import Call, Kind, Resource, Response

CALL = Call(asking("/slow"), None, Resource(Kind.API, "slow"), "")


class Slow:
    """Takes its time, and remembers whether it was let finish."""

    def __init__(self) -> None:
        self.cancelled = False

    async def invoke(self, call: Call) -> Response:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return Response(200)


async def test_an_overdue_call_is_cancelled_and_refused() -> None:
    """The caller gets 503 and the number of the message."""
    deadlines, slow = Deadlines(timedelta(0)), Slow()
    sweeping = asyncio.ensure_future(deadlines.sweep())
    with pytest.raises(Refused) as refused:
        await deadlines.limited(slow).invoke(CALL)
    sweeping.cancel()
    assert refused.value.status == 503
    assert "BAQR0433W" in refused.value.reason
    assert slow.cancelled


async def test_a_cancellation_from_elsewhere_passes_through() -> None:
    """A client that has gone is not a timeout."""
    call = asyncio.ensure_future(Deadlines(timedelta(hours=1)).limited(Slow()).invoke(CALL))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
