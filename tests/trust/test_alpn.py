"""ALPN, over real sockets."""

import ssl

import pytest

from tests.trust.test_tls import SERVER, shaken, store, tls
from zconnect.trust.alpn import alpn_of, speak


def hello(*protocols: str) -> bytes:
    """The ClientHello of a client that offers these protocols, as OpenSSL makes it, without the record's header."""
    context = ssl.create_default_context()
    if protocols:
        context.set_alpn_protocols(list(protocols))
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()[5:]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("offered", "passes"),
    [((), True), (("http/1.1",), True), (("h2", "http/1.1"), True), (("zz", "h2"), True), (("zz",), False), (("ftp", "h3"), False)],
)
def test_who_offers_nothing_that_we_speak_is_refused(version: ssl.TLSVersion, offered: tuple[str, ...], passes: bool) -> None:
    """RFC 7301, section 3.2: with the alert no_application_protocol; who offers nothing is served."""
    server, client = tls(store(SERVER)).server_context(), tls(None).client_context()
    speak(server, ("h2", "http/1.1"))
    client.maximum_version = version
    if offered:
        client.set_alpn_protocols(list(offered))

    if passes:
        assert shaken(server, client)[0]
    else:
        with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
            shaken(server, client)


def test_a_hello_tells_what_it_offers() -> None:
    """In the order of the client, and nothing where it offers nothing or ends anywhere before its end."""
    whole = hello("zz", "h2")

    assert alpn_of(whole) == (b"zz", b"h2")
    assert alpn_of(hello()) == ()
    for end in range(len(whole)):
        assert len(alpn_of(whole[:end])) <= 2
