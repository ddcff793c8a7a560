"""Who sends much is read in turns with the others."""

import asyncio

from tests.server.client2 import Client2
from tests.server.conftest import Serve

LONG = [(f"x-{at}".encode(), b"\xf8" * 4000) for at in range(20)]  # 80,000 bytes that are unpacked bit by bit


async def test_heavy_heads_wait_for_their_turns(serve: Serve) -> None:
    """All of them are answered, and in between so is everybody else."""
    server = await serve()
    heavy = [await Client2.to(server) for _ in range(4)]
    asked = [[client.ask(b"/", *LONG) for _ in range(3)] for client in heavy]
    light = await Client2.to(server)
    assert (await light.answer(light.ask())).status == 200
    assert len(server.far.requests) <= 12, "the light one came last"
    for client, numbers in zip(heavy, asked, strict=True):
        assert [(await client.answer(number)).status for number in numbers] == [200] * 3
        client.close()
    light.close()


async def test_what_comes_while_it_waits_is_not_lost(serve: Serve) -> None:
    """The body behind a heavy head, in pieces."""
    client = await Client2.to(await serve())
    number = client.ask(b"/", *LONG, method=b"POST", body=b"")
    for _ in range(50):
        client.h2.send_data(number, b"y" * 1000)
        client.flush()
        await asyncio.sleep(0)
    client.h2.end_stream(number)
    client.flush()
    assert (await client.answer(number)).body.endswith(b"\n" + b"y" * 50_000)
    client.close()
