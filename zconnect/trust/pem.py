"""Keys and certificates as PEM text (RFC 7468): one file, or a folder of them."""

import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates

from zconnect.trust.entries import PRIVATE_KEYS, Entries, PrivateKey, Unreadable, gathered

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".key"})
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


def files(location: Path) -> tuple[Path, ...]:
    """The files that a location stands for, by name: itself, or what is PEM by its suffix in the folder."""
    if not location.is_dir():
        return (location,)
    return tuple(sorted(path for path in location.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file()))


def read(location: Path, password: str | None) -> Entries:
    """All entries; a file's name without suffix is the alias of what is in it. Raises `Unreadable` and OSError."""
    texts = [(path.stem, path.read_bytes()) for path in files(location)]
    try:
        keys = [found for alias, text in texts for found in _keys(alias, text, password)]
        certificates = [found for alias, text in texts for found in _certificates(alias, text)]
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise Unreadable(f"it is damaged, or the password is wrong ({type(problem).__name__})") from None
    return gathered(keys, certificates)


def _keys(alias: str, text: bytes, password: str | None) -> Iterator[tuple[str, PrivateKey]]:
    for block in _KEY.findall(text):
        sealed = b"ENCRYPTED" in block
        key = load_pem_private_key(block, password.encode() if sealed and password else None)
        if isinstance(key, PRIVATE_KEYS):
            yield alias, key


def _certificates(alias: str, text: bytes) -> Iterator[tuple[str, Certificate]]:
    if b"-----BEGIN CERTIFICATE-----" in text:
        yield from ((alias, certificate) for certificate in load_pem_x509_certificates(text))
