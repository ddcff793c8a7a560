"""An authority of the tests' own, the key stores it fills and the clients it certifies."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from zconnect.config.passwords import Password
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

PASSWORD = "a test's password"


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Authority:
    """Signs certificates for servers and clients; everything lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed("authority", self._key, authority=True)

    @property
    def pem(self) -> str:
        """The authority's certificate."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def _signed(self, common: str, key: ec.EllipticCurvePrivateKey, *, authority: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(_name("authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(common)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if authority:
            usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        return builder.sign(self._key, hashes.SHA256())

    def signed(self, common: str) -> x509.Certificate:
        """A certificate of that name, whose key nobody has."""
        return self._signed(common, ec.generate_private_key(ec.SECP256R1()))

    def store(self, common: str) -> KeyStore:
        """A key store with a key for a server, and the authority as its trust."""
        key = ec.generate_private_key(ec.SECP256R1())
        data = pkcs12.serialize_key_and_certificates(
            b"server", key, self._signed(common, key), [self.certificate], BestAvailableEncryption(PASSWORD.encode())
        )
        path = self.folder / f"{common}-{id(key)}.p12"
        path.write_bytes(data)
        return KeyStore(id=f"{common}-store", location=str(path), password=Password(PASSWORD))

    def trust(self) -> KeyStore:
        """A key store with the authority alone."""
        path = self.folder / "trust.p12"
        path.write_bytes(
            pkcs12.serialize_java_truststore(
                [pkcs12.PKCS12Certificate(self.certificate, b"authority")], BestAvailableEncryption(PASSWORD.encode())
            )
        )
        return KeyStore(id="trust", location=str(path), password=Password(PASSWORD))

    def tls(self, common: str = "localhost", **settings: object) -> Ssl:
        """The TLS settings of a server."""
        return Ssl(id="defaultSSLConfig", key_store=self.store(common), trust_store=self.trust(), **settings)  # type: ignore[arg-type]

    def client(self, common: str = "", alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
        """A client that trusts this authority, with a certificate of its own if it has a name."""
        context = ssl.create_default_context(cadata=self.pem)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if common:
            key = ec.generate_private_key(ec.SECP256R1())
            path = self.folder / f"client-{common}.pem"
            private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path.write_bytes(private + self._signed(common, key).public_bytes(Encoding.PEM))
            context.load_cert_chain(path)
        return context
