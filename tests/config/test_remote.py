"""Documents from elsewhere, over real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.config.vocabulary import read, write
from zconnect.config.remote import fetch
from zconnect.errors import ConfigurationError


@contextmanager
def answering(*answers: bytes, then_wait: bool = False) -> Iterator[int]:
    """A server that gives one answer to each connection; the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)
                if then_wait:
                    done.wait(10)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.close()
        worker.join(10)


def ok(body: str) -> bytes:
    """An answer with a body."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def test_documents_are_included_from_elsewhere(tmp_path: Path) -> None:
    """With what they include beside themselves (vector 30)."""
    with answering(ok('<server><include location="b.xml"/><e x="1"/></server>'), ok('<server><e y="2"/></server>')) as port:
        write(tmp_path, {"server.xml": f'<server><include location="http://127.0.0.1:{port}/xml/a.xml"/></server>'})
        loaded = read(tmp_path)

    assert [piece.where.document for piece in loaded.pieces] == [f"http://127.0.0.1:{port}/xml/{name}.xml" for name in "ba"]


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n"],
    ids=["not found", "no HTTP", "sent to a file"],
)
def test_what_is_no_document_is_no_document(tmp_path: Path, answer: bytes) -> None:
    """And stops the start where it is required."""
    with answering(answer) as port:
        write(tmp_path, {"server.xml": f'<server><include location="http://127.0.0.1:{port}/a.xml"/></server>'})
        with pytest.raises(ConfigurationError, match="CWWKG0090E"):
            read(tmp_path)


def test_size_and_time_are_bounded() -> None:
    """A document without end, and one that never comes."""
    with answering(ok("x" * 100)) as port, pytest.raises(OSError, match="larger"):
        fetch(f"http://127.0.0.1:{port}/", largest=99)
    with answering(b"", then_wait=True) as port, pytest.raises(OSError, match="time"):
        fetch(f"http://127.0.0.1:{port}/", patience=0.2)
