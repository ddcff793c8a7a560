"""Keys, certificates and revocation lists as PEM text (RFC 7468): one file, or a folder of them."""

import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, CertificateRevocationList, load_der_x509_crl, load_pem_x509_certificates, load_pem_x509_crl

from zconnect.trust.entries import PRIVATE_KEYS, Entries, PrivateKey, Unreadable, gathered

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".key", ".crl"})
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_LIST = re.compile(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)


def files(location: Path) -> tuple[Path, ...]:
    """The files that a location stands for, by name: itself, or what is PEM by its suffix in the folder."""
    if not location.is_dir():
        return (location,)
    return tuple(sorted(path for path in location.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()))


def read(location: Path, password: str | None) -> Entries:
    """All entries; a file's name without suffix is the alias of what is in it. Raises `Unreadable` and OSError."""
    read = [(path, path.read_bytes()) for path in files(location)]
    texts = [(path.stem, text) for path, text in read]
    try:
        keys = [found for alias, text in texts for found in _keys(alias, text, password)]
        certificates = [found for alias, text in texts for found in _certificates(alias, text)]
        revoked = tuple(found for path, text in read for found in _lists(path, text))
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise Unreadable(f"it is damaged, or the password is wrong ({type(problem).__name__})") from None
    return gathered(keys, certificates)._replace(revoked=revoked)


def _keys(alias: str, text: bytes, password: str | None) -> Iterator[tuple[str, PrivateKey]]:
    for block in _KEY.findall(text):
        sealed = b"ENCRYPTED" in block
        key = load_pem_private_key(block, password.encode() if sealed and password else None)
        if isinstance(key, PRIVATE_KEYS):
            yield alias, key


def _certificates(alias: str, text: bytes) -> Iterator[tuple[str, Certificate]]:
    if b"-----BEGIN CERTIFICATE-----" in text:
        yield from ((alias, certificate) for certificate in load_pem_x509_certificates(text))


def _lists(path: Path, text: bytes) -> Iterator[CertificateRevocationList]:
    """The revocation lists of a file; where its suffix says that it is one, it may be DER, as authorities publish them."""
    if path.suffix.lower() == ".crl" and not text.startswith(b"-----BEGIN "):
        yield load_der_x509_crl(text)
    yield from map(load_pem_x509_crl, _LIST.findall(text))
