"""One GET of a small document by the standard library in a thread of its own: no redirects, limits on size and time."""

import asyncio
import http.client
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

MAXIMUM = 512 * 1024  # a set of a thousand keys
DEADLINE = 10.0  # seconds, for everything from the name of the host to the last byte


class FetchFailed(Exception):
    """There is no document; the text says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a document is, and how to ask for it; `context` is for https alone."""

    url: str
    context: ssl.SSLContext | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    deadline: float = DEADLINE

    def connection(self) -> http.client.HTTPConnection:
        """A connection not yet made; raises `FetchFailed` on an address that is none."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError as problem:
            raise FetchFailed(f"the address is none ({problem})") from None
        if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
            raise FetchFailed("the address is not of the form https://host/path")
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.deadline)
        return http.client.HTTPSConnection(host, port, timeout=self.deadline, context=self.context)

    @property
    def target(self) -> str:
        """What is asked of the host."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Download:
    """A GET under way in a thread; its socket is kept apart, because the connection gives it away with the answer."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection = address.connection()
        self._socket: socket.socket | None = None

    def run(self) -> bytes | FetchFailed:
        """The document, or why there is none."""
        try:
            return self._document()
        except FetchFailed as failed:
            return failed
        except TimeoutError:
            return _late(self._address)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            return FetchFailed(_reason(problem))
        finally:
            self._connection.close()

    def _document(self) -> bytes:
        self._connection.connect()
        self._socket = self._connection.sock
        self._connection.request("GET", self._address.target, headers={"Accept": "application/json", **self._address.headers})
        with self._connection.getresponse() as response:
            if 300 <= response.status < 400:
                raise FetchFailed(f"the status was {response.status}, and redirects are not followed")
            if response.status != 200:
                raise FetchFailed(f"the status was {response.status}")
            document = response.read(MAXIMUM + 1)
        if len(document) > MAXIMUM:
            raise FetchFailed(f"the answer has more than {MAXIMUM} bytes")
        return document

    def abort(self) -> None:
        """Wake the thread if it still waits for the far end."""
        try:
            if self._socket is not None:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            pass


def basic_credentials(user: str, password: str) -> str:
    """The value of the Authorization header of a request that is made as a user (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


async def fetch(address: Address) -> bytes:
    """The document; only an answer with status 200 counts. Raises `FetchFailed`."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes | FetchFailed] = loop.create_future()
    download = _Download(address)

    def tell(result: bytes | FetchFailed) -> None:
        if not done.done():
            done.set_result(result)

    def work() -> None:
        result = download.run()
        try:
            loop.call_soon_threadsafe(tell, result)
        except RuntimeError:
            pass  # the server has ended meanwhile

    threading.Thread(target=work, name="fetch", daemon=True).start()
    try:
        result = await asyncio.wait_for(done, address.deadline)
    except TimeoutError:
        raise _late(address) from None
    finally:
        download.abort()
    if isinstance(result, FetchFailed):
        raise result
    return result


def _late(address: Address) -> FetchFailed:
    return FetchFailed(f"there was no whole answer within {address.deadline:g} seconds")


def _reason(failed: Exception) -> str:
    match failed:
        case ssl.SSLCertVerificationError(verify_message=str(text)):
            return f"the certificate is not trusted ({text})"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(failed) or type(failed).__name__
