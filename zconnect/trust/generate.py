"""New keys with a self-signed certificate, and the key store that the server makes for itself at its first start."""

import os
import socket
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from logging import getLogger
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zconnect.errors import Unavailable
from zconnect.messages import audit, error, info
from zconnect.trust.entries import KeyEntry
from zconnect.trust.pkcs12 import written

logger = getLogger(__name__)

BEGUN = info("CWPKI0802I", "A key and a certificate for TLS are being made.")
MADE = audit("CWPKI0803A", "A key and a certificate for TLS were made in {seconds} seconds and stand in {file}.")
NOT_MADE = error("CWPKI0804E", "The key store for TLS could not be made: {reason}.", "Correct that, or put a key store of yours there.")
SHORT_PASSWORD = error(
    "CWPKI0808E", "The password of the key store has fewer than 6 characters, so no certificate was made.", "Choose a longer one."
)

ALIAS = "default"
SHORTEST_PASSWORD = 6
VALID = timedelta(days=365)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_CLOCKS = timedelta(minutes=5)  # a client whose clock is slow shall not find the new certificate too young


def self_signed(subject: x509.Name, names: Iterable[str], *, valid: timedelta = VALID, rsa_bits: int = 0, alias: str = ALIAS) -> KeyEntry:
    """A new key (P-256, or RSA where `rsa_bits` says its size) with a certificate for DNS names and addresses."""
    key = rsa.generate_private_key(65537, rsa_bits) if rsa_bits else ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in dict.fromkeys(names)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeyEntry(alias, key, (certificate,))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def host_name() -> str:
    """The name of this machine as a certificate may carry it."""
    name = socket.gethostname().lower()
    return name if name.isascii() and 0 < len(name) <= 64 else "localhost"


def addresses(host: str) -> list[str]:
    """The addresses that a name of this machine stands for; none where nobody knows it."""
    try:
        return sorted({str(address[0]) for *_, address in socket.getaddrinfo(host, None) if "%" not in str(address[0])})
    except OSError:
        return []


def make_default(path: Path, password: str, server: str) -> None:
    """Make the server's own key store unless somebody else has done so meanwhile; raises `Unavailable`."""
    BEGUN.log(logger)
    begun = time.monotonic()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(password) < SHORTEST_PASSWORD:
            raise Unavailable(SHORT_PASSWORD())
        host = host_name()
        # The most general name goes first (X.501), so that people read CN=host,OU=server.
        names = ((NameOID.ORGANIZATIONAL_UNIT_NAME, server[:64]), (NameOID.COMMON_NAME, host))
        subject = x509.Name([x509.NameAttribute(*each) for each in names])
        save_new(path, written(self_signed(subject, (host, *_LOCAL, *addresses(host))), password))
    except FileExistsError:
        return
    except OSError as problem:
        raise Unavailable(NOT_MADE(reason=problem.strerror or problem)) from None
    MADE.log(logger, seconds=f"{time.monotonic() - begun:.3f}", file=path)


def save_new(path: Path, data: bytes) -> None:
    """Write a private file whole or not at all; raises FileExistsError where there is one already, and OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.link(name, path)
    finally:
        os.unlink(name)
