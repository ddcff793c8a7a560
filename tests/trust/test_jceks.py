"""Private keys as a JCEKS seals them."""

import base64
from pathlib import Path

import pytest
from asn1crypto.algos import Pbes1Params
from asn1crypto.core import Any, OctetString
from asn1crypto.keys import EncryptedPrivateKeyInfo, EncryptionAlgorithm

from tests.trust.keytool import Keytool, needs_keytool
from tests.trust.support import PASSWORD, entry
from zconnect.trust.entries import Unreadable
from zconnect.trust.jceks import OID, ROUNDS, opened
from zconnect.trust.jks import read

# Made by keytool 17: a P-256 key `Ec` of CN=fixture with the password changeit.
FIXTURE = base64.b64decode(
    "zs7OzgAAAAIAAAABAAAAAQACZWMAAAGiJnOiSAAAAGowaDAcBgkrBgEEASoCEwEwDwQIAjcwzweVnj0CAwMNQARIBtBbl5oVH9j9pZwQ8rbj59e6wD0uS1rQ"
    "w7ZRvX05caJtUpBI+xJZ+AbxIFCrErbNJ8qsOvcVEL4goBHY7k44/ioGgpNQ1FKxAAAAAQAFWC41MDkAAAFAMIIBPDCB46ADAgECAghX9A9j9d2SKDAKBggq"
    "hkjOPQQDAjASMRAwDgYDVQQDEwdmaXh0dXJlMCAXDTI2MTEyOTA4MzcyMloYDzIxMjYxMTA1MDgzNzIyWjASMRAwDgYDVQQDEwdmaXh0dXJlMFkwEwYHKoZI"
    "zj0CAQYIKoZIzj0DAQcDQgAEe1J9owQVrdZlM2ZaNp+ODFeEku3tfCiUjhdzB4oScXN9xQquFEnIMEYhlwXqI51wYrs1w9c4LZlnkYqnGjFl86MhMB8wHQYD"
    "VR0OBBYEFEjujPfjfMs8E1Larj9jDn5oo4QOMAoGCCqGSM49BAMCA0gAMEUCIQDQ+SFm+1AL3Lm3kT1oIp/owohRTEHi9eUt3g8RjimYWQIgR7Mt/zeHvOi7"
    "E9RY+xYvJ1qrqzwx7wS2srA3UmEkQ6D9LZG8Y4NAkPZg/qTSvguWskXq+A=="
)


def sealed(data: str, salt: bytes = b"abcdabcd", rounds: int = 3) -> EncryptedPrivateKeyInfo:
    """What a store holds of a key."""
    settings = Pbes1Params({"salt": salt, "iterations": rounds})
    algorithm = EncryptionAlgorithm({"algorithm": OID, "parameters": Any(settings)})
    return EncryptedPrivateKeyInfo({"encryption_algorithm": algorithm, "encrypted_data": OctetString(bytes.fromhex(data))})


def test_a_store_of_java_is_read_without_java() -> None:
    """The key, its certificate and its alias."""
    entries = read(FIXTURE, PASSWORD)

    assert (*entries.keys, *entries.trusted) == ("ec",)
    assert entries.keys["ec"].certificate.subject.rfc4514_string() == "CN=fixture"
    assert entries.keys["ec"].key.public_key() == entries.keys["ec"].certificate.public_key()


def test_a_salt_of_two_equal_halves() -> None:
    """Java has a slip there that has become the format; sealed by pyjks, which has it, too."""
    assert opened(sealed("043de2fef9732a815eab934ffac4bb0d"), PASSWORD) == b"a private key"


@pytest.mark.parametrize(("salt", "rounds"), [(b"abc", 3), (b"abcdabcd", 0), (b"abcdabcd", ROUNDS + 1)])
def test_what_java_does_not_write(salt: bytes, rounds: int) -> None:
    """A count without end is none, either."""
    with pytest.raises(ValueError, match="Java"):
        opened(sealed("043de2fef9732a815eab934ffac4bb0d", salt, rounds), PASSWORD)


@pytest.mark.parametrize("password", ["wrong", "wröng"])
def test_a_wrong_password(password: str) -> None:
    """Of the key; that of the store is checked before."""
    with pytest.raises(Unreadable, match="password"):
        read(FIXTURE, PASSWORD, password)


@needs_keytool
def test_keys_and_trusted_certificates_are_read(tmp_path: Path) -> None:
    """Several keys, one with a password of its own, and a trusted certificate; a secret key ends the reading with a word."""
    keytool, ca = Keytool(tmp_path, "JCEKS"), entry("ca", ca=True)
    keytool("-genkeypair", "-alias", "One", "-keyalg", "RSA", "-dname", "CN=one", "-keypass", "otherpass")
    keytool("-genkeypair", "-alias", "two", "-keyalg", "EC", "-dname", "CN=two", "-keypass", "otherpass")
    keytool.import_certificate("Root", ca.certificate)

    entries = read(keytool.data, PASSWORD, "otherpass")

    assert sorted(entries.keys) == ["one", "two"]
    assert entries.trusted == {"root": ca.certificate}
    keytool("-genseckey", "-alias", "three", "-keyalg", "AES", "-keysize", "128", "-keypass", "otherpass")
    with pytest.raises(Unreadable, match="secret key"):
        read(keytool.data, PASSWORD, "otherpass")
