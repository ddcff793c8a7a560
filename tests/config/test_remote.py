"""Documents from elsewhere, over real sockets."""

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.config.vocabulary import read, write
from tests.trust.support import entry
from zconnect.config.remote import fetch
from zconnect.errors import ConfigurationError


class Peer:
    """A server that gives one answer, in pieces, to each connection; `asked` are the requests."""

    def __init__(self, *answers: Iterable[bytes], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = context
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for pieces in self._answers:
            try:
                connection, _ = self._listener.accept()
                connection.settimeout(10)
                with self._context.wrap_socket(connection, server_side=True) if self._context else connection as peer:
                    self.asked.append(peer.recv(65_536))
                    for piece in pieces:
                        peer.sendall(piece)
            except OSError:
                continue

    def close(self) -> None:
        """Answer no more."""
        self._listener.close()


@contextmanager
def answering(*answers: Iterable[bytes], context: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """A server that gives one answer to each connection."""
    with closing(Peer(*answers, context=context)) as peer:
        yield peer


def slowly(data: Iterable[int]) -> Iterator[bytes]:
    """Byte by byte, each soon enough for a limit that begins anew."""
    for byte in data:
        time.sleep(0.05)
        yield bytes([byte])


def silent() -> Iterator[bytes]:
    """Nothing for a while."""
    time.sleep(1)
    yield b""


def ok(body: str) -> list[bytes]:
    """An answer with a body."""
    return [f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()]


def test_documents_are_included_from_elsewhere(tmp_path: Path) -> None:
    """With what they include beside themselves (vector 30)."""
    with answering(ok('<server><include location="b.xml"/><e x="1"/></server>'), ok('<server><e y="2"/></server>')) as peer:
        write(tmp_path, {"server.xml": f'<server><include location="http://127.0.0.1:{peer.port}/xml/a.xml"/></server>'})
        loaded = read(tmp_path)

    assert [piece.where.document for piece in loaded.pieces] == [f"http://127.0.0.1:{peer.port}/xml/{name}.xml" for name in "ba"]


NO_DOCUMENTS = {
    "not found": [b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n<server/>"],
    "no HTTP": [b"nonsense\r\n\r\n"],
    "nothing": [],
    "half a head": [b"HTTP/1.1 200 OK\r\nContent-"],
    "half a body": [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<server>"],
    "bad chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"],
    "a head without end": [b"HTTP/1.1 200 OK\r\n", *[b"a: b\r\n" * 1000] * 1000],
    "sent to a file": [b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"],
}


@pytest.mark.parametrize("answer", NO_DOCUMENTS.values(), ids=NO_DOCUMENTS)
def test_what_is_no_document_stops_the_start(tmp_path: Path, answer: list[bytes]) -> None:
    """Where it is required."""
    with answering(answer) as peer:
        write(tmp_path, {"server.xml": f'<server><include location="http://127.0.0.1:{peer.port}/a.xml"/></server>'})
        with pytest.raises(ConfigurationError, match=r"CWWKG0090E|CWWKG0014E"):
            read(tmp_path)


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
def test_nobody_is_asked_but_who_is_named(tmp_path: Path, status: str) -> None:
    """Redirects to another host, or to another document of the same, are not followed."""
    with answering(ok('<server><e x="1"/></server>')) as other:
        redirect = f"HTTP/1.1 {status} There\r\nLocation: http://127.0.0.1:{other.port}/b.xml\r\nContent-Length: 0\r\n\r\n"
        with answering([redirect.encode()]) as peer, pytest.raises(OSError, match=status):
            fetch(f"http://127.0.0.1:{peer.port}/a.xml")
        assert other.asked == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has configured it."""
    with answering(ok("proxied")) as proxy, answering(ok("itself")) as peer:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert fetch(f"http://127.0.0.1:{peer.port}/?a=b") == b"itself"
        assert proxy.asked == []
        assert peer.asked[0].startswith(b"GET /?a=b HTTP/1.1\r\n")


def test_the_size_is_bounded() -> None:
    """At the limit it comes, one byte more and it does not; one without end is cut off."""
    endless = itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"x" * 65_536))
    with answering(ok("x" * 100), ok("x" * 100), endless) as peer:
        assert len(fetch(f"http://127.0.0.1:{peer.port}/", largest=100)) == 100
        for _ in range(2):
            with pytest.raises(OSError, match="larger"):
                fetch(f"http://127.0.0.1:{peer.port}/", largest=99)


SLOW = {
    "a slow head": slowly(itertools.chain(b"HTTP/1.1 200 OK\r\na: ", itertools.repeat(97))),
    "a slow body": itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], slowly(itertools.repeat(97))),
    "silence": silent(),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_the_time_is_bounded(answer: Iterable[bytes]) -> None:
    """For the whole: a byte now and then does not begin it anew."""
    with answering(answer) as peer, pytest.raises(OSError, match=r"within 0\.3 s"):
        fetch(f"http://127.0.0.1:{peer.port}/", patience=0.3)


def test_a_certificate_must_be_trusted(tmp_path: Path) -> None:
    """Nothing is sent to who has none."""
    own = entry("include")
    (tmp_path / "key.pem").write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "chain.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in own.chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    with answering(ok("<server/>"), context=context) as peer, pytest.raises(ssl.SSLCertVerificationError):
        fetch(f"https://127.0.0.1:{peer.port}/a.xml")
    assert peer.asked == []


@pytest.mark.parametrize(
    "url", ["http://", "http:///a.xml", "http://h:x/", "http://h:99999/", "http://u:p@127.0.0.1/", "http://[::1/", "http://h\n/"]
)
def test_an_address_that_is_none(url: str) -> None:
    """As one where nobody is."""
    with pytest.raises(OSError):  # noqa: PT011 - the kind differs
        fetch(url, patience=2)
