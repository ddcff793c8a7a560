"""Proxies in front: they are believed, others are not, over real connections."""

import base64
import ssl
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.server.certificates import Authority
from tests.server.client2 import Client2
from tests.server.conftest import Serve
from zconnect.config.schema import Element
from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.remoteip import RemoteIp
from zconnect.server.terminator import Proxy, TlsTerminator, within
from zconnect.values import Request

HERE, ELSEWHERE = Proxy(address="127.0.0.0/8"), Proxy(address="10.1.0.0/16")
EDGE = Proxy(subject="CN=edge", issuer="CN=authority")
NOBODY, ALICE = (), ("alice",)

Claims = list[tuple[str, str]]


@dataclass
class Told:
    """What a request came to."""

    status: int
    callers: tuple[str, ...] = ()
    scheme: str = "http"
    address: str = "127.0.0.1"
    authority: str = "localhost"


def passed_on(authority: Authority, common: str) -> str:
    """The certificate of a caller, as a proxy writes it."""
    certificate = authority.signed(common)
    return f":{base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}:"


async def asked(serve: Serve, claims: Claims, tls: ssl.SSLContext | None, *elements: Element, **settings: Any) -> tuple[Told, Told]:
    """What a request comes to over HTTP/1.1 and over HTTP/2; no field that claims something gets through."""
    server = await serve(*elements, https_port=0 if tls else -1, **settings)
    client = await server.connect(tls)
    lines = "".join(f"{name}: {value}\r\n" for name, value in claims)
    client.send(f"GET / HTTP/1.1\r\nHost: localhost\r\nX-Own: y\r\n{lines}Connection: close\r\n\r\n".encode())
    first = _told((await client.answer())[0], server.far.requests)
    client.close()
    if tls:
        tls.set_alpn_protocols(["h2"])
    other = await Client2.to(server, tls)
    fields = [(name.lower().encode(), value.encode()) for name, value in claims]
    number = other.ask(b"/", (b"x-own", b"y"), *fields, scheme=b"https" if tls else b"http")
    second = _told((await other.answer(number)).status, server.far.requests)
    other.close()
    return first, second


def _told(status: int, requests: list[Request]) -> Told:
    if not requests:
        return Told(status)
    request = requests.pop()
    assert {name for name, _ in request.headers} <= {b"host", b"x-own", b"connection", b"content-length", b"forwarded"}
    assert request.peer.secure == (request.scheme == "https")
    assert request.headers.all(b"host") == ([] if request.version == "2.0" else [request.authority.encode()])
    return Told(
        status, tuple(_common(each) for each in request.peer.certificates[:1]), request.scheme, request.peer.address, request.authority
    )


def _common(certificate: bytes) -> str:
    from zconnect.security.certificate import common_name

    return common_name(certificate) or ""


@pytest.mark.parametrize("proxy", [ELSEWHERE, Proxy(address="::1"), Proxy(address="127.0.0.2"), EDGE, None], ids=str)
async def test_a_stranger_passes_on_nothing(serve: Serve, authority: Authority, proxy: Proxy | None) -> None:
    """A caller who is no proxy may say what he likes: it is gone before anything looks at it (N-1701, N-1201)."""
    element = TlsTerminator(id="t", proxies=(proxy,), trust_store=authority.trust(), secure=True) if proxy else None
    certificate = passed_on(authority, "alice")
    claims = [("Client-Cert", certificate), ("Client-Cert-Chain", "x"), ("$WSCC", certificate), ("$WSIS", "true"), ("$WSRU", "alice")]
    claims += [("X-Forwarded-Client-Cert", "x"), ("$WSRA", "9.9.9.9"), ("$WSSN", "other"), ("Client-Cert", "twice")]
    assert await asked(serve, claims, None, tls_terminator=element) == (Told(200), Told(200))


BELIEVED: dict[str, tuple[Claims, Told]] = {
    "nothing": ([], Told(200)),
    "a certificate": ([("Client-Cert", "ALICE")], Told(200, ALICE, "https")),
    "a certificate and its chain": ([("Client-Cert", "ALICE"), ("Client-Cert-Chain", "AUTHORITY")], Told(200, ALICE, "https")),
    "a chain in two fields": (
        [("Client-Cert", "ALICE"), ("Client-Cert-Chain", "AUTHORITY"), ("Client-Cert-Chain", "AUTHORITY , AUTHORITY")],
        Told(200, ALICE, "https"),
    ),
    "a certificate of a plug-in": ([("$WSCC", "ALICE")], Told(200, ALICE, "https")),
    "a user of a plug-in": ([("$WSRU", "alice"), ("$WSAT", "BASIC")], Told(200)),
    "a field of another proxy": ([("X-Forwarded-Client-Cert", "Hash=x;Subject=CN=alice")], Told(200)),
    "what was called": (
        [("$WSIS", "true"), ("$WSSN", "front.test"), ("$WSSP", "443"), ("$WSRA", "9.9.9.9")],
        Told(200, NOBODY, "https", "9.9.9.9", "front.test:443"),
    ),
    "another port": ([("$WSSP", "8443"), ("$WSSC", "https")], Told(200, NOBODY, "https", authority="localhost:8443")),
    "another host": ([("$WSSN", "[2001:db8::1]"), ("$WSIS", "false")], Told(200, authority="[2001:db8::1]")),
    "a stranger's certificate": ([("Client-Cert", "STRANGER")], Told(403)),
    "a certificate without its chain": ([("Client-Cert", "BELOW")], Told(403)),
    "garbage": ([("Client-Cert", "garbage")], Told(403)),
    "an empty field": ([("Client-Cert", "")], Told(403)),
    "a certificate that is too long": ([("Client-Cert", ":" + "A" * 20_000 + ":")], Told(403)),
    "a certificate twice": ([("Client-Cert", "ALICE"), ("Client-Cert", "ALICE")], Told(400)),
    "two certificates in a field": ([("Client-Cert", "ALICE, ALICE")], Told(403)),
    "two kinds of certificates": ([("Client-Cert", "ALICE"), ("$WSCC", "ALICE")], Told(400)),
    "a chain of nobody": ([("Client-Cert-Chain", "AUTHORITY")], Told(400)),
    "a chain that is garbage": ([("Client-Cert", "ALICE"), ("Client-Cert-Chain", "AUTHORITY, garbage")], Told(403)),
    "an address that is none": ([("$WSRA", "9.9.9.9, 8.8.8.8")], Told(400)),
    "a host that is none": ([("$WSSN", "a/b")], Told(400)),
    "a port that is none": ([("$WSSP", "x")], Told(400)),
    "another scheme": ([("$WSSC", "ftp")], Told(400)),
    "neither secure nor not": ([("$WSIS", "maybe")], Told(400)),
    "a field twice": ([("$WSIS", "true"), ("$WSIS", "false")], Told(400)),
}


@pytest.mark.parametrize(("claims", "expected"), BELIEVED.values(), ids=BELIEVED.keys())
@pytest.mark.parametrize("by_certificate", [False, True], ids=["by address", "by certificate"])
async def test_a_proxy_is_believed(
    serve: Serve, authority: Authority, stranger: Authority, claims: Claims, expected: Told, by_certificate: bool
) -> None:
    """What can be verified and read; anything else is a refusal, and never a caller without a certificate."""
    certificates = {
        "ALICE": passed_on(authority, "alice"),
        "STRANGER": passed_on(stranger, "alice"),
        "BELOW": passed_on(stranger, "below"),
        "AUTHORITY": f":{base64.b64encode(authority.certificate.public_bytes(Encoding.DER)).decode()}:",
    }
    for name, text in certificates.items():
        claims = [(field, value.replace(name, text)) for field, value in claims]
    element = TlsTerminator(id="t", proxies=(ELSEWHERE, EDGE if by_certificate else HERE), trust_store=authority.trust())
    tls = authority.client("edge") if by_certificate else None
    elements = [authority.tls(client_authentication_supported=True)] if by_certificate else []
    told = await asked(serve, claims, tls, *elements, tls_terminator=element)
    if by_certificate and ("$WSIS", "false") not in claims and expected.status == 200:
        expected = Told(200, expected.callers, "https", expected.address, expected.authority)
    assert told == (expected, expected)


@pytest.mark.parametrize(
    ("proxy", "name"),
    [
        (EDGE, "mallory"),
        (Proxy(subject="CN=edge", issuer="CN=another"), "edge"),
        (Proxy(subject="CN=edge", address="10.1.0.0/16"), "edge"),
        (Proxy(address="127.0.0.1", subject="CN=edge"), "mallory"),
        (Proxy(subject="CN=edge,O=Example"), "edge"),
    ],
)
async def test_another_certificate_is_no_proxy(serve: Serve, authority: Authority, proxy: Proxy, name: str) -> None:
    """All that is written about a proxy must hold; who is none stays who he is."""
    element = TlsTerminator(id="t", proxies=(proxy,), trust_store=authority.trust())
    claims = [("Client-Cert", passed_on(authority, "alice"))]
    settings = authority.tls(client_authentication_supported=True)
    expected = Told(200, (name,), "https")
    assert await asked(serve, claims, authority.client(name), settings, tls_terminator=element) == (expected, expected)


async def test_the_certificate_of_a_proxy_is_nobody_behind_it(serve: Serve, authority: Authority) -> None:
    """A request that brings no certificate of a caller has none."""
    element = TlsTerminator(id="t", proxies=(EDGE,))
    settings = authority.tls(client_authentication=True)
    expected = Told(200, NOBODY, "https")
    assert await asked(serve, [], authority.client("edge"), settings, tls_terminator=element) == (expected, expected)


async def test_the_trust_of_the_endpoint_is_the_default(serve: Serve, authority: Authority, stranger: Authority) -> None:
    """Without trustStoreRef a certificate is believed that the handshake would have believed; without any, none."""
    element = TlsTerminator(id="t", proxies=(HERE,))
    for settings, names, expected in (
        ([authority.tls()], authority, Told(200, ALICE, "https")),
        ([authority.tls()], stranger, Told(403)),
        ([], authority, Told(403)),
    ):
        claims = [("Client-Cert", passed_on(names, "alice"))]
        assert await asked(serve, claims, None, *settings, tls_terminator=element) == (expected, expected)


async def test_all_that_comes_from_a_terminator_may_be_secure(serve: Serve) -> None:
    """AT-TLS says nothing about itself; others stay what they are."""
    for proxy, scheme in ((HERE, "https"), (ELSEWHERE, "http")):
        expected = Told(200, NOBODY, scheme)
        assert await asked(serve, [], None, tls_terminator=TlsTerminator(id="t", proxies=(proxy,), secure=True)) == (expected, expected)


async def test_remoteIp_goes_with_it(serve: Serve, authority: Authority) -> None:
    """The caller's address from Forwarded, his certificate from Client-Cert."""
    element = TlsTerminator(id="t", proxies=(HERE,), trust_store=authority.trust())
    claims = [("Forwarded", "for=9.9.9.9;proto=https"), ("Client-Cert", passed_on(authority, "alice"))]
    expected = Told(200, ALICE, "https", "9.9.9.9")
    assert await asked(serve, claims, None, tls_terminator=element, remote_ip=RemoteIp()) == (expected, expected)


DISPATCHERS: dict[str, tuple[dict[str, tuple[str, ...]], Told]] = {
    "nothing written": ({}, Told(200)),
    "everybody": ({"trusted_header_origin": ("*",), "trusted_sensitive_header_origin": ("*",)}, Told(200)),
    "others": ({"trusted_header_origin": ("10.*.*.*",), "trusted_sensitive_header_origin": ("10.1.1.1",)}, Told(200)),
    "a host": ({"trusted_header_origin": ("localhost",)}, Told(200)),
    "what was called": ({"trusted_header_origin": ("none", "127.0.*.*")}, Told(200, NOBODY, "https", authority="front.test")),
    "who calls": (
        {"trusted_header_origin": ("none",), "trusted_sensitive_header_origin": ("10.1.1.1", "127.0.0.1")},
        Told(200, ALICE, "https", "9.9.9.9", "front.test"),
    ),
}


@pytest.mark.parametrize(("lists", "expected"), DISPATCHERS.values(), ids=DISPATCHERS.keys())
async def test_the_lists_of_the_dispatcher(serve: Serve, authority: Authority, lists: dict[str, Any], expected: Told) -> None:
    """Liberty's own: who may say what was called, and who may say who calls; Client-Cert is not theirs."""
    claims = [("$WSIS", "true"), ("$WSSN", "front.test"), ("$WSCC", passed_on(authority, "alice")), ("$WSRA", "9.9.9.9"), ("$WSRU", "x")]
    told = await asked(serve, [*claims, ("Client-Cert", "x")], None, HttpDispatcher(**lists), authority.tls())
    assert told == (expected, expected)


async def test_claims_count_among_the_fields(serve: Serve) -> None:
    """limitNumHeaders holds for what is thrown away, too."""
    claims = [("$WSAT", "x")] * 51
    assert await asked(serve, claims, None, options=HttpOptions(limit_num_headers=50)) == (Told(400), Told(400))


async def test_the_next_caller_of_a_connection_is_another(serve: Serve, authority: Authority) -> None:
    """A proxy sends the requests of many over one connection: what it said about one holds for none of the others."""
    server = await serve(tls_terminator=TlsTerminator(id="t", proxies=(HERE,), trust_store=authority.trust()))
    client = await server.connect()
    alice, bob = (f"Client-Cert: {passed_on(authority, name)}\r\n" for name in ("alice", "bob"))
    for line in (alice, alice, "", bob, "", alice):
        client.send(f"GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n".encode())
        await client.answer()
    callers = [_common(request.peer.certificates[0]) if request.peer.certificates else "" for request in server.far.requests]
    assert callers == ["alice", "alice", "", "bob", "", "alice"]
    client.close()


async def test_a_refused_request_with_a_body(serve: Serve, authority: Authority) -> None:
    """The answer comes all the same, and nothing of the body is taken for a request."""
    server = await serve(tls_terminator=TlsTerminator(id="t", proxies=(HERE,), trust_store=authority.trust()))
    answer = await server.ask(
        b"POST / HTTP/1.1\r\nHost: a\r\nClient-Cert: x\r\nContent-Length: 30\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert server.far.requests == []


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("10.1.0.0/16", "10.1.2.3", "10.2.0.1"),
        ("10.1.*.*", "10.1.2.3", "10.2.0.1"),
        ("10.1.2.3", "10.1.2.3", "::a01:203"),
        ("2001:db8::/32", "2001:db8::1", "10.1.2.3"),
        ("::a01:203", "::a01:203", "10.1.2.3"),
        ("fe80::/10", "fe80::1%eth0", "2001:db8::1"),
    ],
)
def test_addresses(text: str, inside: str, outside: str) -> None:
    """Compared as numbers, each family by itself."""
    assert within(text)(inside)
    assert not within(text)(outside)


@pytest.mark.parametrize("text", ["10.1.2.3/16", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/8", "0177.0.0.1", "10.1", "host", "10.0.0.0/33"])
def test_what_is_no_address(text: str) -> None:
    """Host bits, everybody, octal and names are mistakes (N-1203)."""
    with pytest.raises(ValueError, match=r"."):
        within(text)


@pytest.mark.parametrize(
    ("proxies", "numbers"), [((), ["ZCON0876E"]), ((Proxy(), HERE), ["ZCON0877E"]), ((HERE, EDGE, Proxy(issuer="CN=authority")), [])]
)
def test_a_proxy_is_somebody(proxies: tuple[Proxy, ...], numbers: list[str]) -> None:
    """One who could be anybody stops the start."""
    problems = list(TlsTerminator(id="t", proxies=proxies).mistakes())
    assert [problem.told.message.number for problem in problems] == numbers
    assert all(problem.stops for problem in problems)
