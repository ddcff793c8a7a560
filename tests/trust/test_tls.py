"""<ssl> and <sslDefault>, proved by handshakes over real sockets."""

import base64
import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import CertificateRevocationList

from tests.trust.support import assembly, certificate, ec_key, entry, revocations
from zconnect.errors import Unavailable
from zconnect.trust.clientcert import Unbelieved, Verifier
from zconnect.trust.entries import Entries, KeyEntry
from zconnect.trust.keystore import KeyStore, Store
from zconnect.trust.tls import DEFAULT_SSL, Ssl, SslDefault, TlsSettings, default_tls, outbound_tls

CA = entry("ca", ca=True)
OTHER_CA = entry("otherca", ca=True)
SERVER = entry("server", CA)
CLIENT = entry("client", CA, common_name="alice")
STRANGER = entry("stranger", OTHER_CA, common_name="alice")
ELSEWHERE = entry("elsewhere", CA, common_name="elsewhere.example")


def store(*entries: KeyEntry, trusted: tuple[KeyEntry, ...] = ()) -> Store:
    """An opened key store."""
    keys = {each.alias: each for each in entries}
    return Store("store", Entries(keys, {each.alias: each.certificate for each in trusted}))


TRUST = store(trusted=(CA,))


def tls(keys: Store | None, trust: Store | None = TRUST, **attributes: Any) -> TlsSettings:
    """Opened settings."""
    return TlsSettings(replace(Ssl(id="s"), **attributes), keys, trust)


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, host: str = "localhost") -> tuple[str, bytes | None, bytes | None]:
    """The protocol, the server's and the client's certificate of a handshake with a byte sent; raises ssl.SSLError and OSError."""
    near, far = socket.socketpair()
    seen: list[bytes | Exception | None] = []

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as connection:
                seen.append(connection.getpeercert(binary_form=True))
                connection.sendall(b"!")
        except OSError as problem:
            seen.append(problem)
        finally:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with near, client.wrap_socket(near, server_hostname=host) as connection:
            byte = connection.recv(1)
            found = connection.version() or "", connection.getpeercert(binary_form=True)
    finally:
        near.close()
        thread.join()
    if isinstance(seen[0], Exception) or byte != b"!":
        raise ssl.SSLError(str(seen[0]))
    return (*found, seen[0])


def der(entry: KeyEntry) -> bytes:
    """The certificate of an entry as it goes over the wire."""
    return entry.certificate.public_bytes(Encoding.DER)


def test_a_key_in_memory_serves_and_is_trusted() -> None:
    """The chain of the key store reaches the client; the newest protocol is spoken."""
    version, theirs, ours = shaken(tls(store(SERVER)).server_context(), tls(None).client_context("localhost"))

    assert version == "TLSv1.3"
    assert theirs == der(SERVER)
    assert ours is None


def test_the_alias_chooses_the_key() -> None:
    """serverKeyAlias in any letter case; without it the first key."""
    keys = store(ELSEWHERE, SERVER)

    assert shaken(tls(keys, server_key_alias="SERVER").server_context(), tls(None).client_context())[1] == der(SERVER)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls(keys).server_context(), tls(None).client_context())


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        (tls(None), "ZCON0371E"),
        (tls(TRUST), "ZCON0370E"),
        (tls(store(SERVER), server_key_alias="missing"), "CWPKI0024E"),
        (tls(store(KeyEntry("wrong", ec_key("wrong"), (SERVER.certificate,)))), "ZCON0377E"),
    ],
)
def test_without_its_key_nothing_is_served(settings: TlsSettings, number: str) -> None:
    """A port that could not shake hands is not opened."""
    with pytest.raises(Unavailable, match=number):
        settings.server_context()


def test_a_missing_client_key_is_told() -> None:
    """clientKeyAlias must exist."""
    with pytest.raises(Unavailable, match="CWPKI0023E"):
        tls(store(CLIENT), client_key_alias="missing").client_context()


@pytest.mark.parametrize(
    ("attributes", "client", "expected"),
    [
        ({}, CLIENT, None),
        ({"client_authentication": True}, CLIENT, CLIENT),
        ({"client_authentication": True}, None, ssl.SSLError),
        ({"client_authentication": True}, STRANGER, ssl.SSLError),
        ({"client_authentication_supported": True}, CLIENT, CLIENT),
        ({"client_authentication_supported": True}, None, None),
        ({"client_authentication_supported": True}, STRANGER, ssl.SSLError),
        ({"client_authentication": True, "client_authentication_supported": True}, None, ssl.SSLError),
    ],
)
def test_client_certificates_are_asked_for(attributes: dict[str, Any], client: KeyEntry | None, expected: object) -> None:
    """Required, supported or not at all; one of an unknown authority never passes."""
    server = tls(store(SERVER), **attributes).server_context()
    context = tls(store(client) if client else None).client_context()

    if isinstance(expected, type):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shaken(server, context)
    else:
        assert shaken(server, context)[2] == (der(expected) if isinstance(expected, KeyEntry) else None)


def test_the_client_key_is_chosen() -> None:
    """clientKeyAlias in any letter case; without it the first key."""
    server = tls(store(SERVER), client_authentication=True).server_context()
    keys = store(CLIENT, ELSEWHERE)

    assert shaken(server, tls(keys, client_key_alias="Elsewhere").client_context())[2] == der(ELSEWHERE)
    assert shaken(server, tls(keys).client_context())[2] == der(CLIENT)


REVOKED = {
    "not revoked": ([revocations(CA, ELSEWHERE)], True),
    "revoked": ([revocations(CA, CLIENT)], False),
    "revoked in one of two lists": ([revocations(CA), revocations(OTHER_CA), revocations(CA, ELSEWHERE, CLIENT)], None),
    "the list has ended": ([revocations(CA, ends=-timedelta(days=1))], False),
    "a list of another authority": ([revocations(OTHER_CA)], False),
    "a list that somebody else has signed": ([revocations(CA, signer=OTHER_CA)], False),
}


@pytest.mark.parametrize(("lists", "passes"), REVOKED.values(), ids=REVOKED.keys())
@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
def test_a_certificate_may_be_revoked(lists: list[CertificateRevocationList], passes: bool | None, protocol: str) -> None:
    """Where the trust store holds revocation lists; a forwarded certificate is judged alike."""
    trust = Store("trust", TRUST.entries._replace(revoked=tuple(lists)))
    server = tls(store(SERVER), trust, client_authentication=True, ssl_protocol=protocol).server_context()
    client = tls(store(CLIENT)).client_context()
    verifier = Verifier(trust.anchors, trust.entries.revoked)
    fields = [b":" + base64.b64encode(der(CLIENT)) + b":"]
    if passes:
        assert shaken(server, client)[2] == der(CLIENT)
        assert verifier.verified(fields, time.time())[0] == der(CLIENT)
        return
    with pytest.raises(Unbelieved, match="revo"):
        verifier.verified(fields, time.time())
    if passes is False:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shaken(server, client)


def test_a_called_server_may_be_revoked() -> None:
    """The same holds for calls of ours."""
    server = tls(store(SERVER)).server_context()
    for lists, passes in (((revocations(CA),), True), ((revocations(CA, SERVER),), False)):
        client = tls(None, Store("trust", TRUST.entries._replace(revoked=lists))).client_context()
        if passes:
            shaken(server, client)
        else:
            with pytest.raises(ssl.SSLCertVerificationError, match="revoked"):
                shaken(server, client)


def test_any_trusted_certificate_ends_a_chain() -> None:
    """As in Java, a leaf in the trust store is trusted itself, and nobody else of its authority."""
    trust = store(trusted=(SERVER,))

    shaken(tls(store(SERVER)).server_context(), tls(None, trust).client_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls(store(entry("second", CA))).server_context(), tls(None, trust).client_context())


def test_without_a_trust_store_nobody_is_trusted() -> None:
    """The authorities of the machine count only where trustDefaultCerts says so."""
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls(store(SERVER)).server_context(), tls(None, None).client_context())
    assert tls(None, None).client_context().get_ca_certs() == []


@pytest.mark.parametrize(
    ("attributes", "host", "wanted", "passes"),
    [
        ({}, "localhost", True, False),
        ({"verify_hostname": False}, "localhost", True, True),
        ({}, "localhost", False, True),
        ({"skip_hostname_verification_for_hosts": ("localhost",)}, "localhost", True, True),
        ({"skip_hostname_verification_for_hosts": ("*.example",)}, "a.example", True, True),
        ({"skip_hostname_verification_for_hosts": ("*.example",)}, "notexample", True, False),
    ],
)
def test_the_host_name_is_checked(attributes: dict[str, Any], host: str, wanted: bool, passes: bool) -> None:
    """Unless verifyHostname, the caller or the list of hosts says otherwise; the chain is checked in any case."""
    server = tls(store(ELSEWHERE)).server_context()
    client = tls(None, **attributes).client_context(host, wanted)

    assert client.verify_mode is ssl.CERT_REQUIRED
    if passes:
        assert shaken(server, client, host)[1] == der(ELSEWHERE)
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(server, client, host)


def test_an_expired_certificate_is_not_trusted() -> None:
    """Neither of a server nor of a client."""
    old = KeyEntry("old", ec_key("old"), (certificate("localhost", ec_key("old"), CA, ends=timedelta(days=-1)),))

    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls(store(old)).server_context(), tls(None).client_context())
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shaken(tls(store(SERVER), client_authentication=True).server_context(), tls(store(old)).client_context())


async def test_the_implied_settings_serve_with_the_default_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any ssl element; the generated certificate is good for localhost and trusted by itself."""
    monkeypatch.setenv("keystore_password", "long enough")
    async with assembly(tmp_path) as made:
        settings = await made.opened(default_tls(made.configuration))

    assert shaken(settings.server_context(), settings.client_context("localhost"))[0] == "TLSv1.3"


async def test_sslDefault_and_ids_decide(tmp_path: Path) -> None:
    """sslRef first, then the id defaultSSLConfig, then what is implied; outboundSSLRef for calling."""
    named, default, outbound = Ssl(id="named"), Ssl(id=DEFAULT_SSL), Ssl(id="out")
    async with assembly(tmp_path, SslDefault(ssl=named, outbound_ssl=outbound), default) as made:
        assert default_tls(made.configuration) is named
        assert outbound_tls(made) is outbound
    async with assembly(tmp_path, default) as made:
        assert default_tls(made.configuration) is default
        assert outbound_tls(made) is default
    async with assembly(tmp_path) as made:
        assert default_tls(made.configuration).id == DEFAULT_SSL
        assert outbound_tls(made) is None
    async with assembly(tmp_path, KeyStore(id="defaultKeyStore")) as made:
        assert outbound_tls(made) is default_tls(made.configuration)


async def test_settings_of_trust_alone_open_no_default_store(tmp_path: Path) -> None:
    """An ssl element for calling others needs no key of its own."""
    async with assembly(tmp_path) as made:
        opened = await made.opened(Ssl(id="outbound"))

    assert opened.client_context().get_ca_certs() == []
    with pytest.raises(Unavailable, match="ZCON0371E"):
        opened.server_context()
