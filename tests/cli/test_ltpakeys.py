"""securityUtility createLTPAKeys."""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7

from tests.cli.home import Home
from zconnect.config.properties import parse_properties


def opened(text: str, password: str) -> bytes:
    key = TripleDES(hashlib.sha1(password.encode()).digest() + bytes(4))
    decryptor, unpadder = Cipher(key, modes.ECB()).decryptor(), PKCS7(64).unpadder()
    padded = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def test_the_keys_belong_together(home: Home) -> None:
    """Shared key of 24 bytes, private key with its factors, public key: the form that Liberty reads."""
    home.write("s1")
    done = home.utility("createLTPAKeys", "--server=s1", "--password=sesame-1")
    file = home.path("s1", "resources", "security", "ltpa.keys")
    assert done.code == 0
    assert re.search(r'<ltpa keysPassword="\{xor\}[^"]+"/>', done.out)
    assert file.stat().st_mode & 0o077 == 0
    keys = parse_properties(file.read_text())
    assert len(opened(keys["com.ibm.websphere.ltpa.3DESKey"], "sesame-1")) == 24
    private = opened(keys["com.ibm.websphere.ltpa.PrivateKey"], "sesame-1")
    rest = private[4 + int.from_bytes(private[:4], "big") + 3 :]
    factors = int.from_bytes(rest[:65], "big") * int.from_bytes(rest[65:], "big")
    public = base64.b64decode(keys["com.ibm.websphere.ltpa.PublicKey"])
    assert (factors, public[-3:]) == (int.from_bytes(public[:-3], "big"), b"\x01\x00\x01")


REFUSED = [
    (["--password=a", "--server=nosuch"], 2),
    (["--password=a", "--server=s1", "--file=f"], 1),
    (["--server=s1"], 1),
    (["--password=a", "--server=s1", "--passwordEncoding=hash"], 1),
]


@pytest.mark.parametrize(("words", "code"), REFUSED)
def test_what_cannot_be_done(home: Home, words: list[str], code: int) -> None:
    """Nothing is written."""
    home.write("s1")
    assert home.utility("createLTPAKeys", *words).code == code
    assert not home.path("s1", "resources").exists()


def test_a_file_that_is_there_stays(home: Home) -> None:
    """5; all servers that share it would be logged out."""
    file = home.folder / "ltpa.keys"
    assert home.utility("createLTPAKeys", "--password=a", f"--file={file}").code == 0
    text = file.read_text()
    assert home.utility("createLTPAKeys", "--password=a", f"--file={file}").code == 5
    assert file.read_text() == text
