"""LTPA version 2 tokens."""

import base64
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.padding import PKCS7

from zconnect.trust.ltpakeys import LtpaKeys, made, read
from zconnect.trust.ltpatoken import MAXIMUM, LtpaRefused, issued, opened

from .test_ltpakeys import FILE, LIBERTY, PASSWORD

NOW = 1_800_000_000.0
KEYS = read(FILE, PASSWORD)
OTHER = read(made("x"), "x")
ALICE = "user:BasicRealm/alice"
GOOD = issued(KEYS, ALICE, NOW + 60)


def sealed(plain: str | bytes, keys: LtpaKeys = KEYS) -> bytes:
    """A token of any plain text."""
    padder, encryptor = PKCS7(128).padder(), keys.cipher.encryptor()
    padded = padder.update(plain.encode() if isinstance(plain, str) else plain) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


def signed(data: str, end: str = "", keys: LtpaKeys = KEYS, signer: LtpaKeys = KEYS) -> bytes:
    """A token of any signed attributes."""
    return sealed(f"{data}%{end or int((NOW + 60) * 1000)}%{base64.b64encode(signer.sign(data.encode())).decode()}", keys)


@pytest.mark.parametrize("token", LIBERTY["tokens"], ids=lambda token: token["name"])
def test_tokens_of_a_real_server_are_read_and_made_byte_for_byte(token: Mapping[str, Any]) -> None:
    """Made by Open Liberty 26.0.0.3, whose names hold whatever a name may hold."""
    found = opened(token["token"].encode(), [OTHER, KEYS], time.time())
    assert (found.attributes, found.access_id) == (token["attributes"], token["attributes"]["u"])
    further = {name: value for name, value in found.attributes.items() if name not in ("expire", "u")}
    assert issued(KEYS, found.access_id, found.expires, further).decode() == token["token"]


@pytest.mark.parametrize("token", LIBERTY["tokens"], ids=lambda token: token["name"])
def test_one_changed_bit_is_seen(token: Mapping[str, Any]) -> None:
    """Wherever it is, the unsigned end of the token included."""
    data = bytearray(base64.b64decode(token["token"]))
    for at in range(0, len(data), 5):
        changed = data.copy()
        changed[at] ^= 1 << at % 8
        with pytest.raises(LtpaRefused):
            opened(base64.b64encode(changed), [KEYS], NOW)


SPELLINGS: list[tuple[str, Callable[[bytes], bytes], bool]] = [
    ("as it is", lambda text: text, True),
    ("without padding", lambda text: text.rstrip(b"="), True),
    ("url alphabet", lambda text: text.replace(b"+", b"-").replace(b"/", b"_"), False),
    ("with a blank", lambda text: text[:9] + b" " + text[9:], False),
    ("quoted for an address", lambda text: text.replace(b"+", b"%2B").replace(b"/", b"%2F"), False),
    ("unused bits", lambda text: text.rstrip(b"=")[:-1] + bytes([text.rstrip(b"=")[-1] + 1]) + b"=" * text.count(b"="), False),
    ("padding inside", lambda text: text[:8] + b"=" + text[8:], False),
    ("cut", lambda text: text[:-24], False),
    ("twice", lambda text: text + text, False),
    ("empty", lambda text: b"", False),
    ("garbage", lambda text: b"garbage", False),
    ("null", lambda text: b"\0" + text, False),
    ("too long", lambda text: b"A" * (MAXIMUM + 4), False),
]


@pytest.mark.parametrize(("change", "good"), [row[1:] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_a_token_has_one_spelling(change: Callable[[bytes], bytes], good: bool) -> None:
    """Padding may be missing, as recorded (case 10); one that is logged out is not to come back in other letters."""
    token = next(token for length in range(20) if (token := issued(KEYS, ALICE + "x" * length, NOW + 60)).endswith(b"=") and b"+" in token)
    if good:
        assert opened(change(token), [KEYS], NOW).access_id.startswith(ALICE)
    else:
        with pytest.raises(LtpaRefused):
            opened(change(token), [KEYS], NOW)


END = int((NOW + 60) * 1000)
REFUSED: list[tuple[str, bytes, str]] = [
    ("other keys", issued(OTHER, ALICE, NOW + 60), "not made with the keys"),
    ("signed by another", signed(f"expire:{END}$u:x", signer=OTHER), "not made with the keys"),
    ("ended", issued(KEYS, ALICE, NOW - 0.001), "has ended"),
    ("no signed end", signed("u:user\\:R/a"), "no signed time"),
    ("signed end is no number", signed("expire:1e9$u:x"), "no signed time"),
    ("signed end is negative", signed("expire:-1$u:x"), "no signed time"),
    ("signed end beyond all times", signed(f"expire:{'9' * 5000}$u:x"), "no signed time"),
    ("other scripts' digits", signed("expire:\u0661\u0662$u:x"), "no signed time"),
    ("unsigned end later", signed(f"expire:{END}$u:x", str(END + 3_600_000)), "not the one beside it"),
    ("unsigned end earlier", signed(f"expire:{END}$u:x", str(END - 3001)), "not the one beside it"),
    ("unsigned end is no number", signed(f"expire:{END}$u:x", "soon"), "not the one beside it"),
    ("two users", signed(f"expire:{END}$u:x$u:y"), "attributes"),
    ("no colon", signed(f"expire:{END}$u"), "attributes"),
    ("no fields", sealed("x"), "not made with the keys"),
    ("one field too few", sealed(f"expire:{END}$u:x%{END}"), "not made with the keys"),
    ("nothing", sealed(""), "not made with the keys"),
    ("no text", sealed(b"\xff\xfe%1%x"), "not made with the keys"),
    ("signature is no base64", sealed(f"expire:{END}$u:x%{END}%***"), "not made with the keys"),
    ("no signature", sealed(f"expire:{END}$u:x%{END}%"), "not made with the keys"),
]


@pytest.mark.parametrize(("token", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_and_why(token: bytes, why: str) -> None:
    """Expiry is believed only where it is signed; what comes out of a forged token is told nobody."""
    with pytest.raises(LtpaRefused, match=why) as refused:
        opened(token, [KEYS], NOW)
    assert "user" not in str(refused.value)


def test_the_end_is_the_last_good_moment() -> None:
    """Expired only when now is later (reference 5.1)."""
    assert opened(GOOD, [KEYS], NOW + 60).expires == NOW + 60


def test_the_two_ends_may_differ_by_what_is_allowed() -> None:
    """expirationDifferenceAllowed."""
    token = signed(f"expire:{END}$u:x", str(END + 2_999))
    assert opened(token, [KEYS], NOW).expires == END / 1000
    with pytest.raises(LtpaRefused):
        opened(token, [KEYS], NOW, 2)


def test_without_keys_nothing_is_good() -> None:
    """Nothing is accepted by absence."""
    with pytest.raises(LtpaRefused):
        opened(GOOD, [], NOW)


NAMES = ["a|b", "50%", "a$u:user:R/boss", "back\\", "back\\$x:y", "c:d", "%$:|", "ü\u2028\U0001f600", " ", "a\\:b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_cannot_become_another(name: str) -> None:
    """Whatever the name holds, the token says what was put in."""
    assert opened(issued(KEYS, name, NOW + 60), [KEYS], NOW).access_id == name


def test_whatever_comes_it_is_read_or_refused() -> None:
    """Nothing but `LtpaRefused` comes out of bytes of strangers, nor of attributes that somebody with the keys has signed."""
    chance = random.Random(7)
    pieces = ["expire:", str(END), "$", "u:", "\\", "%", "|", ":", "user\\:R/a", "\0", "é", "x" * 99]
    for _ in range(600):
        data = bytearray(GOOD)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
        for text in (bytes(data), sealed(chance.randbytes(chance.randrange(80))), signed("".join(chance.choices(pieces, k=6)))):
            try:
                found = opened(text, [KEYS], NOW)
            except LtpaRefused:
                continue
            assert found.expires == END / 1000
