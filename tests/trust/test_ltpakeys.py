"""The file of LTPA keys."""

import base64
import json
import random
from pathlib import Path

import pytest

from zconnect.trust.entries import Unreadable
from zconnect.trust.ltpakeys import made, read

LIBERTY = json.loads(Path(__file__).with_name("liberty-ltpa.json").read_text())
FILE = "\n".join(LIBERTY["keys"]).encode()
PASSWORD = LIBERTY["password"]


def test_a_file_of_a_real_server_opens_with_its_password_alone() -> None:
    """Made by Liberty's own tool (reference 5.3)."""
    keys = read(FILE, PASSWORD)
    assert keys.signed(b"data", keys.sign(b"data"))
    with pytest.raises(Unreadable, match="or the password is wrong"):
        read(FILE, PASSWORD + "x")


def test_new_keys_are_read_again_and_are_no_others() -> None:
    """What one server makes, the next one that shares the file uses."""
    first, again, other = (read(file, "sesame") for file in (*[made("sesame")] * 2, made("sesame")))
    assert again.signed(b"data", first.sign(b"data"))
    assert not other.signed(b"data", first.sign(b"data"))
    assert first.cipher.algorithm.key == again.cipher.algorithm.key != other.cipher.algorithm.key  # type: ignore[attr-defined]


def test_keys_tell_nothing_of_themselves() -> None:
    """Neither printed nor in a message."""
    secret = read(FILE, PASSWORD).cipher.algorithm.key  # type: ignore[attr-defined]
    for text in (repr(read(FILE, PASSWORD)), str(read(FILE, PASSWORD))):
        assert secret.hex() not in text
        assert repr(secret) not in text


@pytest.mark.parametrize("name", ["3DESKey", "PrivateKey", "PublicKey"])
def test_a_missing_property_is_named(name: str) -> None:
    """Half a file is no file."""
    with pytest.raises(Unreadable, match=rf"com\.ibm\.websphere\.ltpa\.{name}"):
        read(b"\n".join(line for line in FILE.split(b"\n") if name.encode() not in line), PASSWORD)


def test_keys_that_do_not_belong_together_are_refused() -> None:
    """The public key of another file."""
    public = next(line for line in made("x").split(b"\n") if b"PublicKey" in line)
    mixed = b"\n".join(public if b"PublicKey" in line else line for line in FILE.split(b"\n"))
    with pytest.raises(Unreadable):
        read(mixed, PASSWORD)


def test_whatever_a_file_holds_it_is_read_or_refused() -> None:
    """Nothing but `Unreadable` comes out of a damaged one."""
    chance = random.Random(13)
    kept = 0
    for _ in range(150):
        data = bytearray(FILE)
        for _ in range(chance.choice((1, 1, 3, 20))):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.choice((b"", b"\\u00", b"=", b"\n", base64.b64encode(chance.randbytes(6))))
        try:
            read(bytes(data), PASSWORD)
            kept += 1
        except Unreadable:
            pass
    assert kept < 75  # a change of comment, host and date does no harm
