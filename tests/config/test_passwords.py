"""Encoded passwords against the published vectors, and the masks they wear."""

from base64 import b64encode

import pytest

from zconnect.config.passwords import AES_KEY, KEY, Password, encode_aes, encode_aes_128, encode_hash, encode_xor

# Vectors 56 to 60 of the reference; two of securityUtility: a passphrase and a Base64 key.
DECODED = [
    ("{xor}Lz4sLCgwLTs=", {}, "password"),
    ("{XOR} CDo9Hgw=".replace(" ", ""), {}, "WebAS"),
    ("{aes}AENuMO+8GZIK+JKXSlhNdlOGd6Xp87i3ymt/iPjjVMj3", {}, "password"),
    ("{aes}AB1EF7uFqphGWPg9pkCM7pMNG8cIRb4dAj9PCclVdqrh", {KEY: "mykey"}, "password"),
    (
        "{aes}ARAAAQIDBAUGBwgJCgsMDQ4PucxqzWdskpR/VtAlTN/PYtZYAdYEPkI4ydjn7Y5L8WGkaGWpIHbCDA9Ki23SwRAcEfJ4+qoPmex10Qrneb64dwuqYdO5Y868"
        "0JzJR0TLVwBOX540Ok9Ow3Q=",
        {},
        "password",
    ),
    (
        "{aes}ARBnj9ZIwh5cqLyJjDbIDv8/tcAJJ+mkI7rtnRLHWlBV/EYAe1sBJUcX6TGe/selCsIz1HyX+Jhmc9Ukis0w122lZtWoeIJO5xRBkGEDrctpsZXHlKVp5TvS"
        "H2MckdmBa8vpKULgDeA=",
        {KEY: "k"},
        "hello",
    ),
    ("clear", {}, "clear"),
    ("{", {}, "{"),
    ("{}x", {}, "{}x"),
    ("a{xor}b", {}, "a{xor}b"),
    ("", {}, ""),
]


@pytest.mark.parametrize(("encoded", "keys", "clear"), DECODED)
def test_passwords_are_decoded(encoded: str, keys: dict[str, str], clear: str) -> None:
    """Every version of every encoding."""
    password = Password(encoded, keys.get)

    assert password.text == clear
    assert password.matches(clear)
    assert not password.matches(clear + "x")
    assert password.encoded == encoded


# Vectors 61 and 62.
HASHES = [
    "{hash}ATAAAAAIc2FsdHNhbHRAAAAAIGOOacML3ffgP/JtQuRURaGcthTX4Be3RSIYyuCs/AW2",
    "{hash}ARAAAAAUUEJLREYyV2l0aEhtYWNTSEE1MTIgAAM0UDAAAAAIc2FsdHNhbHRAAAAAIF73E6nO5j8clpnRstDV/sV6/EV65qmcEPXUpbWEEWiE",
]


@pytest.mark.parametrize("encoded", HASHES)
def test_hashes_can_only_be_compared(encoded: str) -> None:
    """They have no clear text."""
    password = Password(encoded)

    assert password.is_hashed
    assert password.matches("password")
    assert not password.matches("Password")
    with pytest.raises(ValueError, match="no clear text"):
        _ = password.text


KEY_256 = b64encode(bytes(32)).decode()


def test_what_is_encoded_can_be_decoded() -> None:
    """All encoders, with and without keys; the same text never looks the same twice where there is a key."""
    for text in ("hello", "Grüße", "", "日本😀"):
        assert Password(encode_xor(text)).text == text
        assert Password(encode_aes(text)).text == text
        assert Password(encode_aes(text, "k"), {KEY: "k"}.get).text == text
        assert Password(encode_aes(text, aes_key=KEY_256), {AES_KEY: KEY_256}.get).text == text
        assert Password(encode_aes_128(text, "k"), {KEY: "k"}.get).text == text
    assert Password(encode_hash("p", iterations=10)).matches("p")
    assert encode_aes("x") != encode_aes("x")


BAD = {
    "unknown encoding": "{rot13}x",
    "no Base64": "{xor}!!",
    "no text": "{xor}oA==",
    "another key": encode_aes("x", "other"),
    "another key of version 0": encode_aes_128("secretsecret", "other"),
    "empty aes": "{aes}",
    "version 9 of aes": "{aes}CQ==",
    "cut off": "{aes}ARAAAQID",
    "cut off in version 0": "{aes}AAAA",
    "empty hash": "{hash}",
    "hash cut off": "{hash}ATAAAAAI",
    "hash without salt": "{hash}AUAAAAAA",
    "key not set": "{aes}AgA=",
}


@pytest.mark.parametrize("encoded", BAD.values(), ids=BAD)
def test_what_cannot_be_decoded_is_refused_without_being_shown(encoded: str) -> None:
    """The reason never contains the value."""
    with pytest.raises(ValueError, match=r"\w") as refusal:
        Password(encoded)

    assert encoded.partition("}")[2][:6] not in str(refusal.value) or len(encoded) < 12


@pytest.mark.parametrize(("key", "word"), [(None, "not set"), ("not base64", "not Base64"), (b64encode(bytes(17)).decode(), "256 bits")])
def test_the_three_ways_a_key_can_be_wrong(key: str | None, word: str) -> None:
    """Vector 63."""
    encoded = encode_aes("x", aes_key=KEY_256)
    with pytest.raises(ValueError, match=word):
        Password(encoded, lambda name: key if name == AES_KEY else None)


def test_a_password_wears_a_mask() -> None:
    """Neither its text nor its code shows anywhere."""
    password = Password(encode_xor("hush"))

    for shown in (repr(password), str(password), f"{password}", repr([password])):
        assert "hush" not in shown
        assert password.encoded not in shown
    assert password == Password(encode_xor("hush"))
    assert password != Password("hush")
    assert hash(password) == hash(Password(encode_xor("hush")))
