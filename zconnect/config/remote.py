"""Documents that are included by http or https: from the address that is written and no other, in a bounded time."""

from typing import TYPE_CHECKING, Final

from zconnect.config.source import LARGEST

if TYPE_CHECKING:
    from socket import socket

PATIENCE: Final = 10.0  # seconds for one document, from the name of the host to the last byte


def fetch(url: str, largest: int = LARGEST, patience: float = PATIENCE) -> bytes:
    """The document at an address; raises `OSError` where it does not come, is too large or comes too slowly.

    Redirects are not followed, proxies not asked; https trusts the certificates that the machine trusts.
    """
    # Most servers include nothing from elsewhere; the client costs a third of the start.
    from queue import Empty, SimpleQueue
    from threading import Thread

    download = _Download(url, largest, patience)
    answers: SimpleQueue[bytes | OSError] = SimpleQueue()
    # A limit of the socket begins anew with each byte, so the work is done aside and not waited for any longer.
    Thread(target=lambda: answers.put(download.run()), name="include", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except Empty:
        download.abort()
        raise TimeoutError(f"there is no whole answer within {patience:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


class _Download:
    """One GET, done in a thread; the socket is kept apart, because the connection gives it away with the answer."""

    def __init__(self, url: str, largest: int, patience: float) -> None:
        from http.client import HTTPConnection, HTTPException, HTTPSConnection
        from urllib.parse import urlsplit

        self._largest = largest
        self._socket: socket | None = None
        self._failures = (HTTPException, ValueError)
        try:
            parts = urlsplit(url)
            if not parts.hostname or parts.username is not None:
                raise OSError("the address is not of the form https://host/path")
            kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            # Longer than anybody waits: it only ends a thread that nobody waits for any more.
            self._connection = kind(parts.hostname, parts.port, timeout=2 * patience)
        except self._failures as cause:
            raise OSError(str(cause)) from cause
        self._target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"

    def run(self) -> bytes | OSError:
        """The document, or why there is none."""
        try:
            self._connection.connect()
            self._socket = self._connection.sock
            self._connection.request("GET", self._target)
            with self._connection.getresponse() as answer:
                if answer.status != 200:
                    return OSError(f"the status is {answer.status}")
                data = answer.read(self._largest + 1)
            return data if len(data) <= self._largest else OSError(f"larger than {self._largest} bytes")
        except OSError as cause:
            return cause
        except self._failures as cause:
            return OSError(str(cause))
        finally:
            self._connection.close()

    def abort(self) -> None:
        """Wake the thread if it still waits for the far end."""
        from socket import SHUT_RDWR, socket

        try:
            if self._socket is not None:
                socket.shutdown(self._socket, SHUT_RDWR)
        except OSError:
            pass  # it has ended meanwhile
