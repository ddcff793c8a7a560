"""What of <webContainer> holds: Strict-Transport-Security, and whether plug-ins are believed."""

import pytest

from tests.server.certificates import Authority
from tests.server.conftest import Serve
from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.endpoint import HttpEndpoint
from zconnect.server.headers import HeadersElement
from zconnect.server.terminator import Proxy, TlsTerminator
from zconnect.server.virtualhost import VirtualHost
from zconnect.server.webcontainer import WebContainer, transport_security
from zconnect.values import Response

ASK = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
POLICIES = [
    # as it is written, as Liberty sends it (WebAppConfiguration.generateSTSHeader)
    ("max-age=31536000;includeSubDomains", b"max-age=31536000; includeSubDomains"),
    ("preload ; INCLUDESUBDOMAINS; Max-Age = 007;", b"max-age=7; includeSubDomains; preload"),
    ('max-age="0"', b'max-age="0"'),
    ("max-age=2147483647", b"max-age=2147483647"),
]
MISTAKEN = [
    "includeSubDomains",
    "max-age",
    "max-age=-1",
    "max-age=1 day",
    "max-age=2147483648",
    "max-age=1;max-age=2",
    "max-age=1, preload",
]


@pytest.mark.parametrize(("written", "sent"), POLICIES)
async def test_answers_over_tls_bind_browsers_to_it(serve: Serve, authority: Authority, written: str, sent: bytes) -> None:
    """And no others: over plain HTTP it means nothing (RFC 6797, 7.2)."""
    server = await serve(authority.tls(), WebContainer(add_strict_transport_security_header=written), https_port=0)
    line = b"strict-transport-security: %b\r\n" % sent
    assert line in await server.ask(ASK, authority.client())
    assert b"strict-transport-security" not in await server.ask(ASK)
    assert b"strict-transport-security" not in await server.ask(b"rubbish\r\n\r\n")


@pytest.mark.parametrize("text", MISTAKEN)
def test_what_is_no_policy(text: str) -> None:
    """Liberty would send nothing, and tell nobody."""
    with pytest.raises(ValueError, match="max-age=31536000"):
        transport_security(WebContainer(add_strict_transport_security_header=text))


async def test_an_application_has_the_last_word_and_headers_behind_it(serve: Serve, authority: Authority) -> None:
    """One field, and the element headers sees it as any other."""
    container = WebContainer(add_strict_transport_security_header="max-age=5")
    server = await serve(authority.tls(), container, https_port=0)

    async def own(request: object) -> Response:
        return Response(200, ((b"strict-transport-security", b"max-age=9"),))

    server.far.answer = own
    assert (await server.ask(ASK, authority.client())).count(b"strict-transport-security: max-age=9\r\n") == 1
    server = await serve(authority.tls(), container, https_port=0, headers=HeadersElement(remove=("Strict-Transport-Security",)))
    assert b"strict-transport-security" not in await server.ask(ASK, authority.client())


@pytest.mark.parametrize("trusted", [True, False])
async def test_plug_ins_that_do_not_count(serve: Serve, trusted: bool) -> None:
    """Whoever is named elsewhere; the fields of RFC 9440 are no private ones."""
    server = await serve()
    seen = []
    here = TlsTerminator(id="t", proxies=(Proxy(address="127.0.0.1"),))
    for terminator, dispatcher in ((None, HttpDispatcher(trusted_header_origin=("127.0.0.1",))), (here, HttpDispatcher())):
        endpoint = HttpEndpoint(id="defaultHttpEndpoint", http_port=0, https_port=-1, host="127.0.0.1", tls_terminator=terminator)
        await server.change(endpoint, dispatcher, WebContainer(trusted=trusted))
        await server.ask(ASK.replace(b"\r\n\r\n", b"\r\n$WSIS: true\r\n\r\n"))
        seen.append(server.far.requests[0].scheme)
    assert seen == (["https"] * 2 if trusted else ["http"] * 2)


async def test_refusals_carry_it_too(serve: Serve, authority: Authority) -> None:
    """Whatever is answered before an application is asked."""
    container = WebContainer(add_strict_transport_security_header="max-age=5")
    server = await serve(authority.tls(), container, VirtualHost(id="default_host", host_alias=("own.test:443",)), https_port=0)
    answer = await server.ask(ASK, authority.client())
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"strict-transport-security: max-age=5\r\n" in answer
