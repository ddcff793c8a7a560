"""What the tests of this room share: certificates, an assembly over a real folder, and a key set published over real sockets."""

import base64
import json
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element
from zconnect.runtime.assembly import Opening
from zconnect.runtime.memory import Memory
from zconnect.trust.entries import KeyEntry, PrivateKey
from zconnect.trust.token import PublicKey, jwk_of_key
from zconnect.values import Place

PASSWORD = "changeit"


@lru_cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """An RSA key, the same one for a name."""
    return rsa.generate_private_key(65537, bits)


@lru_cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key, the same one for a name."""
    return ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> bytes:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jwk(key: PublicKey, **members: object) -> dict[str, object]:
    """A published key."""
    return {**jwk_of_key(key), **members}


def name(common_name: str) -> x509.Name:
    """A distinguished name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def certificate(
    common_name: str, key: PrivateKey, issuer: KeyEntry | None = None, *, ends: timedelta = timedelta(days=90), ca: bool = False
) -> x509.Certificate:
    """A certificate, by itself or by an authority."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(common_name)]), critical=False)
    )
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def entry(alias: str, issuer: KeyEntry | None = None, *, ca: bool = False, common_name: str = "localhost") -> KeyEntry:
    """A private key with its chain."""
    key = ec_key(alias)
    own = certificate(common_name if not ca else alias, key, issuer, ca=ca)
    return KeyEntry(alias, key, (own, *(issuer.chain if issuer else ())))


def revocations(
    issuer: KeyEntry, *revoked: KeyEntry, ends: timedelta = timedelta(days=1), signer: KeyEntry | None = None
) -> x509.CertificateRevocationList:
    """The list of what an authority has taken back."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, now - timedelta(days=10), now + ends)
    for each in revoked:
        serial = each.certificate.serial_number
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, now - timedelta(days=1)).build())
    return builder.sign((signer or issuer).key, hashes.SHA256())


def written_trust(certificates: Sequence[tuple[str, x509.Certificate]], password: str) -> bytes:
    """A store with trusted certificates; only with Java's own attribute does Java see them."""
    bags = [pkcs12.PKCS12Certificate(each, alias.encode()) for alias, each in certificates]
    return pkcs12.serialize_java_truststore(bags, BestAvailableEncryption(password.encode()))


@asynccontextmanager
async def assembly(folder: Path, *elements: Element) -> AsyncIterator[Opening]:
    """An assembly over a configuration of these elements."""
    async with AsyncExitStack() as held:
        yield Opening(Configuration(elements), Place("test", *[folder] * 4), Memory(), held)


class Provider:
    """An identity provider that publishes what `answer` says, and counts who asks."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answer: Mapping[str, object] | bytes = {"keys": []}
        self.status = 200
        self.fields: dict[str, str] = {}
        self.pause = 0.0  # seconds between two bytes of the body
        self.asked: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("localhost", 0), self._handler())
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "http" if context is None else "https"

    @property
    def url(self) -> str:
        """Where the key set is."""
        return f"{self.scheme}://localhost:{self._server.server_port}/jwks"

    def publish(self, *keys: dict[str, object]) -> None:
        """Publish these keys and no others."""
        self.status, self.answer = 200, {"keys": list(keys)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append({key.lower(): value for key, value in self.headers.items()})
                body = provider.answer if isinstance(provider.answer, bytes) else json.dumps(provider.answer).encode()
                self.send_response(provider.status)
                for field, value in {"Content-Length": str(len(body)), **provider.fields}.items():
                    self.send_header(field, value)
                self.end_headers()
                for byte in [body] if not provider.pause else [body[at : at + 1] for at in range(len(body))]:
                    try:
                        self.wfile.write(byte)
                        self.wfile.flush()
                    except OSError:
                        return
                    time.sleep(provider.pause)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        return Handler

    def serve(self) -> None:
        """Answer until it is stopped."""
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def provider(context: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """A provider that answers."""
    running = Provider(context)
    thread = threading.Thread(target=running.serve, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join()
