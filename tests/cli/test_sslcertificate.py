"""securityUtility createSSLCertificate."""

import pytest
from cryptography import x509

from tests.cli.home import Home
from zconnect.trust.pkcs12 import read

REFUSED = [
    (["--server=nosuch", "--password=sesame-1"], 2),
    (["--client=c1", "--password=sesame-1"], 3),
    (["--password=sesame-1"], 1),
    (["--server=s1"], 1),
    (["--server=s1", "--client=c1", "--password=sesame-1"], 1),
    (["--server=s1", "--password=abc"], 1),
    (["--server=s1", "--password=sesame-1", "--validity=10"], 1),
    (["--server=s1", "--password=sesame-1", "--subject=nonsense"], 1),
    (["--server=s1", "--password=sesame-1", "--keyType=JKS"], 1),
    (["--server=s1", "--password=sesame-1", "--keySize=1024"], 1),
    (["--server=s1", "--password=sesame-1", "--passwordEncoding=hash"], 1),
    (["--server=s1", "--password=sesame-1", "--bogus=1"], 1),
]


def test_the_store_and_the_lines_for_server_xml(home: Home) -> None:
    """The password is encoded in the snippet and opens the store; the file is its owner's alone."""
    home.write("s1")
    done = home.utility("createSSLCertificate", "--server=s1", "--password=sesame-1", "--subject=CN=x.test,O=Y", "--extInfo=SAN=DNS:a.test")
    file = home.path("s1", "resources", "security", "key.p12")
    assert done.code == 0
    assert '<keyStore id="defaultKeyStore" password="{xor}' in done.out
    assert "sesame" not in done.out
    assert file.stat().st_mode & 0o077 == 0
    (entry,) = read(file.read_bytes(), "sesame-1").keys.values()
    names = entry.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert entry.certificate.subject.rfc4514_string() == "CN=x.test,O=Y"
    assert "a.test" in names.get_values_for_type(x509.DNSName)
    assert home.utility("createSSLCertificate", "--server=s1", "--password=sesame-1").code == 5


@pytest.mark.parametrize(("words", "code"), REFUSED)
def test_what_cannot_be_done(home: Home, words: list[str], code: int) -> None:
    """Liberty's exit codes; nothing is made."""
    home.write("s1")
    assert home.utility("createSSLCertificate", *words).code == code
    assert not home.path("s1", "resources").exists()
