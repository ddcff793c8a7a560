"""The two ends of a connection and what TLS proved about the far one."""

import asyncio
import socket
import ssl
from typing import Any

import pytest
from cryptography import x509

from tests.server.certificates import Authority
from tests.server.conftest import Serve

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def test_a_plain_connection_has_two_ends(serve: Serve) -> None:
    """Addresses and ports, and nothing of TLS."""
    server = await serve()
    client = await server.connect()
    client.send(GET)
    await client.answer()
    peer = server.far.requests[0].peer
    assert (peer.address, peer.port) == client.writer.get_extra_info("sockname")
    assert (peer.local_address, peer.local_port) == server.address
    assert (peer.secure, peer.certificates, peer.tls_version, peer.cipher) == (False, (), "", "")


async def test_an_ipv4_caller_of_all_addresses_is_ipv4(serve: Serve) -> None:
    """Not ::ffff:127.0.0.1, which no list of addresses would know."""
    server = await serve(host="*")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.address[1])
    writer.write(GET)
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert server.far.requests[0].peer.address == "127.0.0.1"
    assert server.far.requests[0].peer.local_address == "127.0.0.1"


async def test_the_clients_certificate_is_read(serve: Serve, authority: Authority) -> None:
    """The verified chain in DER, leaf first; and version and cipher."""
    server = await serve(authority.tls(client_authentication=True), https_port=0)
    client = await server.connect(authority.client("alice"))
    client.send(GET)
    await client.answer()
    peer = server.far.requests[0].peer
    assert peer.secure
    assert peer.tls_version == "TLSv1.3"
    assert peer.cipher.startswith("TLS_")
    assert [x509.load_der_x509_certificate(each).subject.rfc4514_string() for each in peer.certificates] == ["CN=alice", "CN=authority"]


@pytest.mark.parametrize("supported", [True, False])
async def test_a_certificate_may_be_left_out_where_it_is_only_supported(serve: Serve, authority: Authority, supported: bool) -> None:
    """clientAuthenticationSupported: served without one; clientAuthentication: not served."""
    settings: dict[str, Any] = {"client_authentication_supported": True} if supported else {"client_authentication": True}
    server = await serve(authority.tls(**settings), https_port=0)
    try:
        client = await server.connect(authority.client())
        client.send(GET)
        assert (await client.answer())[0] == 200
    except (ssl.SSLError, ConnectionError, EOFError):
        assert not supported
    else:
        assert supported
    assert [request.peer.certificates for request in server.far.requests] == [()] * supported


async def test_a_strangers_certificate_is_never_taken(serve: Serve, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not even where none is required."""
    server = await serve(authority.tls(client_authentication_supported=True), https_port=0)
    stranger = Authority(tmp_path_factory.mktemp("stranger")).client("alice")
    stranger.load_verify_locations(cadata=authority.pem)
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):  # noqa: PT012  # TLS 1.3 tells the client on its first read
        client = await server.connect(stranger)
        client.send(GET)
        await client.answer()
    assert server.far.requests == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_resumed_session_still_has_the_clients_certificate(serve: Serve, authority: Authority, version: ssl.TLSVersion) -> None:
    """OpenSSL then knows the leaf and no chain."""
    server = await serve(authority.tls(client_authentication=True), https_port=0)
    context = authority.client("alice")
    context.minimum_version = context.maximum_version = version

    def ask(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool | None, bytes]:
        with context.wrap_socket(socket.create_connection(server.secure_address), server_hostname="localhost", session=session) as secured:
            secured.sendall(GET)
            answer = secured.recv(4096)
            return secured.session, secured.session_reused, answer

    session, _, _ = await asyncio.to_thread(ask, None)
    _, reused, answer = await asyncio.to_thread(ask, session)
    assert reused
    assert answer.startswith(b"HTTP/1.1 200")
    first, second = (request.peer.certificates for request in server.far.requests)
    assert second == first[:1]
