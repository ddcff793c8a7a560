"""Work in turns."""

import asyncio
from functools import partial

from zconnect.server.turns import Turns


async def test_between_two_pieces_everything_else_goes_on() -> None:
    """One piece in a turn of the loop, in order; one that fails does not hold the others up."""
    loop, done = asyncio.get_running_loop(), []
    turns, failures = Turns(), []
    loop.set_exception_handler(lambda _, context: failures.append(str(context["exception"])))

    def work(name: str) -> None:
        done.append(name)
        loop.call_soon(done.append, f"behind {name}")
        if name == "b":
            raise ValueError(name)

    for name in "abc":
        turns.wait(partial(work, name))
    while len(done) < 6:
        await asyncio.sleep(0)

    assert done == ["a", "behind a", "b", "behind b", "c", "behind c"]
    assert failures == ["b"]
