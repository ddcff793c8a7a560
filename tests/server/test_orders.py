"""The line between the leading process and a worker."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from zconnect.server.orders import Line, Word


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    one, other = map(Line, socket.socketpair())
    yield one, other
    one.close()
    other.close()


def test_messages_arrive_whole_and_in_order(ends: tuple[Line, Line]) -> None:
    """Also one that is larger than all buffers."""
    large = os.urandom(3_000_000)

    def send() -> None:
        ends[0].send((Word.PREPARE, large))
        ends[0].send(None)

    sending = threading.Thread(target=send)
    sending.start()
    assert ends[1].receive().data == (Word.PREPARE, large)
    assert ends[1].receive().data is None
    sending.join()


def test_sockets_arrive_open(ends: tuple[Line, Line]) -> None:
    """They mean the same port, and no child of the worker inherits them."""
    with socket.create_server(("127.0.0.1", 0)) as port:
        ends[0].send("ports", [port, port])
        message = ends[1].receive()
        assert [each.getsockname() for each in message.sockets] == [port.getsockname()] * 2
        for each in message.sockets:
            assert not each.get_inheritable()
            each.close()


def test_the_end_of_the_other_side(ends: tuple[Line, Line]) -> None:
    """Is an error for who waits for a message."""
    ends[0].close()
    with pytest.raises(EOFError):
        ends[1].receive()


def test_waiting_has_a_limit(ends: tuple[Line, Line]) -> None:
    """Where there is one."""
    ends[1].limit(0.05)
    with pytest.raises(TimeoutError):
        ends[1].receive()
