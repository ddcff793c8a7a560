"""What an endpoint believes of proxies follows its configuration."""

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve
from zconnect.config.passwords import Password
from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.remoteip import RemoteIp
from zconnect.server.terminator import Proxy, TlsTerminator
from zconnect.trust.keystore import KeyStore

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n$WSIS: true\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n"


async def test_what_is_believed_changes_with_the_configuration(serve: Serve) -> None:
    """Without a restart, on the same port; nothing is believed by default."""
    server = await serve()
    seen = []
    for elements, more in (
        ([], {}),
        ([HttpDispatcher(trusted_header_origin=("127.0.0.1",))], {}),
        ([], {"remote_ip": RemoteIp()}),
        ([], {"tls_terminator": TlsTerminator(id="t", proxies=(Proxy(address="127.0.0.1"),), secure=True), "remote_ip": RemoteIp()}),
        ([], {}),
    ):
        endpoint = HttpEndpoint(id="defaultHttpEndpoint", http_port=0, https_port=-1, host="127.0.0.1", **more)
        await server.change(endpoint, *elements)
        await server.ask(ASK)
        seen.append((server.far.requests[0].scheme, server.far.requests[0].peer.address))
    nobody = ("http", "127.0.0.1")
    assert seen == [nobody, ("https", "127.0.0.1"), ("http", "9.9.9.9"), ("https", "9.9.9.9"), nobody]


@pytest.mark.parametrize("location", ["missing.p12", "wrong.p12"])
async def test_without_its_trust_store_an_endpoint_is_not_opened(serve: Serve, authority: Authority, location: str) -> None:
    """A guard that cannot be read lets nobody through."""
    (authority.folder / "wrong.p12").write_bytes(b"x")
    store = KeyStore(id="partners", location=str(authority.folder / location), password=Password("x"))
    server = await serve(tls_terminator=TlsTerminator(id="t", proxies=(Proxy(address="127.0.0.1"),), trust_store=store))
    assert [failure.told.message.number for failure in server.failures] == ["CWPKI0033E"]
    assert not server.endpoints.addresses
