"""The file of LTPA keys that servers share (ltpa.version 1.0, properties as java.util.Properties writes them): read and made."""

import base64
import hashlib
import secrets
import socket
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.padding import PKCS7

from zconnect.config.properties import parse_properties
from zconnect.trust.entries import Unreadable

_PREFIX = "com.ibm.websphere.ltpa."
_SECRET, _PRIVATE, _PUBLIC = (f"{_PREFIX}{name}" for name in ("3DESKey", "PrivateKey", "PublicKey"))
_BITS, _FACTOR, _EXPONENT = 1024, 65, 65537  # what the format has room for


class LtpaKeys:
    """The keys of one file: 24 shared bytes that encrypt, and an RSA key that signs."""

    __slots__ = ("_private", "_public", "cipher")

    def __init__(self, secret: bytes, private: rsa.RSAPrivateKey) -> None:
        self._private = private
        self._public = private.public_key()
        # AES-128 in CBC encrypts tokens; the format demands that the initialization vector is the key.
        self.cipher = Cipher(AES128(secret[:16]), modes.CBC(secret[:16]))

    def sign(self, data: bytes) -> bytes:
        """The signature of data: RSASSA-PKCS1-v1_5 with SHA-1 over the SHA-1 of it, as LTPA version 2 has it."""
        return self._private.sign(hashlib.sha1(data).digest(), PKCS1v15(), SHA1())

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether a signature is that of data."""
        try:
            self._public.verify(signature, hashlib.sha1(data).digest(), PKCS1v15(), SHA1())
        except InvalidSignature:
            return False
        return True


def read(data: bytes, password: str) -> LtpaKeys:
    """The keys of a file; raises `Unreadable` on a damaged one or a wrong password."""
    try:
        found = parse_properties(data.decode("latin-1"))
        secret, private = (_opened(found[name], password) for name in (_SECRET, _PRIVATE))
        key = _private_key(private, base64.b64decode(found[_PUBLIC], validate=True))
    except KeyError as problem:
        raise Unreadable(f"it has no property {problem.args[0]}") from None
    except (ValueError, ArithmeticError):
        raise Unreadable("it is damaged, or the password is wrong") from None
    if len(secret) != 24:
        raise Unreadable(f"its shared key has {len(secret)} bytes instead of 24")
    return LtpaKeys(secret, key)


def _private_key(data: bytes, public: bytes) -> rsa.RSAPrivateKey:
    """Length of d in four bytes, d, e in three, p, q; the older form is e, p, q alone. Raises ValueError, ArithmeticError."""
    private = 0
    if len(data) != 3 + 2 * _FACTOR:
        size = int.from_bytes(data[:4], "big")
        private, data = int.from_bytes(data[4 : 4 + size], "big"), data[4 + size :]
    if len(data) != 3 + 2 * _FACTOR:
        raise ValueError("a field has another length")
    e, p, q = (int.from_bytes(part, "big") for part in (data[:3], data[3 : 3 + _FACTOR], data[3 + _FACTOR :]))
    if public != _signed(p * q) + data[:3]:
        raise ValueError("the public key is that of another private key")
    private = private or pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPublicNumbers(e, p * q)
    crt = (rsa.rsa_crt_dmp1(private, p), rsa.rsa_crt_dmq1(private, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, private, *crt, numbers).private_key()


def made(password: str) -> bytes:
    """A file of new keys under a password."""
    key = rsa.generate_private_key(_EXPONENT, _BITS).private_numbers()
    private, exponent = _signed(key.d), _EXPONENT.to_bytes(3, "big")
    factors = key.p.to_bytes(_FACTOR, "big") + key.q.to_bytes(_FACTOR, "big")
    now = time.strftime("%a %b %d %H:%M:%S %Z %Y")
    return _written(
        now,
        {
            "com.ibm.websphere.CreationDate": now,
            "com.ibm.websphere.CreationHost": socket.gethostname() or "localhost",
            f"{_PREFIX}version": "1.0",
            f"{_PREFIX}Realm": "defaultRealm",
            _SECRET: _sealed(secrets.token_bytes(24), password),
            _PRIVATE: _sealed(len(private).to_bytes(4, "big") + private + exponent + factors, password),
            _PUBLIC: base64.b64encode(_signed(key.public_numbers.n) + exponent).decode(),
        },
    )


def _written(comment: str, lines: Mapping[str, str]) -> bytes:
    escaped = (f"{name}={value.replace('=', chr(92) + '=').replace(':', chr(92) + ':')}" for name, value in lines.items())
    return "\n".join([f"#{comment}", *escaped, ""]).encode("latin-1")


def _signed(number: int) -> bytes:
    """A whole number as Java writes it: a byte more where the first bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _lock(password: str) -> "Cipher[modes.ECB]":
    """Triple DES in ECB under the SHA-1 of the password: what the format demands, and no more than a lock on a drawer."""
    return Cipher(TripleDES(hashlib.sha1(password.encode()).digest() + bytes(4)), modes.ECB())


def _sealed(data: bytes, password: str) -> str:
    padder, encryptor = PKCS7(64).padder(), _lock(password).encryptor()
    padded = padder.update(data) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _opened(text: str, password: str) -> bytes:
    """What `_sealed` has sealed; raises ValueError."""
    decryptor, unpadder = _lock(password).decryptor(), PKCS7(64).unpadder()
    padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()
