"""Java's own key store format."""

import base64

import pytest

from tests.trust.keytool import Keytool, needs_keytool
from tests.trust.support import PASSWORD, entry
from zconnect.trust.entries import Unreadable
from zconnect.trust.jks import MAGIC, read

CA = entry("ca", ca=True)

# Made by keytool 17: a P-256 key `ec` of CN=fixture with the password changeit.
FIXTURE = base64.b64decode(
    "/u3+7QAAAAIAAAABAAAAAQACZWMAAAGiDp+PCAAAAH8wfTAOBgorBgEEASoCEQEBBQAEa7myjgkkx0k5iiTRVR+crGXURFrfjbdQMK4fpEGoAYFQwV4JT968"
    "7rwU4BCv4HXgcjnOd/SnkEx5niIqgEazhKDvn5YIt+0uIWcFfplF8wkk54qZe4bxKW2Rc0GBBb7OM3vHb40iM5lCwe4PAAAAAQAFWC41MDkAAAFAMIIBPDCB"
    "46ADAgECAghLoqDO6XJ30jAKBggqhkjOPQQDAjASMRAwDgYDVQQDEwdmaXh0dXJlMCAXDTI2MTEyNDE3MzQyN1oYDzIxMjYxMDMxMTczNDI3WjASMRAwDgYD"
    "VQQDEwdmaXh0dXJlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgKETAj69rSAgP1OA/+OuUI1u1wYhE9Qo9AEDMTDovnJYT6be9FOu9uqR6Shu9Tzz1GsB"
    "I+5IA423vJC/qXYit6MhMB8wHQYDVR0OBBYEFAjcIjMXdW4zFjS2+/uQl7wjU4LAMAoGCCqGSM49BAMCA0gAMEUCIQDEShjPNinEq9JzezzZcvoHiUeSWiGo"
    "UjD0A7UIHaTS5QIgaP8tvVuoK7kQ2Nva2/gklyJkuW+X8MiBMfzf1IQ3DcEmAcyHONAYmApGmdHjg6W8X0Iz9Q=="
)


def test_a_store_of_java_is_read_without_java() -> None:
    """The key, its certificate and its alias."""
    entries = read(FIXTURE, PASSWORD)

    assert (*entries.keys, *entries.trusted) == ("ec",)
    assert entries.keys["ec"].certificate.subject.rfc4514_string() == "CN=fixture"
    assert entries.keys["ec"].key.public_key() == entries.keys["ec"].certificate.public_key()


@needs_keytool
def test_keys_and_trusted_certificates_are_read(keytool_jks: Keytool) -> None:
    """Several keys, one with a password of its own, and a trusted certificate."""
    keytool_jks("-genkeypair", "-alias", "One", "-keyalg", "RSA", "-dname", "CN=one", "-keypass", "otherpass")
    keytool_jks("-genkeypair", "-alias", "two", "-keyalg", "EC", "-dname", "CN=two", "-keypass", "otherpass")
    keytool_jks.import_certificate("Root", CA.certificate)

    entries = read(keytool_jks.data, PASSWORD, "otherpass")

    assert sorted(entries.keys) == ["one", "two"]
    assert entries.trusted == {"root": CA.certificate}
    with pytest.raises(Unreadable, match="password of a key"):
        read(keytool_jks.data, PASSWORD)


@pytest.mark.parametrize("at", [4, 12, len(FIXTURE) // 2, len(FIXTURE) - 1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    """The digest at the end covers everything."""
    changed = bytearray(FIXTURE)
    changed[at] ^= 1

    with pytest.raises(Unreadable, match="damaged, or the password is wrong"):
        read(bytes(changed), PASSWORD)


@pytest.mark.parametrize(
    ("data", "password"), [(FIXTURE, "wrong"), (FIXTURE[:-7], PASSWORD), (MAGIC[0], PASSWORD), (MAGIC[1], PASSWORD), (b"", PASSWORD)]
)
def test_a_wrong_password_or_half_a_store_is_unreadable(data: bytes, password: str) -> None:
    """One sentence for both, because they cannot be told apart."""
    with pytest.raises(Unreadable):
        read(data, password)
