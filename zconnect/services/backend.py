"""An HTTP back end over aiohttp, imported when the first back end is opened."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from zconnect.errors import Refused
from zconnect.messages import Message, error
from zconnect.services.forwarding import request_fields, response_fields, target
from zconnect.trust.httpclient import client_session
from zconnect.values import Body, Call, Response

UNREACHABLE = error(
    "ZCON0641E",
    "No connection to the back end {backend} for the request {identifier}: {cause}.",
    "Start the back end, or correct host and port.",
)
UNTRUSTED = error(
    "ZCON0642E",
    "No TLS connection to the back end {backend} for the request {identifier}: {cause}.",
    "Put the signer of its certificate into the trust store of sslCertsRef, or correct protocol, ciphers or key there.",
)
TOO_SLOW = error(
    "ZCON0643E",
    "The back end {backend} was too slow for the request {identifier}: {cause}.",
    "Find out what it waits for, or raise connectionTimeout or receiveTimeout.",
)
BROKEN_OFF = error(
    "ZCON0644E",
    "The back end {backend} broke off the connection during the request {identifier}: {cause}.",
    "Look into its log for this time; it got the identifier as X-Request-ID.",
)
GARBAGE = error(
    "ZCON0645E",
    "The back end {backend} answered the request {identifier} with something that is not HTTP: {cause}.",
    "Look whether host and port are those of an HTTP server, and whether it speaks TLS.",
)

SMALL = 64 * 1024  # bytes: bodies of up to this length are passed on whole

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach a back end; `url` is encoded, times are in seconds."""

    url: str
    method: str = ""
    authorization: str = ""
    forwarded: frozenset[bytes] = frozenset()
    connection_timeout: float
    receive_timeout: float
    connections: int
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Settings({self.url})"


class Backend:
    """The service that passes calls on, with a pool of connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=settings.connection_timeout,
            sock_connect=settings.connection_timeout,
            sock_read=settings.receive_timeout,
        )
        self._session = client_session(settings.connections, settings.tls, timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def invoke(self, call: Call) -> Response:
        """The back end's answer; raises `Refused` with 502, 503 or 504 where there is none."""
        request, settings = call.request, self._settings
        url = URL(target(settings.url, call.subpath, request.query), encoded=True)
        fields = request_fields(request, settings.forwarded, settings.authorization)
        if asyncio.current_task() is None:
            await asyncio.sleep(0)  # from here on the request runs in a task, as aiohttp's timeouts need it
        upload = await _upload(request.body)
        try:
            answer = await self._session.request(settings.method or request.method, url, headers=fields, data=upload, allow_redirects=False)
            return await self._response(answer, call)
        except (aiohttp.ClientError, OSError) as cause:
            if isinstance(upload, _Upload) and upload.refusal:
                raise upload.refusal from None
            raise self.refused(cause, call) from cause

    async def _response(self, answer: aiohttp.ClientResponse, call: Call) -> Response:
        fields = response_fields(answer.raw_headers, b"cookie" in self._settings.forwarded)
        if (answer.content_length is not None and answer.content_length <= SMALL) or call.request.method == "HEAD":
            async with answer:
                return Response(answer.status, fields, await answer.read())
        return Response(answer.status, fields, _Download(answer, self, call))

    def refused(self, cause: Exception, call: Call) -> Refused:
        """What the caller gets where the back end fails, logged."""
        status, message = _judged(cause)
        url = URL(self._settings.url, encoded=True)
        told = message(backend=url.origin(), identifier=call.request.identifier, cause=str(cause) or type(cause).__name__)
        told.log(logger)
        return Refused(status, told)


def _judged(cause: Exception) -> tuple[int, Message]:
    """The status and message for a failure; the first row that fits counts."""
    rows: tuple[tuple[int, Message, tuple[type[Exception], ...]], ...] = (
        (504, TOO_SLOW, (TimeoutError,)),
        (502, UNTRUSTED, (aiohttp.ClientSSLError, ssl.SSLError)),
        (503, UNREACHABLE, (aiohttp.ClientConnectorError,)),
        (502, BROKEN_OFF, (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError)),
    )
    return next(((status, message) for status, message, kinds in rows if isinstance(cause, kinds)), (502, GARBAGE))


async def _upload(body: Body) -> "bytes | _Upload | None":
    """The request's body as aiohttp takes it; a small one whole, so that it can be sent again on another connection."""
    if body.length is not None and body.length <= SMALL:
        return await body.read() or None
    return _Upload(body)


class _Upload(aiohttp.Payload):
    """A body that is passed on while it comes in; it cannot be sent twice."""

    def __init__(self, body: Body) -> None:
        super().__init__(body, content_type=None)
        self._body = body
        self._size = body.length
        self.refusal: Refused | None = None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a stream is not text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        if self._consumed:
            raise aiohttp.ClientConnectionError("the connection was lost, and the request cannot be sent again")
        self._consumed = True
        try:
            async for piece in self._body:
                await writer.write(piece)
        except Refused as refusal:
            self.refusal = refusal
            raise


class _Download:
    """A body that is passed on while it comes in."""

    def __init__(self, answer: aiohttp.ClientResponse, backend: Backend, call: Call) -> None:
        self._answer = answer
        self._backend = backend
        self._call = call

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._answer.content.readany()
        except (aiohttp.ClientError, OSError) as cause:
            self._answer.close()
            raise self._backend.refused(cause, self._call) from cause
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Nobody reads on; an unread rest means that the connection cannot be used again."""
        self._answer.close()
