"""A client of HTTP/2 that can misbehave."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Protocol

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, InformationalResponseReceived, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import H2Error

from tests.server.conftest import Client

Fields = list[tuple[bytes, bytes]]


class Connectable(Protocol):
    """A server of the tests."""

    async def connect(self, tls: ssl.SSLContext | None = None) -> Client:
        """A connection to it."""
        ...


@dataclass
class Answer:
    """What has come on a stream."""

    status: int = 0
    fields: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None
    continues: int = 0


class Client2:
    """One connection; `acknowledge` says whether what is read is given back to the windows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.acknowledge = True
        self.answers: dict[int, Answer] = {}
        self.goaway: int | None = None
        self.closed = False
        self.late = b""
        # The checks of a well-behaved client are off.
        self.h2 = H2Connection(H2Configuration(header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False))
        self.h2.initiate_connection()
        self.flush()

    @classmethod
    async def to(cls, server: Connectable, tls: ssl.SSLContext | None = None) -> "Client2":
        client = await server.connect(tls)
        return cls(client.reader, client.writer)

    def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())

    def ask(
        self, path: bytes = b"/", *more: tuple[bytes, bytes], method: bytes = b"GET", body: bytes | None = None, **special: bytes
    ) -> int:
        """Begin a request; `body` None is none, and empty leaves the stream open."""
        number = self.h2.get_next_available_stream_id()
        pseudo = {b":method": method, b":scheme": b"http", b":authority": b"localhost", b":path": path}
        pseudo |= {b":" + name.encode(): value for name, value in special.items()}
        self.h2.send_headers(number, [*pseudo.items(), *more], end_stream=body is None)
        self.answers[number] = Answer()
        if body:
            self.h2.send_data(number, body, end_stream=True)
        self.flush()
        return number

    async def read(self) -> None:
        """Take what has come."""
        async with asyncio.timeout(20):
            data = await self.reader.read(65536)
        if not data:
            self.closed = True
            return
        if self.goaway is not None:
            self.late += data  # the client's h2 takes no more frames now, though answers may still come
            return
        for event in self.h2.receive_data(data):
            if isinstance(event, ConnectionTerminated):
                self.goaway = int(event.error_code or 0)
            answer = self.answers.get(getattr(event, "stream_id", None) or 0)
            if answer is None:
                continue
            if isinstance(event, ResponseReceived):
                fields = dict(event.headers or [])
                answer.status, answer.fields = int(fields[b":status"]), fields
            elif isinstance(event, InformationalResponseReceived):
                answer.continues += 1
            elif isinstance(event, DataReceived):
                answer.body += event.data or b""
                if self.acknowledge:
                    self.h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
            elif isinstance(event, StreamEnded):
                answer.ended = True
            elif isinstance(event, StreamReset):
                answer.reset = int(event.error_code or 0)
        try:
            self.flush()
        except H2Error:
            pass

    async def answer(self, number: int) -> Answer:
        """The whole answer on a stream."""
        answer = self.answers[number]
        while not (answer.ended or answer.reset is not None or self.goaway is not None or self.closed):
            await self.read()
        return answer

    async def end(self) -> None:
        """Read until the server closes."""
        while not self.closed:
            await self.read()

    def close(self) -> None:
        self.writer.close()
