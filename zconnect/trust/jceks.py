"""The second cipher of Java's key stores, PBEWithMD5AndTripleDES: what a JCEKS seals its private keys with."""

from hashlib import md5

from asn1crypto.algos import Pbes1Params
from asn1crypto.keys import EncryptedPrivateKeyInfo
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from zconnect.trust.entries import Unreadable

MAGIC = b"\xce\xce\xce\xce"
OID = "1.3.6.1.4.1.42.2.19.1"
ROUNDS = 5_000_000  # as many as Java takes


def opened(sealed: EncryptedPrivateKeyInfo, password: str) -> bytes:
    """A private key as PKCS8; raises `Unreadable` where the password is wrong, ValueError where it is damaged."""
    settings = Pbes1Params.load(sealed["encryption_algorithm"]["parameters"].dump())
    salt, rounds = settings["salt"].native, settings["iterations"].native
    if len(salt) != 8 or not 0 < rounds <= ROUNDS:
        raise ValueError("a salt or a count that Java does not write")
    try:
        secret = password.encode("ascii")
    except UnicodeEncodeError:
        raise Unreadable("Java takes no password for a key of a JCEKS that is not ASCII") from None
    derived = _derived(salt[:4] if salt[:4] != salt[4:] else _turned(salt[:4]), secret, rounds) + _derived(salt[4:], secret, rounds)
    decryptor = Cipher(TripleDES(derived[:24]), CBC(derived[24:])).decryptor()
    padded = decryptor.update(sealed["encrypted_data"].native) + decryptor.finalize()
    unpadder = PKCS7(64).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise Unreadable("the password of a key is wrong") from None


def _derived(half: bytes, secret: bytes, rounds: int) -> bytes:
    for _ in range(rounds):
        half = md5(half + secret).digest()
    return half


def _turned(half: bytes) -> bytes:
    """Java means to turn it round, and does this."""
    return bytes((half[3], half[0], half[1], half[3]))
