"""Keys and certificates as PEM text."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from tests.trust.support import entry, revocations
from zconnect.trust.entries import Unreadable
from zconnect.trust.pem import files, read

CA = entry("ca", ca=True)
SERVER = entry("server", CA)


def pem(*certificates: object) -> bytes:
    """Certificates as text."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)  # type: ignore[attr-defined]


def test_one_file_has_a_key_and_its_chain(tmp_path: Path) -> None:
    """The file's name is the alias; what stands round the blocks does not matter."""
    path = tmp_path / "server.pem"
    path.write_bytes(b"Bag Attributes\n" + SERVER.pem)

    assert read(path, None).keys["server"].chain == SERVER.chain


def test_a_folder_is_one_store(tmp_path: Path) -> None:
    """A key and its certificate may be in two files, as certificate managers lay them down."""
    key = SERVER.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret"))
    (tmp_path / "tls.key").write_bytes(key)
    (tmp_path / "tls.crt").write_bytes(pem(*SERVER.chain))
    (tmp_path / "partner.pem").write_bytes(pem(entry("partner", common_name="partner").certificate))
    (tmp_path / "readme.txt").write_text("no key")

    entries = read(tmp_path, "secret")

    assert [path.name for path in files(tmp_path)] == ["partner.pem", "tls.crt", "tls.key"]
    assert entries.keys["tls"].chain == SERVER.chain
    assert list(entries.trusted) == ["partner"]


def test_a_folder_holds_revocation_lists(tmp_path: Path) -> None:
    """As text beside certificates, or as authorities publish them."""
    first, second = revocations(CA), revocations(CA, SERVER)
    (tmp_path / "ca.pem").write_bytes(pem(CA.certificate, first))
    (tmp_path / "ca.crl").write_bytes(second.public_bytes(Encoding.DER))
    (tmp_path / "again.crl").write_bytes(pem(second))

    entries = read(tmp_path, None)

    assert list(entries.trusted) == ["ca"]
    assert sorted(len(each) for each in entries.revoked) == [0, 1, 1]
    (tmp_path / "ca.crl").write_bytes(b"nonsense")
    with pytest.raises(Unreadable):
        read(tmp_path, None)


@pytest.mark.parametrize(("text", "password"), [(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None)])
def test_a_damaged_text_is_unreadable(text: bytes, password: str | None, tmp_path: Path) -> None:
    """It is told as that, whatever the library says."""
    (tmp_path / "x.pem").write_bytes(text)
    with pytest.raises(Unreadable):
        read(tmp_path / "x.pem", password)


@pytest.mark.parametrize("password", ["wrong", None, ""])
def test_a_wrong_password_is_unreadable(password: str | None, tmp_path: Path) -> None:
    """Also one that is missing."""
    sealed = SERVER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    (tmp_path / "x.pem").write_bytes(sealed + pem(*SERVER.chain))
    with pytest.raises(Unreadable):
        read(tmp_path / "x.pem", password)
