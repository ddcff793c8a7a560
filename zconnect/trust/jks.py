"""Java's own key store formats (JKS, JCEKS), read only: big-endian fields, keys under home-made ciphers, a digest over all."""

import struct
from collections.abc import Iterator
from hashlib import sha1
from hmac import compare_digest
from itertools import chain as joined
from types import MappingProxyType

from asn1crypto.keys import EncryptedPrivateKeyInfo
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509 import Certificate, load_der_x509_certificate

from zconnect.trust import jceks
from zconnect.trust.entries import PRIVATE_KEYS, Entries, KeyEntry, Unreadable

MAGIC = (b"\xfe\xed\xfe\xed", jceks.MAGIC)
_WHITENER = b"Mighty Aphrodite"
_SHA1 = 20


class _Reader:
    """The fields of the file, one after another; struct.error or IndexError where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, form: str) -> int:
        """A big-endian number."""
        (value,) = struct.unpack_from(f">{form}", self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def octets(self, width: str = "I") -> bytes:
        """Bytes behind their length."""
        length = self.number(width)
        self._at += length
        if self._at > len(self._data):
            raise IndexError
        return self._data[self._at - length : self._at]

    def text(self) -> str:
        """Java's modified UTF-8, which is UTF-8 for any alias in use."""
        return self.octets("H").decode("utf-8", "surrogatepass")

    def certificate(self) -> Certificate:
        """A certificate behind the name of its kind."""
        self.text()
        return load_der_x509_certificate(self.octets())


def read(data: bytes, password: str, key_password: str | None = None) -> Entries:
    """All entries of a store; raises `Unreadable` on a damaged one or a wrong password."""
    body, digest = data[:-_SHA1], data[-_SHA1:]
    if not compare_digest(sha1(_wide(password) + _WHITENER + body).digest(), digest):
        raise Unreadable("it is damaged, or the password is wrong")
    try:
        return _entries(_Reader(body[4:]), key_password or password)
    except (struct.error, IndexError, ValueError, TypeError) as problem:
        raise Unreadable(f"it is damaged ({type(problem).__name__})") from None


def _wide(password: str) -> bytes:
    return password.encode("utf-16-be")


def _entries(reader: _Reader, password: str) -> Entries:
    keys: dict[str, KeyEntry] = {}
    trusted: dict[str, Certificate] = {}
    reader.number("I")  # the version; both known ones have the same fields
    for _ in range(reader.number("I")):
        kind, alias = reader.number("I"), reader.text().lower()
        reader.number("Q")  # when it was made
        if kind == 1:
            sealed = reader.octets()
            certificates = tuple(reader.certificate() for _ in range(reader.number("I")))
            key = load_der_private_key(_opened(sealed, password), None)
            if isinstance(key, PRIVATE_KEYS) and certificates:
                keys[alias] = KeyEntry(alias, key, certificates)
        elif kind == 2:
            trusted[alias] = reader.certificate()
        elif kind == 3:  # an object of Java, which does not say where it ends
            raise Unreadable(f"it holds a secret key ({alias}); copy the rest: keytool -importkeystore -deststoretype PKCS12 -srcalias …")
        else:
            raise ValueError("an entry of an unknown kind")
    return Entries(MappingProxyType(keys), MappingProxyType(trusted))


def _opened(sealed: bytes, password: str) -> bytes:
    """A private key as PKCS8."""
    info = EncryptedPrivateKeyInfo.load(sealed)
    if info["encryption_algorithm"]["algorithm"].dotted == jceks.OID:
        return jceks.opened(info, password)
    return _unmasked(info["encrypted_data"].native, _wide(password))


def _unmasked(data: bytes, password: bytes) -> bytes:
    """The cipher of JKS: salt, key XOR a chain of digests, digest of the key."""
    salt, cipher, check = data[:_SHA1], data[_SHA1:-_SHA1], data[-_SHA1:]
    plain = bytes(left ^ right for left, right in zip(cipher, joined.from_iterable(_stream(password, salt)), strict=False))
    if not compare_digest(sha1(password + plain).digest(), check):
        raise Unreadable("the password of a key is wrong")
    return plain


def _stream(password: bytes, block: bytes) -> Iterator[bytes]:
    while True:
        block = sha1(password + block).digest()
        yield block
