"""{hash}: its form and its limits."""

from base64 import b64decode

import pytest

from zconnect.config.hashed import Hashed, encode_hash, read_hash


def test_defaults_of_older_writers_are_left_out() -> None:
    """Vector 61 comes out as it is published."""
    published = "{hash}ATAAAAAIc2FsdHNhbHRAAAAAIGOOacML3ffgP/JtQuRURaGcthTX4Be3RSIYyuCs/AW2"

    assert encode_hash("password", algorithm="PBKDF2WithHmacSHA1", iterations=6384, salt=b"saltsalt") == published
    assert read_hash(b64decode(published[6:])) == Hashed(b"saltsalt", b64decode(published[6:])[-32:])


def test_newer_writers_say_more() -> None:
    """Vector 62 likewise; bits are written where they differ."""
    published = "{hash}ARAAAAAUUEJLREYyV2l0aEhtYWNTSEE1MTIgAAM0UDAAAAAIc2FsdHNhbHRAAAAAIF73E6nO5j8clpnRstDV/sV6/EV65qmcEPXUpbWEEWiE"

    assert encode_hash("password", salt=b"saltsalt") == published
    assert read_hash(b64decode(encode_hash("x", iterations=5, bits=512)[6:])).bits == 512


def number(value: int) -> bytes:
    """Four bytes, the greatest first."""
    return value.to_bytes(4, "big")


SALT = b"\x30" + number(1) + b"s"
DIGEST = b"\x40" + number(1) + b"d"
BAD = {
    "version": b"\x02",
    "unknown tag": b"\x01" + SALT + DIGEST + b"\x60" + number(0),
    "no digest": b"\x01" + SALT,
    "length beyond the end": b"\x01\x30" + number(2**31) + b"s",
    "unknown algorithm": b"\x01" + SALT + DIGEST + b"\x10" + number(3) + b"MD5",
    "no iterations": b"\x01" + SALT + DIGEST + b"\x20" + number(0),
    "iterations for ever": b"\x01" + SALT + DIGEST + b"\x20" + number(2**32 - 1),
    "bits without end": b"\x01" + SALT + DIGEST + b"\x50" + number(2**31),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_hash_is_refused(data: bytes) -> None:
    """Also what would take for ever to check."""
    with pytest.raises(ValueError, match=r"\w"):
        read_hash(data)


def test_a_hash_does_not_show_itself() -> None:
    """Its repr has neither salt nor digest."""
    assert "salt" not in repr(Hashed(b"saltsalt", b"digest"))
