"""One port: who is taken, how many, and what becomes of handshakes that fail."""

import asyncio
import errno
import re
import resource
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve, Server
from zconnect.server.endpoint import HttpEndpoint, SslOptions, TcpOptions

LAST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def refused(server: Server) -> bool:
    """A connection is closed without a word."""
    try:
        return await server.ask(LAST) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    ("options", "served"),
    [
        (TcpOptions(address_exclude_list=("127.*.0.1",)), False),
        (TcpOptions(address_include_list=("10.*.*.*",)), False),
        (TcpOptions(address_include_list=("127.0.0.1",)), True),
        (TcpOptions(address_include_list=("nonsense",)), False),
    ],
)
async def test_lists_decide_before_anything_is_read(serve: Serve, options: TcpOptions, served: bool) -> None:
    """addressIncludeList and addressExcludeList."""
    assert await refused(await serve(tcp=options)) is not served


async def test_connections_are_limited(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """maxOpenConnections: the next one is closed, CWWKO0222W says it once; when one has ended another is taken."""
    server = await serve(tcp=TcpOptions(max_open_connections=3))
    clients = [await server.connect() for _ in range(3)]
    for client in clients:
        client.send(LAST.replace(b"close", b"keep-alive"))
        await client.answer()
    assert await refused(server)
    assert await refused(server)
    assert caplog.text.count("CWWKO0222W") == 1
    clients[0].close()
    await asyncio.sleep(0.05)
    assert not await refused(server)


async def test_opening_is_tried_again(serve: Serve) -> None:
    """portOpenRetries, a second apart."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        asyncio.get_running_loop().call_later(0.2, taken.close)
        server = await serve(tcp=TcpOptions(port_open_retries=3), http_port=port)
        assert server.address == ("127.0.0.1", port)


async def test_handshakes_that_fail_are_told(serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """CWWKO0801E with both ends and the reason; meanwhile others are served."""
    server = await serve(authority.tls(), https_port=0)
    reader, writer = await asyncio.open_connection(*server.secure_address)
    writer.write(LAST)
    assert b"HTTP/1.1" not in await reader.read()
    writer.close()
    assert (await server.ask(LAST, authority.client())).startswith(b"HTTP/1.1 200")
    assert "CWWKO0801E: A TLS handshake of 127.0.0.1:" in caplog.text


async def test_a_probe_of_the_port_is_no_handshake(serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """Who connects and leaves is not worth a message (case tls-handshake-error)."""
    server = await serve(authority.tls(), https_port=0)
    _, writer = await asyncio.open_connection(*server.secure_address)
    writer.close()
    await server.ask(LAST, authority.client())
    assert "CWWKO0801E" not in caplog.text


async def test_handshake_errors_can_be_kept_quiet(serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """suppressHandshakeErrors."""
    server = await serve(authority.tls(), https_port=0, ssl_options=SslOptions(suppress_handshake_errors=True))
    reader, writer = await asyncio.open_connection(*server.secure_address)
    writer.write(LAST)
    await reader.read()
    writer.close()
    assert "CWWKO0801E" not in caplog.text


@pytest.mark.parametrize("quiet", [False, True])
async def test_a_certificate_that_is_not_believed_is_told(
    serve: Serve, authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture, quiet: bool
) -> None:
    """CWPKI0022E before CWWKO0801E, which suppressHandshakeErrors silences; who shows none is not reported so."""
    options = SslOptions(suppress_handshake_errors=quiet)
    server = await serve(authority.tls(client_authentication=True), https_port=0, ssl_options=options)
    stranger = Authority(tmp_path).client("alice")
    stranger.load_verify_locations(cadata=authority.pem)
    for context in (authority.client(), stranger):
        try:
            assert await server.ask(LAST, context) == b""
        except (ssl.SSLError, ConnectionError):
            pass
    assert [number for number in re.findall(r"CW\w+", caplog.text) if number in {"CWPKI0022E", "CWWKO0801E"}] == (
        ["CWPKI0022E"] if quiet else ["CWWKO0801E", "CWPKI0022E", "CWWKO0801E"]
    )


async def test_a_handshake_that_never_ends_is_ended(serve: Serve, authority: Authority) -> None:
    """Within the time of a new connection; nobody else waits for it."""
    server = await serve(authority.tls(), https_port=0, tcp=TcpOptions(inactivity_timeout=timedelta(milliseconds=200)))
    reader, writer = await asyncio.open_connection(*server.secure_address)
    writer.write(b"\x16\x03\x01\x00")
    assert (await server.ask(LAST, authority.client())).startswith(b"HTTP/1.1 200")
    async with asyncio.timeout(20):
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            pass
    writer.close()


async def test_without_descriptors_the_port_rests(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A process that has no file left says so, and serves again when it has."""
    server = await serve()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    waiting = socket.socket()
    waiting.setblocking(False)
    spare = socket.socket()
    free = spare.fileno()
    spare.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        assert waiting.connect_ex(server.address) in {0, errno.EINPROGRESS}
        await asyncio.sleep(0.1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    waiting.close()
    assert caplog.text.count("ZCON0812E") == 1
    await asyncio.sleep(1.1)
    assert not await refused(server)


async def test_all_addresses_means_both_families(serve: Serve) -> None:
    """host *: IPv4 and IPv6 where the machine has both."""
    server = await serve(host="*")
    for host in ("127.0.0.1", "::1") if socket.has_dualstack_ipv6() else ("127.0.0.1",):
        reader, writer = await asyncio.open_connection(host, server.address[1])
        writer.write(LAST)
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_an_empty_host_is_none(serve: Serve) -> None:
    """Case host-empty: the port stays closed."""
    server = await serve(HttpEndpoint(id="empty", host="", http_port=0, https_port=-1))
    assert [failure.endpoint.id for failure in server.failures] == ["empty"]


async def test_a_flood_of_handshakes_that_fail_is_not_written(serve: Serve, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """Strangers do not push everything else out of the log."""
    server = await serve(authority.tls(), https_port=0)
    for _ in range(150):
        reader, writer = await asyncio.open_connection(*server.secure_address)
        writer.write(LAST)
        await reader.read()
        writer.close()
    assert caplog.text.count("CWWKO0801E") == 10
