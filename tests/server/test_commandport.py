"""The server's side of the command channel."""

import asyncio
import socket
from pathlib import Path

import pytest

from zconnect.errors import Unavailable
from zconnect.server.command import ask
from zconnect.server.commandport import command_port
from zconnect.server.instance import Instance, instance_at


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    found = instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})
    found.challenges.mkdir(parents=True)
    return found


async def seven(command: str, data: str) -> int:
    """A handler that does nothing."""
    return 7


async def test_a_client_of_ours_is_heard(instance: Instance) -> None:
    """It gets the handler's code, and the challenge is gone."""
    heard = []

    async def handle(command: str, data: str) -> int:
        heard.append((command, data))
        return 3

    async with command_port(instance, 0, handle):
        assert await asyncio.to_thread(ask, instance, "pause", "a,b") == 3
    assert heard == [("pause", "a,b")]
    assert list(instance.challenges.iterdir()) == []


INTRUDERS = [
    # what somebody sends who can reach the port and not the files
    b"",
    b"\n",
    b"stop\n",
    b"wrong-uuid#stop\n",
    b"\xff\xfe\n",
    b"x" * 10_000,
    b"GET / HTTP/1.1\r\n\r\n",
]


@pytest.mark.parametrize("data", INTRUDERS)
async def test_who_does_not_know_the_identifier_is_sent_away(instance: Instance, data: bytes) -> None:
    """Without a word, and the server goes on."""
    async with command_port(instance, 0, seven):
        port = int(instance.command_file.read_text().strip().rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert await asyncio.to_thread(ask, instance, "status") == 7


async def test_who_cannot_delete_the_challenge_is_refused(instance: Instance) -> None:
    """The identifier alone is not enough: it may have been read by somebody who may not write."""
    async with command_port(instance, 0, seven):
        uuid, _, port = instance.command_file.read_text().strip().rpartition(":")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(f"{uuid}#stop\n".encode())
        challenge = await reader.readline()
        assert (instance.challenges / challenge.decode().strip()).exists()
        writer.write(challenge)
        assert await reader.read() == b""
        writer.close()
    assert list(instance.challenges.iterdir()) == []


async def test_a_port_that_is_taken(instance: Instance) -> None:
    """The message names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unavailable, match="ZCON0853E"):
        async with command_port(instance, taken.getsockname()[1], seven):
            pass


async def test_no_port_at_all(instance: Instance) -> None:
    """The file says so, so that clients need not guess."""
    async with command_port(instance, -1, seven):
        assert instance.command_file.read_text().endswith(":-1\n")


async def test_only_this_machine_can_reach_it(instance: Instance) -> None:
    """It listens on the loopback address alone."""
    async with command_port(instance, 0, seven):
        port = int(instance.command_file.read_text().strip().rpartition(":")[2])
        with socket.create_server(("127.0.0.2", port)):
            pass
