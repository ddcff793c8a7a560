"""Passwords as they stand in a configuration: {xor}, {aes} and {hash}; what is decoded wears a mask everywhere."""

import binascii
import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import lru_cache
from hashlib import pbkdf2_hmac

from zconnect.config.hashed import Hashed, encode_hash, read_hash

__all__ = ("AES_KEY", "KEY", "Password", "encode_aes", "encode_aes_128", "encode_hash", "encode_xor")

KEY = "wlp.password.encryption.key"
AES_KEY = "wlp.aes.encryption.key"

# What Liberty uses where nobody sets the key: the literal reference, braces included.
_DEFAULT_KEY = "${" + KEY + "}"
_V0_SALT = bytes.fromhex("a7a283394c5ab34f32150a9e2f171138c32e7d80")
_V1_SALT = bytes.fromhex(
    "a7c1160f870b664ba544a2a76053ebbbd31d1a6aee453cfa6c496f7a29edb2b1e46639f64230366f235c3b87240f0ec1d56b3fee572bc74a006b89fef9f9d2a1"
    "d424f65689b08e0a55181887e23f3b3134b4866cac1004d93a4b09e77e7fa07ac2a247f89bdf39d4a3564c8d718468d887f75679d0c7b3c649070c0418afc06b"
)
_TAG = re.compile(r"\{([^}]*)\}(.*)", re.DOTALL)
_NONCE, _PADDING, _V0_PADDING, _TAG_LENGTH = 16, 64, 20, 16

# The value of a variable that may hold a key; only what is known before attributes and environment names are tried.
KeyOf = Callable[[str], str | None]


def _no_key(_name: str) -> str | None:
    return None


class Password:
    """A password; its `repr` and `str` are stars, its clear text is asked for by name."""

    __slots__ = ("_clear", "_hashed", "encoded")

    def __init__(self, encoded: str, key_of: KeyOf = _no_key) -> None:
        """Decode what stands in a configuration; raises `ValueError` (without the value) where it cannot be decoded."""
        self.encoded = encoded
        self._clear: str | None = None
        self._hashed: Hashed | None = None
        match = _TAG.match(encoded.strip())
        algorithm, payload = (match[1].strip().lower(), match[2]) if match else ("", encoded)
        match algorithm:
            case "":
                self._clear = encoded
            case "xor":
                self._clear = _text(bytes(byte ^ 0x5F for byte in _bytes(payload)))
            case "aes":
                self._clear = _decrypted(_bytes(payload), key_of)
            case "hash":
                self._hashed = read_hash(_bytes(payload))
            case _:
                raise ValueError("its encoding is not known; use xor, aes or hash")

    @property
    def text(self) -> str:
        """The clear text; raises `ValueError` for a hash, which has none."""
        if self._clear is None:
            raise ValueError("a hashed password has no clear text")
        return self._clear

    @property
    def is_hashed(self) -> bool:
        """Whether only `matches` can be asked."""
        return self._clear is None

    @property
    def cost(self) -> int:
        """How much work `matches` is, in rounds of hashing; 0 without a hash."""
        return self._hashed.rounds if self._hashed else 0

    def matches(self, candidate: str) -> bool:
        """Whether this is the password, in a time that does not depend on how much of it is right."""
        if self._hashed is not None:
            return self._hashed.matches(candidate)
        return hmac.compare_digest(self.text.encode("utf-8", "surrogatepass"), candidate.encode("utf-8", "surrogatepass"))

    def __repr__(self) -> str:
        return "Password(*****)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Password) and other.encoded == self.encoded and other._clear == self._clear

    def __hash__(self) -> int:
        return hash(self.encoded)


def _bytes(payload: str) -> bytes:
    try:
        return b64decode(payload, validate=True)
    except binascii.Error as cause:
        raise ValueError("it is not Base64") from cause


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as cause:
        raise ValueError("what it decodes to is not text; the key may be the wrong one") from cause


def encode_xor(text: str) -> str:
    """The text as {xor}, which hides it from a glance and nothing else."""
    return "{xor}" + b64encode(bytes(byte ^ 0x5F for byte in text.encode())).decode()


def encode_aes(text: str, key: str | None = None, aes_key: str | None = None) -> str:
    """The text as {aes}, made with `aes_key` (Base64 of 32 bytes), else with the passphrase `key`, else with Liberty's own."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    version, secret = (2, _given_key(aes_key)) if aes_key else (1, _derived(1, key or _DEFAULT_KEY))
    nonce = os.urandom(_NONCE)
    clear = bytes([_PADDING]) + os.urandom(_PADDING) + text.encode()
    return "{aes}" + b64encode(bytes([version, _NONCE]) + nonce + AESGCM(secret).encrypt(nonce, clear, None)).decode()


def encode_aes_128(text: str, key: str | None = None) -> str:
    """The text as {aes} of the first version, for servers that read no other; `encode_aes` is the better one."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    secret = _derived(0, key or _DEFAULT_KEY)
    padder = PKCS7(128).padder()
    clear = padder.update(bytes([_V0_PADDING]) + os.urandom(_V0_PADDING) + text.encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(secret)).encryptor()
    return "{aes}" + b64encode(b"\x00" + encryptor.update(clear) + encryptor.finalize()).decode()


@lru_cache(maxsize=8)
def _derived(version: int, passphrase: str) -> bytes:
    """The key of a passphrase: a tenth of a second for version 1, and the same for all passwords of a server."""
    if version == 0:
        return pbkdf2_hmac("sha1", passphrase.encode(), _V0_SALT, 84_756, 16)
    return pbkdf2_hmac("sha512", passphrase.encode(), _V1_SALT, 210_000, 32)


def _given_key(text: str | None) -> bytes:
    if not text:
        raise ValueError(f"the variable {AES_KEY} is not set")
    try:
        key = b64decode(text, validate=True)
    except binascii.Error as cause:
        raise ValueError(f"the variable {AES_KEY} is not Base64") from cause
    if len(key) != 32:
        raise ValueError(f"the variable {AES_KEY} does not hold 256 bits")
    return key


def _decrypted(data: bytes, key_of: KeyOf) -> str:
    match data[:1]:
        case b"\x00":
            clear = _cbc(data[1:], _derived(0, key_of(KEY) or _DEFAULT_KEY))
        case b"\x01":
            clear = _gcm(data[1:], _derived(1, key_of(KEY) or _DEFAULT_KEY))
        case b"\x02":
            clear = _gcm(data[1:], _given_key(key_of(AES_KEY)))
        case _:
            raise ValueError("its version of aes is not known")
    if not clear or len(clear) < clear[0] + 1:
        raise ValueError("it is not complete, or the key is the wrong one")
    return _text(clear[clear[0] + 1 :])


def _gcm(data: bytes, key: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not data or len(data) < 1 + data[0] + _TAG_LENGTH or data[0] < 8:
        raise ValueError("it is not complete")
    try:
        return AESGCM(key).decrypt(data[1 : 1 + data[0]], data[1 + data[0] :], None)
    except InvalidTag as cause:
        raise ValueError("it was made with another key, or was changed") from cause


def _cbc(data: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    if not data or len(data) % 16:
        raise ValueError("it is not complete")
    # The format has the key as initialisation vector.
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key)).decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()
    except ValueError as cause:
        raise ValueError("it was made with another key, or was changed") from cause
