"""What a key store holds."""

import pytest

from tests.trust.support import certificate, ec_key, entry, rsa_key
from zconnect.trust.entries import Entries, KeyEntry, Unreadable, gathered

CA = entry("ca", ca=True)
SERVER = entry("server", CA)


def test_a_key_finds_its_chain_and_the_rest_is_trusted() -> None:
    """Certificates that came in any order become the chain of their key, leaf first."""
    other = certificate("other", ec_key("other"))

    entries = gathered([("Server", SERVER.key)], [("", CA.certificate), ("x", other), ("server", SERVER.certificate)])

    assert entries.keys["server"].chain == (SERVER.certificate, CA.certificate)
    assert entries.trusted == {"x": other}
    assert (*entries.keys, *entries.trusted) == ("server", "x")


def test_an_authority_may_be_in_a_chain_and_trusted() -> None:
    """Java writes it twice: under its subject for the chain, and under its own alias."""
    entries = gathered([("server", SERVER.key)], [("server", SERVER.certificate), ("CN=ca", CA.certificate), ("root", CA.certificate)])

    assert entries.trusted == {"root": CA.certificate}


def test_the_same_alias_twice_is_told_apart() -> None:
    """A second entry of a name gets a number, and the one without a name its common name."""
    certificates = [certificate(common_name, ec_key(common_name)) for common_name in ("a", "b", "c")]

    assert list(gathered([], list(zip(["x", "X", ""], certificates, strict=True))).trusted) == ["x", "x-2", "c"]


def test_a_key_without_certificate_is_refused() -> None:
    """It could not serve anybody."""
    with pytest.raises(Unreadable, match="no certificate"):
        gathered([("lonely", rsa_key("a"))], [])


def test_aliases_ignore_letter_case_as_java_does() -> None:
    """Both keys and trusted certificates are found in any letter case."""
    entries = Entries({"server": SERVER}, {"ca": CA.certificate})

    assert entries.certificate("SERVER") == SERVER.certificate
    assert entries.certificate("Ca") == CA.certificate
    assert entries.certificate("x") is None
    assert entries.anchors == (CA.certificate, SERVER.certificate)


def test_a_private_key_hides_in_texts() -> None:
    """The repr of an entry shows no key."""
    assert "PrivateKey" not in repr(KeyEntry("a", rsa_key("a"), (certificate("a", rsa_key("a")),)))
