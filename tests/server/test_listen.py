"""All ports of a server: opened, kept, changed, paused and closed while connections live on."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve, echo
from zconnect.server.accesslog import AccessLogging
from zconnect.server.endpoint import HttpEndpoint, SslOptions, TcpOptions
from zconnect.server.httpoptions import HttpOptions
from zconnect.trust.tls import Ssl
from zconnect.values import Place, Request, Response

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def endpoint(**attributes: object) -> HttpEndpoint:
    given = {"id": "defaultHttpEndpoint", "host": "127.0.0.1", "http_port": 0, "https_port": -1} | attributes
    return HttpEndpoint(**given)  # type: ignore[arg-type]


async def one(request: Request) -> Response:
    return Response(200, (), b"one")


async def two(request: Request) -> Response:
    return Response(200, (), b"two")


async def test_an_unchanged_port_stays_and_serves_from_the_newest_runtime(serve: Serve) -> None:
    """Also connections that were there before."""
    server = await serve(answer=one)
    address = server.address
    client = await server.connect()
    client.send(GET)
    assert (await client.answer())[2] == b"one"
    old = server.far
    new = await server.change(endpoint())
    new.answer = two
    assert server.address == address
    client.send(GET)
    assert (await client.answer())[2] == b"two"
    assert (old.entries, new.entries) == (1, 1)


async def test_a_request_ends_on_the_runtime_on_which_it_began(serve: Serve) -> None:
    """The old runtime counts it until its last byte is out."""
    go = asyncio.Event()

    async def slow(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"old "
            await go.wait()
            yield b"end"

        return Response(200, (), body())

    server = await serve(answer=slow)
    client = await server.connect()
    client.send(GET)
    await client.reader.readuntil(b"old ")
    old = server.far
    await server.change(endpoint())
    assert old.under_way == 1
    go.set()
    await client.reader.readuntil(b"0\r\n\r\n")
    assert old.under_way == 0
    client.send(GET)
    assert (await client.answer())[0] == 200
    assert server.far.entries == 1


async def test_ports_come_and_go_with_the_configuration(serve: Serve) -> None:
    """A port that is gone takes nobody, and its connections end when they are idle."""
    server = await serve()
    client = await server.connect()
    client.send(GET)
    await client.answer()
    first = server.address
    await server.change(endpoint(http_port=-1), endpoint(id="other"))
    assert set(server.endpoints.addresses) == {"other"}
    assert await client.rest() == b""
    with pytest.raises(OSError, match=r".*"):
        await asyncio.open_connection(*first)


async def test_limits_and_logs_change_with_the_configuration(serve: Serve, place: Place) -> None:
    """For new connections."""
    server = await serve()
    assert (await server.ask(GET.replace(b"/ ", b"/" + b"x" * 200 + b" ") + LAST)).startswith(b"HTTP/1.1 200")
    await server.change(endpoint(http_options=HttpOptions(limit_field_size=100), access_logging=AccessLogging()))
    assert (await server.ask(GET.replace(b"/ ", b"/" + b"x" * 200 + b" ") + LAST)).startswith(b"HTTP/1.1 400")
    assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")
    await server.endpoints.drain(5)
    assert (place.output_dir / "logs/http_access.log").read_text().count('"GET / HTTP/1.1" 200') == 1


async def test_a_new_certificate_is_served_on_the_same_port(serve: Serve, authority: Authority) -> None:
    """Old connections live on with the old one."""
    options = SslOptions(ssl=authority.tls("localhost"))
    server = await serve(ssl_options=options, http_port=-1, https_port=0)
    address = server.secure_address
    old = await server.connect(authority.client())
    await server.change(endpoint(ssl_options=SslOptions(ssl=authority.tls("other.test")), http_port=-1, https_port=0))
    assert server.secure_address == address
    with pytest.raises(ssl.SSLCertVerificationError):
        await server.connect(authority.client())
    new = await server.connect(authority.client(), name="other.test")
    for client in (old, new):
        client.send(GET)
        assert (await client.answer())[0] == 200


async def test_taking_a_certificate_may_become_a_duty(serve: Serve, authority: Authority) -> None:
    """clientAuthentication takes effect with the next handshake."""
    server = await serve(ssl_options=SslOptions(ssl=authority.tls()), http_port=-1, https_port=0)
    await server.ask(LAST, authority.client())
    await server.change(endpoint(ssl_options=SslOptions(ssl=authority.tls(client_authentication=True)), http_port=-1, https_port=0))
    try:
        assert await server.ask(LAST, authority.client()) == b""
    except (ssl.SSLError, ConnectionError):
        pass
    assert (await server.ask(LAST, authority.client("alice"))).startswith(b"HTTP/1.1 200")


async def test_a_port_that_is_taken_is_told_and_the_rest_serves(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """CWWKO0221E with endpoint, host, port and reason; the caller learns of it, too."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = await serve(endpoint(id="second", http_port=port))
        assert [(failure.endpoint.id, failure.told.message.number, failure.stops) for failure in server.failures] == [
            ("second", "CWWKO0221E", False)
        ]
        assert f"CWWKO0221E: The port of second on host 127.0.0.1 and port {port}" in caplog.text
        assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")
    assert await server.endpoints.apply(server.far) == ()  # type: ignore[arg-type]
    assert set(server.endpoints.addresses) == {"defaultHttpEndpoint", "second"}


@pytest.mark.parametrize(("on_error", "stops"), [("WARN", False), ("FAIL", True)])
async def test_a_host_that_nobody_knows(serve: Serve, on_error: str, stops: bool) -> None:
    """CWWKO0224E; with onError FAIL the server has to stop (case host-bad-fail)."""
    server = await serve(host="no.such.host.test", on_error=on_error)
    assert [(failure.told.message.number, failure.stops) for failure in server.failures] == [("CWWKO0224E", stops)]


async def test_a_key_store_that_is_not_usable_closes_https_alone(serve: Serve, authority: Authority) -> None:
    """The port stays closed; it is never opened without TLS."""
    server = await serve(https_port=0, ssl_options=SslOptions(ssl=Ssl(id="keyless", key_store=authority.trust())))
    assert [failure.told.message.number for failure in server.failures] == ["ZCON0370E"]
    assert set(server.endpoints.addresses) == {"defaultHttpEndpoint"}
    assert (await server.ask(LAST)).startswith(b"HTTP/1.1 200")


async def test_a_key_store_that_becomes_unusable_closes_its_port(serve: Serve, authority: Authority) -> None:
    """What a former configuration trusted is not trusted any longer."""
    server = await serve(https_port=0, ssl_options=SslOptions(ssl=authority.tls()))
    assert "defaultHttpEndpoint-ssl" in server.endpoints.addresses
    await server.change(endpoint(https_port=0, ssl_options=SslOptions(ssl=Ssl(id="keyless", key_store=authority.trust()))))
    assert "defaultHttpEndpoint-ssl" not in server.endpoints.addresses


async def test_https_needs_a_feature_that_speaks_tls(serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """A numbered warning says so."""
    server = await serve()
    await server.change(endpoint(https_port=0), authority.tls(), features=("servlet-4.0",))
    assert set(server.endpoints.addresses) == {"defaultHttpEndpoint"}
    assert "ZCON0813W" in caplog.text


async def test_pause_and_resume(serve: Serve) -> None:
    """A paused endpoint has no port; a new configuration does not wake it."""
    server = await serve(endpoint(id="second"))
    assert server.endpoints.ids() == ["defaultHttpEndpoint", "second"]
    client = await server.connect()
    client.send(GET)
    await client.answer()
    await server.endpoints.pause(["defaultHttpEndpoint"])
    assert set(server.endpoints.addresses) == {"second"}
    assert await client.rest() == b""
    await server.endpoints.apply(server.far)  # type: ignore[arg-type]
    assert set(server.endpoints.addresses) == {"second"}
    await server.endpoints.resume(["defaultHttpEndpoint"])
    client = await server.connect()
    for _ in range(2):
        client.send(GET)
        assert b"connection" not in (await client.answer())[1]


async def test_a_drain_finishes_what_is_under_way(serve: Serve) -> None:
    """Requests that have begun are answered with Connection: Close, idle connections end, new ones are not taken."""
    go = asyncio.Event()

    async def slow(request: Request) -> Response:
        await go.wait()
        return await echo(request)

    server = await serve(answer=slow)
    address = server.address
    busy, idle, half = await server.connect(), await server.connect(), await server.connect()
    busy.send(GET)
    half.send(GET[:20])
    while not server.far.under_way:
        await asyncio.sleep(0.001)
    drained = asyncio.ensure_future(server.endpoints.drain(10))
    assert await idle.rest() == b""
    with pytest.raises(OSError, match=r".*"):
        await asyncio.open_connection(*address)
    half.send(GET[20:])
    go.set()
    for client in (busy, half):
        status, fields, _ = await client.answer()
        assert (status, fields[b"connection"]) == (200, b"Close")
    assert await drained is True


async def test_a_drain_has_an_end(serve: Serve) -> None:
    """What does not end in time is ended; the caller learns that it was not."""
    ended = asyncio.Event()

    async def never(request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Response(200)

    server = await serve(answer=never)
    client = await server.connect()
    client.send(GET)
    while not server.far.under_way:
        await asyncio.sleep(0.001)
    assert await server.endpoints.drain(0.05) is False
    assert ended.is_set()
    assert server.far.under_way == 0
    with pytest.raises((ConnectionError, EOFError)):
        await client.answer()


async def test_a_drain_does_not_wait_for_the_goodbye_of_tls(serve: Serve, authority: Authority) -> None:
    """Clients who never answer it do not hold the server."""
    server = await serve(authority.tls(), https_port=0)
    client = await server.connect(authority.client())
    client.send(GET)
    await client.answer()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        await server.endpoints.drain(8)


async def test_messages_of_ports(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """CWWKO0219I and CWWKO0220I name endpoint, host with family, and port."""
    caplog.set_level(logging.INFO)
    server = await serve()
    port = server.address[1]
    await server.endpoints.drain(1)
    assert f"CWWKO0219I: The port of defaultHttpEndpoint is open on host 127.0.0.1  (IPv4: 127.0.0.1) and port {port}." in caplog.text
    assert f"CWWKO0220I: The port of defaultHttpEndpoint on host 127.0.0.1  (IPv4: 127.0.0.1) and port {port} is closed." in caplog.text


async def test_all_addresses(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The host `*`."""
    caplog.set_level(logging.INFO)
    server = await serve(host="*")
    assert "*  (IPv" in caplog.text
    assert server.address[0] in {"::", "0.0.0.0"}


async def test_an_endpoint_without_ports(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """CWWKT0015W."""
    await serve(endpoint(id="portless", http_port=-1), endpoint(id="disabled", enabled=False))
    assert caplog.text.count("CWWKT0015W") == 1


async def test_options_of_the_default_ids_hold_for_all(serve: Serve) -> None:
    """defaultHttpOptions and defaultTCPOptions, as in Liberty."""
    server = await serve(HttpOptions(id="defaultHttpOptions", keep_alive_enabled=False), TcpOptions(id="defaultTCPOptions"))
    assert (await server.ask(GET * 2)).count(b"HTTP/1.1 200") == 1


async def test_other_endpoints_lose_nothing_while_one_is_added_moved_and_removed(serve: Serve) -> None:
    """A connection of the endpoint that stays carries all its requests, and one that is under way on a port that moves is answered."""
    slow, go = asyncio.Event(), asyncio.Event()

    async def answer(request: Request) -> Response:
        if request.path == "/slow":
            slow.set()
            await go.wait()
        return Response(200, (), request.path.encode())

    server = await serve(HttpEndpoint(id="b", host="127.0.0.1", http_port=0), answer=answer)
    stays = await server.connect()
    reader, writer = await asyncio.open_connection(*server.endpoints.addresses["b"])
    writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    await slow.wait()
    before = server.endpoints.addresses["b"]
    for elements, names in (
        ((endpoint(), endpoint(id="b", host="localhost"), endpoint(id="c")), {"defaultHttpEndpoint", "b", "c"}),
        ((endpoint(), endpoint(id="c")), {"defaultHttpEndpoint", "c"}),
        ((endpoint(),), {"defaultHttpEndpoint"}),
    ):
        await server.change(*elements)
        assert set(server.endpoints.addresses) == names
        assert server.endpoints.addresses.get("b") != before
        stays.send(GET)
        assert (await stays.answer())[0] == 200
    go.set()
    assert (await reader.read()).endswith(b"/slow")
    writer.close()
    stays.close()
