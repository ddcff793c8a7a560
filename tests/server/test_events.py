"""Server-sent events on their whole way: from an application or a back end to a caller who listens, slowly or not at all."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.applied import Applied, applied
from tests.server.certificates import Authority
from tests.server.client2 import Client2
from zconnect.server.compression import Compression
from zconnect.server.httpoptions import HttpOptions
from zconnect.services.restclient import RestClient
from zconnect.services.service import ZosConnectService

# Says an event for each POST, never ends by itself, and tells how it came to its end and how much it has sent.
TELLER = """
    import asyncio

    news, ends, sent = asyncio.Queue(), [], 0

    async def app(scope, receive, send):
        global sent
        if scope["method"] == "POST":
            await news.put((await receive())["body"])
        if scope["path"] == "/app/ends":
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": f"{sent} {ends}".encode()})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        gone = asyncio.ensure_future(leaving(receive))
        try:
            while not gone.done():
                event = bytes(65536) if scope["path"] == "/app/flood" else await first(gone, news.get())
                if event:
                    await send({"type": "http.response.body", "body": event, "more_body": True})
                    sent += len(event)
            ends.append("told")
        except OSError:
            ends.append("failed")

    async def leaving(receive):
        while (await receive())["type"] != "http.disconnect":
            pass

    async def first(*waiting):
        done, late = await asyncio.wait([asyncio.ensure_future(each) for each in waiting], return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
"""
LIKELY = [(version, packed) for version in ("1.1", "2") for packed in (False, True)]


class Back:
    """A back end that says an event whenever it is asked to."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[bytes] = asyncio.Queue()
        self.ends: list[str] = []

    async def listen(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while True:
                await response.write(await self.news.get())
        except (asyncio.CancelledError, ConnectionError):
            self.ends.append("told")
            raise

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Its port."""
        app = web.Application()
        app.router.add_get("/events", self.listen)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


class Listener:
    """Somebody who reads events, by HTTP/1.1 or HTTP/2 over TLS."""

    def __init__(self, server: Applied, tls: ssl.SSLContext, version: str, packed: bool) -> None:
        self.server, self.tls, self.version = server, tls, version
        self.fields = [(b"accept-encoding", b"gzip")] if packed else []
        self.packed = packed
        self.body = b""

    async def begin(self, path: bytes) -> None:
        if self.version == "2":
            self.two = await Client2.to(self.server, self.tls)
            self.number = self.two.ask(path, *self.fields, scheme=b"https")
        else:
            self.one = await self.server.connect(self.tls)
            lines = b"".join(b"%b: %b\r\n" % field for field in self.fields)
            self.one.send(b"GET %b HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (path, lines))

    async def _more(self) -> None:
        if self.version == "2":
            await self.two.read()
            self.body = self.two.answers[self.number].body
            return
        async with asyncio.timeout(20):
            if not self.body:
                head = await self.one.reader.readuntil(b"\r\n\r\n")
                assert (b"content-encoding: gzip" in head) == self.packed
            size = int(await self.one.reader.readline(), 16)
            self.body += await self.one.reader.readexactly(size)
            await self.one.reader.readexactly(2)

    async def until(self, text: bytes) -> None:
        """Read until a text has come."""
        while text not in (zlib.decompressobj(31).decompress(self.body) if self.packed else self.body):
            await self._more()

    def leave(self) -> None:
        if self.version == "2":
            self.two.h2.reset_stream(self.number)
            self.two.flush()
        else:
            self.one.close()


async def ends(server: Applied) -> tuple[int, str]:
    """How much the application has sent, and how it has ended."""
    answer = await server.ask(b"GET /app/ends HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
    sent, _, ended = answer.rpartition(b"\r\n\r\n")[2].decode().partition(" ")
    return int(sent), ended


async def say(server: Applied, event: bytes) -> None:
    await server.ask(b"POST /app/ends HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(event), event))


@pytest.mark.parametrize(("version", "packed"), LIKELY)
async def test_each_event_of_an_application_arrives_when_it_happens(
    tmp_path: Path, authority: Authority, version: str, packed: bool
) -> None:
    """The next one comes only after the last one was read, compressed or not; who leaves is told of."""
    packing = Compression() if packed else None
    async with applied(tmp_path, TELLER, authority.tls(), https_port=0, compression=packing) as server:
        listener = Listener(server, authority.client(alpn=("h2",) if version == "2" else ()), version, packed)
        await listener.begin(b"/app/")
        for number in range(3):
            event = b"data: %d\n\n" % number
            await say(server, event)
            await listener.until(event)
        listener.leave()
        async with asyncio.timeout(20):
            while (await ends(server))[1] != "['told']":
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(("version", "packed"), LIKELY)
async def test_each_event_of_a_back_end_arrives_when_it_happens(tmp_path: Path, authority: Authority, version: str, packed: bool) -> None:
    """The same on the road through a REST service; the back end sees that its caller is gone."""
    packing, back = Compression() if packed else None, Back()
    async with back.serving() as port:
        client = RestClient(id="back", host="127.0.0.1", port=port, uri="/events")
        service = ZosConnectService(id="events", service=client, invoke_uri=("/events",))
        async with applied(tmp_path, TELLER, authority.tls(), client, service, https_port=0, compression=packing) as server:
            listener = Listener(server, authority.client(alpn=("h2",) if version == "2" else ()), version, packed)
            await listener.begin(b"/events")
            for number in range(3):
                event = b"data: %d\n\n" % number
                back.news.put_nowait(event)
                await listener.until(event)
            listener.leave()
            async with asyncio.timeout(20):
                while back.ends != ["told"]:
                    back.news.put_nowait(b": is anybody there?\n\n")
                    await asyncio.sleep(0.01)


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_who_does_not_read_gets_no_more_than_fits_and_is_given_up(tmp_path: Path, authority: Authority, version: str) -> None:
    """Memory does not grow, the application is held back, and after writeTimeout it is told that its caller is gone."""
    options = HttpOptions(write_timeout=timedelta(seconds=1))
    async with applied(tmp_path, TELLER, authority.tls(), https_port=0, http_options=options) as server:
        listener = Listener(server, authority.client(alpn=("h2",) if version == "2" else ()), version, False)
        await listener.begin(b"/app/flood")
        writer = listener.two.writer if version == "2" else listener.one.writer
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads
        async with asyncio.timeout(20):
            while not (found := await ends(server))[1].endswith("d']"):
                await asyncio.sleep(0.05)
        assert found[0] < 1 << 25


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_a_stop_waits_for_a_while_and_cuts_then(tmp_path: Path, authority: Authority, version: str) -> None:
    """Events never end by themselves: what is said meanwhile still arrives, and behind the time that was given it is over."""
    async with applied(tmp_path, TELLER, authority.tls(), https_port=0) as server:
        listener = Listener(server, authority.client(alpn=("h2",) if version == "2" else ()), version, False)
        await listener.begin(b"/app/")
        await say(server, b"data: before\n\n")
        await listener.until(b"data: before\n\n")
        began = asyncio.get_running_loop().time()
        assert not await server.endpoints.drain(1)
        assert 1 <= asyncio.get_running_loop().time() - began < 5
        async with asyncio.timeout(20):
            await server.runtime.drained()
