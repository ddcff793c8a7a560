"""The load: a closed loop of keep-alive connections that send prepared requests and count the answers by status."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

import uvloop


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for its whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], counted: Counter[int], done: "asyncio.Future[None]", until: float) -> None:
        self.requests, self.counted, self.done, self.until = requests, counted, done, until
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._next()

    def _next(self) -> None:
        request = next(self.requests, None) if time.monotonic() < self.until else None
        if request is None:
            self.transport.close()
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if found and len(body) >= _length(head):
            self.counted[int(head[9:12])] += 1
            self.buffer = b""
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.buffer:
            self.counted[0] += 1
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"content-length:")
    return int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


async def _window(port: int, requests: Iterator[bytes], seconds: float, connections: int, tls: ssl.SSLContext | None) -> Counter[int]:
    loop = asyncio.get_running_loop()
    counted: Counter[int] = Counter()
    until = time.monotonic() + seconds
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Client(requests, counted, end, until), "127.0.0.1", port, ssl=tls)
    await asyncio.gather(*ends)
    return counted


def window(port: int, requests: Iterator[bytes], seconds: float, connections: int = 32, tls: ssl.SSLContext | None = None) -> Counter[int]:
    """Answers by status (0: broken off) of one window of load on 127.0.0.1."""
    return uvloop.run(_window(port, requests, seconds, connections, tls))
