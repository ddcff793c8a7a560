"""One GET of a small document by the standard library in a thread of its own: no redirects, limits on size and time."""

import asyncio
import http.client
import socket
import ssl
import threading
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
        """A connection not yet made; raises ValueError on an address that is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError("the address is not of the form https://host/path")
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.deadline)
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=self.deadline, context=self.context)

    @property
    def target(self) -> str:
        """What is asked of the host."""
        parts = urlsplit(self.url)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


async def fetch(address: Address) -> bytes:
    """The document; only an answer with status 200 counts. Raises `FetchFailed`."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes] = loop.create_future()
    connection = address.connection()

    def tell(document: bytes | None, problem: FetchFailed | None) -> None:
        if done.done():
            return
        if document is None:
            done.set_exception(problem or FetchFailed("there was no answer"))
        else:
            done.set_result(document)

    def work() -> None:
        document, problem = None, None
        try:
            document = _get(connection, address)
        except FetchFailed as failed:
            problem = failed
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as failed:  # AttributeError: the socket was taken away
            problem = FetchFailed(_reason(failed))
        try:
            loop.call_soon_threadsafe(tell, document, problem)
        except RuntimeError:
            pass  # the server has ended meanwhile

    threading.Thread(target=work, name="fetch", daemon=True).start()
    try:
        return await asyncio.wait_for(done, address.deadline)
    except TimeoutError:
        raise FetchFailed(f"there was no whole answer within {address.deadline:g} seconds") from None
    finally:
        _abort(connection)


def _get(connection: http.client.HTTPConnection, address: Address) -> bytes:
    try:
        connection.request("GET", address.target, headers={"Accept": "application/json", "Connection": "close", **address.headers})
        response = connection.getresponse()
        if response.status != 200:
            raise FetchFailed(
                f"the status was {response.status}" + (", and redirects are not followed" if 300 <= response.status < 400 else "")
            )
        document = response.read(MAXIMUM + 1)
    finally:
        connection.close()
    if len(document) > MAXIMUM:
        raise FetchFailed(f"the answer has more than {MAXIMUM} bytes")
    return document


def _abort(connection: http.client.HTTPConnection) -> None:
    """Wake the thread if it still waits for the far end."""
    try:
        if connection.sock is not None:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
    except OSError:
        pass


def _reason(failed: Exception) -> str:
    match failed:
        case ssl.SSLCertVerificationError(verify_message=str(text)):
            return f"the certificate is not trusted ({text})"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(failed) or type(failed).__name__
