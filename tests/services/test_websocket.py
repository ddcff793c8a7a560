"""WebSockets between an independent client and an application, with the whole server between them."""

import asyncio
import json
import logging
import struct
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from tests.applied import Applied, applied, closing
from tests.security.tokens import ISSUER, SECRET, token
from zconnect.config.passwords import Password
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.roles import Interceptors, SecurityRole, SpecialSubject
from zconnect.runtime.manager import Manager
from zconnect.security.authorization import AuthorizationRoles
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.server.httpoptions import HttpOptions
from zconnect.services import websocket
from zconnect.values import Kind

Serving = Callable[..., AbstractAsyncContextManager[Applied]]

ECHO = """
    async def app(scope, receive, send):
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None), "headers": [(b"X-Own", b"1")]})
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.send"})
"""
# Tells by http what it has seen of the end of a WebSocket.
TOLD = """
    seen = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": repr(seen).encode()})
            return
        await receive()
        await send({"type": "websocket.accept"})
        event = {"type": ""}
        while event["type"] != "websocket.disconnect":
            event = await receive()
        seen.append((event["code"], event["reason"]))
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except OSError:
            seen.append("gone")
        seen.append((await receive())["type"])
"""


ANYBODY = AuthorizationRoles(
    id="zos.connect.access.roles",
    roles=(SecurityRole(name="zosConnectAccess", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),)),),
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers who do not answer a closing, as those of the tests, are not waited for."""
    monkeypatch.setattr(websocket, "GRACE", 0.2)


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    return partial(applied, tmp_path)


def frame(data: bytes, opcode: int = 1, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """A frame of a client (RFC 6455, 5.2), masked with zeros."""
    length = struct.pack("!BH", 126, len(data)) if len(data) > 125 else bytes([len(data)])
    head = bytes([fin << 7 | reserved << 4 | opcode, length[0] | masked << 7]) + length[1:]
    return head + (bytes(4) if masked else b"") + data


async def frames(reader: asyncio.StreamReader) -> AsyncGenerator[tuple[int, bytes], None]:
    """The frames that come behind the answer 101, as opcode and payload."""
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    try:
        while True:
            head = await reader.readexactly(2)
            size = head[1]
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2))
            elif size == 127:
                size = int.from_bytes(await reader.readexactly(8))
            yield head[0] & 15, await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return


async def told(server: Applied, count: int) -> str:
    """What the application has seen, once it is so much."""
    async with asyncio.timeout(20):
        while True:
            answer = await server.ask(b"GET /app/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
            seen = answer.rpartition(b"\r\n\r\n")[2].decode()
            if len(eval(seen)) >= count:
                return seen
            await asyncio.sleep(0.01)


async def test_messages_pass_both_ways(serving: Serving) -> None:
    """Text and bytes, empty and large, in one frame and in many; pings are answered, nothing is compressed."""
    async with serving(ECHO) as server, server.socket(subprotocols=("chat.v2", "chat.v1")) as client:
        response = client.response
        assert response is not None
        assert (client.subprotocol, response.headers["x-own"]) == ("chat.v2", "1")
        assert "sec-websocket-extensions" not in response.headers
        for message in ("", "häl\U0001f600", b"", bytes(range(256)), "a" * 70_000, b"b" * 1_000_000):
            await client.send(message)
            assert await client.recv() == message
        await client.send(["one ", "two ", "three"])
        assert await client.recv() == "one two three"
        await (await client.ping())
        await client.close(4001, "enough")
        assert await closing(client) == (4001, "enough")
    assert server.runtime._under_way == 0


async def test_the_scope_is_what_asgi_says(serving: Serving) -> None:
    """ASGI WebSocket 2.4; what is private to an archive is not there."""
    app = """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            for key in ("user", "auth", "state", "client", "server", "headers"):
                del scope[key]
            await send({"type": "websocket.send", "text": repr(scope)})
    """
    async with serving(app) as server:
        async with server.socket("/app/a%20b?x=%20", subprotocols=("one", "two")) as client:
            assert eval(str(await client.recv())) == {
                "type": "websocket",
                "asgi": {"version": "3.0", "spec_version": "2.4"},
                "http_version": "1.1",
                "scheme": "ws",
                "path": "/app/a b",
                "raw_path": b"/app/a%20b",
                "query_string": b"x=%20",
                "root_path": "/app",
                "subprotocols": ["one", "two"],
                "extensions": {"websocket.http.response": {}},
            }
            assert await closing(client) == (1000, "")  # the application is at its end
        with pytest.raises(InvalidStatus) as refused:
            await server.socket("/app/WEB-INF/x")
        assert refused.value.response.status_code == 404


@pytest.mark.parametrize(
    ("events", "status", "body"),
    [
        ([{"type": "websocket.close", "code": 4000}], 403, b""),
        (
            [
                {"type": "websocket.http.response.start", "status": 418, "headers": [(b"x-a", b"b")]},
                {"type": "websocket.http.response.body", "body": b"no ", "more_body": True},
                {"type": "websocket.http.response.body", "body": b"tea"},
            ],
            418,
            b"no tea",
        ),
        ([{"type": "websocket.accept", "subprotocol": "mine"}], 500, None),
        ([{"type": "websocket.accept", "headers": [(b"Sec-WebSocket-Extensions", b"x")]}], 500, None),
        ([{"type": "websocket.send", "text": "early"}], 500, None),
        ([{"type": "http.response.start", "status": 200}], 500, None),
        ([], 500, None),
    ],
)
async def test_an_application_may_decline(serving: Serving, events: list[dict[str, Any]], status: int, body: bytes | None) -> None:
    """With 403, or with an answer of its own; what is out of turn is its failure. The connection is told what every caller is told."""
    app = f"""
        async def app(scope, receive, send):
            await receive()
            for event in {events!r}:
                await send(event)
            if {status < 500}:
                assert (await receive())["type"] == "websocket.disconnect"
    """
    async with serving(app) as server:
        with pytest.raises(InvalidStatus) as refused:
            await server.socket()
        response = refused.value.response
        assert response.status_code == status
        assert body is None or response.body == body


async def test_an_offer_that_is_declined_leaves_the_connection_as_it_was(serving: Serving) -> None:
    """What came behind it is read as requests, which the application answers in turn."""
    app = """
        async def app(scope, receive, send):
            if scope["type"] == "websocket":
                await receive()
            kind = "websocket.http" if scope["type"] == "websocket" else "http"
            await send({"type": f"{kind}.response.start", "status": 200})
            await send({"type": f"{kind}.response.body", "body": scope["type"].encode()})
    """
    async with serving(app) as server:
        for pause in (0, 0.05):
            reader, writer = await server.raw()
            for _ in range(2):
                await asyncio.sleep(pause)
                writer.write(b"POST /app/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxx")
            writer.write(b"GET /app/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answers = await reader.read()
            assert [answers.count(word) for word in (b"HTTP/1.1 200", b"\r\n\r\nwebsocket", b"\r\n\r\nhttp")] == [4, 1, 3]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"POST /app/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n", b"http"),
        (b"GET /app/ HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", b"http"),
        (b"GET /app/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: close\r\n", b"http"),
        (b"GET /app/ HTTP/1.1\r\nHost: a\r\nUpgrade: websockets\r\nConnection: Upgrade, close\r\n", b"http"),
        (b"GET /app/ HTTP/1.1\r\nHost: a\r\nUpgrade: x, WebSocket\r\nConnection: Upgrade, close\r\n", b"426"),
    ],
)
async def test_what_is_no_offer_is_a_request(serving: Serving, head: bytes, kind: bytes) -> None:
    """Another method, HTTP/1.0 (RFC 9110, 7.8), an Upgrade that Connection does not name, another protocol."""
    app = """
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": scope["type"].encode()})
    """
    async with serving(app) as server:
        answer = await server.ask(head)
        assert answer.endswith(b"\r\n\r\n" + kind) or answer.startswith(b"HTTP/1.1 " + kind)


@pytest.mark.parametrize(("end", "code", "number"), [("return", 1000, 0), ("raise ValueError", 1011, 1)])
async def test_the_end_of_the_application_closes(
    serving: Serving, end: str, code: int, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    """With 1011 where it has failed, which is in the log; the caller is told nothing of the cause."""
    app = f"""
        async def app(scope, receive, send):
            await receive()
            await send({{"type": "websocket.accept"}})
            {end}
    """
    async with serving(app) as server, server.socket() as client:
        assert await closing(client) == (code, "")
    assert caplog.text.count("ZCON0622E") == number


async def test_an_application_may_close_and_go_on(serving: Serving) -> None:
    """Code and reason are its own; what it sends afterwards goes nowhere, and closing twice is no mistake."""
    app = """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "last"})
            await send({"type": "websocket.close", "code": 4002, "reason": "done"})
            assert await receive() == {"type": "websocket.disconnect", "code": 4002, "reason": "done"}
            await send({"type": "websocket.close"})
    """
    async with serving(app) as server, server.socket() as client:
        assert await client.recv() == "last"
        assert await closing(client) == (4002, "done")


@pytest.mark.parametrize(("way", "seen"), [("close", (4003, "bye")), ("no code", (1005, "")), ("vanish", (1006, "")), ("half", (1006, ""))])
async def test_an_application_is_told_that_the_caller_is_gone(
    serving: Serving, way: str, seen: tuple[int, str], caplog: pytest.LogCaptureFixture
) -> None:
    """With the code that he gave, 1006 without one; from then on sending fails, and waiting gets the same again."""
    audit = AuditInterceptor(id="audit", sequence=1)
    manager = Manager(require_auth=False, require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,)))
    async with serving(TOLD, manager, audit) as server:
        reader, writer = await server.raw()
        await reader.readuntil(b"\r\n\r\n")
        if way == "vanish":
            writer.transport.abort()
        elif way == "half":
            writer.write_eof()
            assert await reader.read() == b""
        else:
            payload = struct.pack("!H", 4003) + b"bye" if way == "close" else b""
            writer.write(frame(payload, 8))
            assert await reader.read() == bytes([0x88, len(payload)]) + payload
        found = json.loads((await server.audit())[0])
        without = way in ("vanish", "half")
        assert (found["closeCode"], found["outcome"], bool(found["reason"])) == (seen[0], "failure" if without else "success", without)
        assert await told(server, 3) == repr([seen, "gone", "websocket.disconnect"])
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


PING = frame(b"", 9)
# What a caller sends, the code that he gets, and the reason.
BROKEN = {
    "garbage": (b"GET / HTTP/1.1\r\n\r\n", 1002, "unmasked"),
    "unmasked": (frame(b"x", masked=False), 1002, "unmasked"),
    "compressed": (frame(b"x", reserved=4), 1002, "Reserved bit"),
    "no beginning": (frame(b"x", 0), 1002, "CONTINUATION"),
    "no text": (frame(b"\xff"), 1007, "utf-8"),
    "half a ping": (frame(b"", 9, fin=False), 1002, "fragment"),
    "no code of a closing": (frame(b"\x00\x00", 8), 1002, "invalid code"),
    "too large": (frame(b"x" * 60_000, fin=False) + frame(b"x" * 60_000, 0), 1009, "more than 100000 bytes"),
    "pings": (PING * 1100, 1008, "too many frames"),
    "pongs": (frame(b"", 10) * 1100, 1008, "too many frames"),
    "small parts": (frame(b"a", fin=False) + frame(b"a", 0, fin=False) * 1100, 1008, "too many frames"),
    "empty parts": (frame(b"", fin=False) + frame(b"", 0, fin=False) * 1100, 1008, "too many frames"),
}


@pytest.mark.parametrize(("data", "code", "reason"), BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.usefixtures("impatient")
async def test_who_breaks_the_rules_is_shown_out(serving: Serving, data: bytes, code: int, reason: str) -> None:
    """With the code of RFC 6455; the record says why, and the application is told."""
    audit = AuditInterceptor(id="audit", sequence=1)
    manager = Manager(require_auth=False, require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,)))
    async with serving(TOLD, manager, audit, http_options=HttpOptions(message_size_limit=100_000)) as server:
        reader, writer = await server.raw()
        writer.write(data)
        *_, (opcode, payload) = [each async for each in frames(reader)]
        assert (opcode, int.from_bytes(payload[:2])) == (8, code)
        (record,) = await server.audit()
        found = json.loads(record)
        assert (found["status"], found["closeCode"], found["outcome"]) == (101, code, "failure")
        assert "ZCON0627W" in found["reason"]
        assert f" {code}," in found["reason"]
        assert (await told(server, 3)).startswith(f"[({code},")


async def test_many_parts_of_some_size_are_no_flood(serving: Serving) -> None:
    """And as many messages as one likes."""
    async with serving(ECHO) as server:
        reader, writer = await server.raw()
        writer.write(frame(b"", 2, fin=False) + frame(b"x" * 300, 0, fin=False) * 3000 + frame(b"", 0) + frame(b"m") * 3000)
        found = frames(reader)
        assert await anext(found) == (2, b"x" * 900_000)
        for _ in range(3000):
            assert await anext(found) == (1, b"m")
        await found.aclose()


async def test_a_message_has_at_most_a_mebibyte(serving: Serving) -> None:
    """Where MessageSizeLimit says nothing, because the whole of it must fit into memory."""
    async with serving(ECHO) as server:
        for size, code in ((1 << 20, 1000), ((1 << 20) + 1, 1009)):
            async with server.socket(max_size=None) as client:
                await client.send(b"x" * size)
                if code == 1000:
                    assert len(await client.recv()) == size
                    await client.close()
                assert (await closing(client))[0] == code


async def test_a_caller_is_held_back_by_the_application(serving: Serving) -> None:
    """What it does not take is not read; when it is gone, all is gone."""
    app = """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "first"})
            import asyncio
            await asyncio.sleep(3)
    """
    async with serving(app) as server, server.socket() as client:
        assert await client.recv() == "first"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_flood(client), 2)
        (listener,) = server.endpoints._listeners.values()
        (tunnel,) = listener.edge.tunnels
        assert tunnel.received <= 1 << 21
        client.transport.abort()


async def _flood(client: ClientConnection) -> None:
    for _ in range(4096):
        await client.send(b"x" * 65536)


async def test_an_application_is_held_back_by_the_caller(serving: Serving) -> None:
    """Who does not read is given up after writeTimeout; until then little is kept for him."""
    app = """
        sent = 0

        async def app(scope, receive, send):
            global sent
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 200})
                await send({"type": "http.response.body", "body": b"%d" % sent})
                return
            await receive()
            await send({"type": "websocket.accept"})
            try:
                while True:
                    await send({"type": "websocket.send", "bytes": bytes(65536)})
                    sent += 65536
            except OSError:
                sent = -1
    """
    options = HttpOptions(write_timeout=timedelta(seconds=1))
    async with serving(app, http_options=options) as server:
        _, writer = await server.raw()
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads
        most = 0
        async with asyncio.timeout(20):
            while (sent := int((await server.ask(b"GET /app/ HTTP/1.0\r\n")).rpartition(b"\n")[2])) >= 0:
                most = max(most, sent)
                await asyncio.sleep(0.1)
        assert 0 < most < 1 << 25


@pytest.mark.usefixtures("impatient")
async def test_who_does_not_answer_a_ping_is_gone(serving: Serving) -> None:
    """Asked after readTimeout, given up after another one; who answers stays."""
    options = HttpOptions(read_timeout=timedelta(milliseconds=200))
    async with serving(ECHO, http_options=options) as server, server.socket() as lively:
        reader, _ = await server.raw()
        found = [each async for each in frames(reader)]
        assert [opcode for opcode, _ in found] == [9, 8]
        assert found[1][1] == struct.pack("!H", 1011) + b"the caller did not answer a ping within 0.2 seconds"
        await lively.send("still here")
        assert await lively.recv() == "still here"


async def test_a_websocket_ends_with_the_login_that_opened_it(serving: Serving) -> None:
    """Nothing else would notice it; without a login nobody speaks WebSocket at all."""
    client = OpenidConnectClient(
        id="c",
        inbound_propagation="required",
        shared_key=Password(SECRET),
        issuer_identifier=ISSUER,
        clock_skew=timedelta(0),
        map_identity_to_registry_user=True,
    )
    registry = BasicRegistry(realm="Local", users=(RegistryUser(name="alice", password=Password("a")),))
    audit = AuditInterceptor(id="audit", sequence=1)
    manager = Manager(require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,)))
    async with serving(ECHO, manager, client, registry, ANYBODY, audit) as server:
        with pytest.raises(InvalidStatus) as refused:
            await server.socket()
        assert refused.value.response.status_code == 401
        bearer = token(iat=int(time.time()), exp=int(time.time()) + 3)
        async with server.socket(additional_headers={"Authorization": f"Bearer {bearer}"}) as opened:
            await opened.send("hello")
            assert await opened.recv() == "hello"
            assert await closing(opened) == (1008, "the login has expired")
        found = json.loads((await server.audit(2))[1])
        assert (found["userName"], found["closeCode"], found["outcome"]) == ("alice", 1008, "failure")
        assert "ZCON0628I" in found["reason"]


@pytest.mark.parametrize("way", ["stop", "pause", "reload"])
async def test_a_server_that_goes_away_says_so(serving: Serving, way: str) -> None:
    """1001, and what the application has said before comes first; a reload ends it, too, because the rules may have changed."""
    app = """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            await send({"type": "websocket.send", "text": "before"})
            assert (await receive())["code"] == 1001
    """
    audit = AuditInterceptor(id="audit", sequence=1)
    manager = Manager(require_auth=False, require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,)))
    async with serving(app, manager, audit) as server, server.socket() as client:
        await client.send("now")
        before = server.runtime
        if way == "stop":
            assert await server.endpoints.drain(20)
        elif way == "pause":
            await server.endpoints.pause(server.endpoints.ids())
        else:
            before = await server.reload()
        async for message in client:
            assert message == "before"
        assert await closing(client) == (1001, "the server goes away")
        async with asyncio.timeout(20):
            await before.drained()
        found = json.loads((await server.audit())[0])
        assert (found["closeCode"], found["outcome"], found["reason"]) == (1001, "success", "")


@pytest.mark.usefixtures("impatient")
async def test_an_application_that_does_not_listen_is_cancelled(serving: Serving) -> None:
    """It has a while to notice that its WebSocket is closed; a caller who does not answer the closing has, too."""
    app = """
        import asyncio

        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await asyncio.sleep(3600)
    """
    async with serving(app) as server:
        reader, _ = await server.raw()
        await reader.readuntil(b"\r\n\r\n")
        before = await server.reload()
        assert await reader.read() == bytes([0x88, 22]) + struct.pack("!H", 1001) + b"the server goes away"
        async with asyncio.timeout(20):
            await before.drained()


async def test_the_record_tells_what_went_over(serving: Serving) -> None:
    """One record, at the end: bytes of frames both ways, when it began and ended, and how it was closed."""
    audit = AuditInterceptor(id="audit", sequence=1)
    manager = Manager(require_auth=False, require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,)))
    async with serving(ECHO, manager, audit) as server:
        async with server.socket("/app/x") as client:
            await client.send("hello")
            await client.recv()
            assert not (server.place.log_dir / "audit.log").read_text()
        found = json.loads((await server.audit())[0])
        wanted = {"method": "GET", "uri": "/app/x", "status": 101, "closeCode": 1000, "outcome": "success", "reason": ""}
        assert wanted.items() <= found.items()
        assert (found["type"], found["requestLength"], found["responseLength"]) == (Kind.API.value, 6 + 5 + 6 + 2, 2 + 5 + 2 + 2)
