"""Encrypted tokens."""

import base64
import json
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwe import encrypt_compact
from joserfc.jwk import RSAKey

from tests.trust.support import b64, ec_key, rsa_key
from zconnect.trust.compact import TokenRefused
from zconnect.trust.encryption import CONTENT_ALGORITHMS, KEY_ALGORITHMS, Decryption, is_encrypted

KEY = rsa_key("jwe")
_PEM = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
INNER = b"eyJhbGciOiJub25lIn0.e30."


def sealed(plain: bytes = INNER, bits: int = 256, **header: Any) -> bytes:
    """A token by cryptography alone, with RSA-OAEP and AES-GCM whatever the header says."""
    fields = {"alg": "RSA-OAEP", "enc": f"A{bits}GCM", "cty": "JWT", **header}
    first = b64(json.dumps({name: value for name, value in fields.items() if value is not None}).encode())
    key, nonce = b"k" * (bits // 8), b"n" * 12
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    content = AESGCM(key).encrypt(nonce, plain, first)
    return b".".join((first, *map(b64, (KEY.public_key().encrypt(key, oaep), nonce, content[:-16], content[-16:]))))


def made(alg: str, enc: str, **header: Any) -> bytes:
    """A token by the library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        public = RSAKey.import_key(KEY.public_key().public_bytes(*_PEM))
        return encrypt_compact({"alg": alg, "enc": enc, "cty": "JWT", **header}, INNER, public, [alg, enc, "DEF"]).encode()


@pytest.mark.parametrize("alg", KEY_ALGORITHMS)
@pytest.mark.parametrize("enc", CONTENT_ALGORITHMS)
def test_a_token_is_opened(alg: str, enc: str) -> None:
    """By each of the algorithms."""
    token = made(alg, enc)
    assert is_encrypted(token)
    assert Decryption(KEY).open(token) == INNER


@pytest.mark.parametrize("bits", [128, 256])
def test_a_token_of_another_maker_is_opened(bits: int) -> None:
    """Recorded case 46: its kid does not matter, nor the letter case of cty (RFC 7519, section 5.2)."""
    assert Decryption(KEY).open(sealed(bits=bits, kid="zz", cty="jwt")) == INNER


def _flipped(token: bytes, part: int) -> bytes:
    parts = token.split(b".")
    parts[part] = (b"B" if parts[part][:1] == b"A" else b"A") + parts[part][1:]
    return b".".join(parts)


BAD: list[tuple[str, Callable[[], bytes]]] = [
    ("46 no cty", lambda: sealed(cty=None)),
    ("cty number", lambda: sealed(cty=1)),
    ("46 RSA1_5", lambda: made("RSA1_5", "A256GCM")),
    ("46 tampered", lambda: _flipped(sealed(), 3)),
    ("another tag", lambda: _flipped(sealed(), 4)),
    ("another key", lambda: _flipped(sealed(), 1)),
    ("another header", lambda: sealed().replace(sealed().split(b".")[0], sealed(kid="x").split(b".")[0])),
    ("zip", lambda: made("RSA-OAEP", "A256GCM", zip="DEF")),
    ("zip bomb", lambda: sealed(zlib.compress(b"x" * 10_000_000), zip="DEF")),
    ("PBES2 with many rounds", lambda: sealed(alg="PBES2-HS256+A128KW", p2c=2**40, p2s="AAAA")),
    ("dir", lambda: sealed(alg="dir")),
    ("alg none", lambda: sealed(alg="none")),
    ("alg list", lambda: sealed(alg=["RSA-OAEP"])),
    ("enc none", lambda: sealed(enc="none")),
    ("crit", lambda: sealed(crit=[])),
    ("a token in the standard alphabet", lambda: base64.b64encode(b"\xff\xfe") + sealed()[3:]),
    ("padded", lambda: sealed() + b"="),
    ("too long", lambda: sealed(b"x" * 20_000)),
    ("empty parts", lambda: b"...."),
    ("no key", lambda: b".".join((sealed().split(b".")[0], b"", *sealed().split(b".")[2:]))),
    ("no tag", lambda: sealed().rpartition(b".")[0] + b"."),
    ("header a list", lambda: b64(b"[]") + sealed()[sealed().index(b".") :]),
    ("header deep", lambda: b64(b"[" * 5000) + b".a.a.a.a"),
    ("no ascii", lambda: "é.é.é.é.é".encode()),
]


@pytest.mark.parametrize(("origin", "make"), BAD, ids=[row[0] for row in BAD])
def test_a_token_is_refused(origin: str, make: Callable[[], bytes]) -> None:
    """With a reason that is the same for whatever is wrong with key and content."""
    with pytest.raises(TokenRefused) as caught:
        Decryption(KEY).open(make())
    assert str(caught.value.told).startswith(("CWWKS6056E", "ZCON0310E"))
    if origin in {"46 tampered", "another tag", "another key", "another header"}:
        assert "do not fit" in str(caught.value.told)


def test_a_key_must_be_able() -> None:
    """RSA of 2048 bits at the least."""
    for key in (ec_key("jwe"), rsa_key("short", 1024)):
        with pytest.raises(ValueError, match="RSA"):
            Decryption(key)
