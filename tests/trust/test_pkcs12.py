"""PKCS12 key stores, those of cryptography and those of Java."""

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from tests.trust.keytool import Keytool, needs_keytool
from tests.trust.support import PASSWORD, certificate, entry, rsa_key, written_trust
from zconnect.trust.entries import Unreadable
from zconnect.trust.pkcs12 import read, written

CA = entry("ca", ca=True)
SERVER = entry("server", CA)


def test_what_is_written_is_read() -> None:
    """One key with its chain survives."""
    entries = read(written(SERVER, PASSWORD), PASSWORD)

    assert entries.keys["server"].pem == SERVER.pem
    assert entries.trusted == {}


def test_trusted_certificates_survive() -> None:
    """A store without keys is read, aliases included."""
    assert read(written_trust([("root", CA.certificate)], PASSWORD), PASSWORD).trusted == {"root": CA.certificate}


@pytest.mark.parametrize(
    "data",
    [written(SERVER, PASSWORD)[:-40], b"", b"0", b"nonsense", written(SERVER, "another")],
    ids=["cut", "empty", "short", "text", "password"],
)
def test_a_damaged_store_or_a_wrong_password_is_unreadable(data: bytes) -> None:
    """The reason names no password."""
    with pytest.raises(Unreadable, match="damaged, or the password is wrong"):
        read(data, PASSWORD)


def test_a_store_without_encryption_is_read() -> None:
    """Some tools write keys in the clear."""
    data = pkcs12.serialize_key_and_certificates(b"plain", rsa_key("a"), certificate("a", rsa_key("a")), None, NoEncryption())

    assert read(data, "").keys["plain"].key.public_key() == rsa_key("a").public_key()


@needs_keytool
@pytest.mark.parametrize("legacy", [False, True], ids=["today's", "Java 8's"])
def test_every_key_of_a_java_store_is_read(legacy: bool, keytool: Keytool) -> None:
    """Java keeps several private keys in one store; the library alone would lose all but one."""
    options = ("-J-Dkeystore.pkcs12.legacy",) if legacy else ()
    for alias, kind in (("First", "RSA"), ("Second", "EC"), ("third", "Ed25519")):
        keytool("-genkeypair", "-alias", alias, "-keyalg", kind, "-dname", f"CN={alias}", *options)
    keytool.import_certificate("Root", CA.certificate, *options)

    entries = read(keytool.data, PASSWORD)

    assert sorted(entries.keys) == ["first", "second", "third"]
    assert entries.keys["first"].certificate.subject.rfc4514_string() == "CN=First"
    assert entries.trusted == {"root": CA.certificate}


@needs_keytool
def test_java_reads_what_is_written(keytool: Keytool) -> None:
    """keytool lists the key entry, and the trusted certificates as such."""
    assert "server" in keytool.list(written(SERVER, PASSWORD))
    assert "PrivateKeyEntry" in keytool.list(written(SERVER, PASSWORD))
    assert "trustedCertEntry" in keytool.list(written_trust([("root", CA.certificate)], PASSWORD))
