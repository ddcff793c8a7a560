"""What an endpoint believes of proxies follows its configuration."""

import json

import pytest

from tests.server.certificates import Authority
from tests.server.client2 import Client2
from tests.server.conftest import Serve
from zconnect.config.passwords import Password
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.roles import Interceptors
from zconnect.runtime.manager import Manager
from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.remoteip import RemoteIp
from zconnect.server.terminator import Proxy, TlsTerminator
from zconnect.trust.keystore import KeyStore
from zconnect.values import Place

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


AUDITED = Manager(global_interceptors=Interceptors(id="everywhere", interceptors=(AuditInterceptor(id="audit"),)))


@pytest.mark.parametrize(
    ("field", "status", "number"), [("Client-Cert: garbage", 403, "ZCON0874W"), ("$WSIS: maybe", 400, "ZCON0875W"), ("X-Own: y", 200, "")]
)
async def test_who_is_not_believed_leaves_a_record(
    serve: Serve, place: Place, authority: Authority, caplog: pytest.LogCaptureFixture, field: str, status: int, number: str
) -> None:
    """In audit as an early failure, for HTTP/1.1 and HTTP/2, and in the log; the request itself goes no further."""
    proxies = (Proxy(address="127.0.0.1"),)
    server = await serve(
        AUDITED,
        features=("zosconnect:zosConnect-2.0",),
        tls_terminator=TlsTerminator(id="t", proxies=proxies, trust_store=authority.trust()),
    )
    await server.ask(f"POST /secret?a=b HTTP/1.1\r\nHost: a\r\n{field}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab".encode())
    client = await Client2.to(server)
    name, _, value = field.partition(": ")
    assert (await client.answer(client.ask(b"/secret", (name.lower().encode(), value.encode())))).status == status
    client.close()
    file = place.log_dir / "audit.log"
    records = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    assert [(each["method"], each["uri"], each["status"], each["userName"], each["reason"][:9]) for each in records] == (
        [(method, "/secret", status, "", number) for method in ("POST", "GET")] if number else []
    )
    assert len(server.far.requests) == (0 if number else 2)
    assert ("ZCON087" in caplog.text) is bool(number)
