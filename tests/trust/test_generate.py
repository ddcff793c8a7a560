"""New keys with a certificate."""

import stat
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.trust.support import PASSWORD, name
from zconnect.errors import Unavailable
from zconnect.trust.generate import addresses, host_name, make_default, save_new, self_signed
from zconnect.trust.pkcs12 import read


def test_the_default_key_store_is_for_this_machine(tmp_path: Path) -> None:
    """P-256, alias default, CN of the host, OU of the server, good for localhost by name and address."""
    path = tmp_path / "resources" / "security" / "key.p12"

    make_default(path, PASSWORD, "myServer")

    entry = read(path.read_bytes(), PASSWORD).keys["default"]
    names = entry.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert entry.certificate.subject.rfc4514_string() == f"CN={host_name()},OU=myServer"
    assert {host_name(), "localhost"} == set(names.get_values_for_type(x509.DNSName))
    found = set(names.get_values_for_type(x509.IPAddress))
    assert found == {ip_address(each) for each in ("127.0.0.1", "::1", *addresses(host_name()))}
    assert isinstance(entry.key, ec.EllipticCurvePrivateKey)
    assert entry.key.curve.name == "secp256r1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_store_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """Two servers that start at once agree on the first one's key."""
    path = tmp_path / "key.p12"
    make_default(path, PASSWORD, "a")
    first = path.read_bytes()

    make_default(path, PASSWORD, "a")

    assert path.read_bytes() == first


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    """CWPKI0808E, and no file but its folder, as in Liberty."""
    with pytest.raises(Unavailable, match="CWPKI0808E"):
        make_default(tmp_path / "security" / "key.p12", "short", "a")

    assert list(tmp_path.rglob("*")) == [tmp_path / "security"]


def test_a_name_that_nobody_knows_has_no_address() -> None:
    """The certificate is made without."""
    assert addresses("does-not-exist.invalid") == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """CWPKI0804E with the system's reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match=r"CWPKI0804E.*(Not a directory|File exists)"):
        make_default(tmp_path / "file" / "security" / "key.p12", PASSWORD, "a")


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """What is there stays, and nothing else is left behind."""
    (tmp_path / "x").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        save_new(tmp_path / "x", b"new")

    assert (tmp_path / "x").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_rsa_key_can_be_asked_for() -> None:
    """For peers that know no curves."""
    entry = self_signed(name("a"), ["a"], rsa_bits=2048, alias="own")

    assert isinstance(entry.key, rsa.RSAPrivateKey)
    assert entry.alias == "own"
