"""A set of verification keys."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.support import b64, certificate, ec_key, jwk, rsa_key
from zconnect.trust.keytable import MOST_KEYS, KeyTable, read_keys

ONE, TWO, CURVE = rsa_key("one").public_key(), rsa_key("two").public_key(), ec_key("curve").public_key()


def table(*keys: object, symmetric: bool = False) -> KeyTable:
    """A set as it was published."""
    return read_keys(json.dumps({"keys": keys}).encode(), "https://op.example/jwks", symmetric=symmetric)


TOO_MANY = b'{"keys":[' + b"{}," * MOST_KEYS + b"{}]}"
BOTH = table(jwk(ONE, kid="one", x5t="T1"), jwk(TWO, kid="two"), jwk(CURVE, kid="curve"))


@pytest.mark.parametrize(
    ("header", "algorithm", "expected"),
    [
        ({"kid": "one"}, "RS256", ONE),
        ({"kid": "two"}, "PS512", TWO),
        ({"kid": "curve"}, "ES256", CURVE),
        ({"kid": "ONE"}, "RS256", None),
        ({"kid": "one "}, "RS256", None),
        ({"kid": "one"}, "ES256", None),  # CVE-2026-48523: the key must fit the configured algorithm
        ({"kid": "curve"}, "ES384", None),
        ({"kid": "one"}, "HS256", None),
        ({"kid": "two", "x5t": "T1"}, "RS256", TWO),
        ({"kid": "x", "x5t": "T1"}, "RS256", None),
        ({"x5t": "T1"}, "RS256", ONE),
        ({"kid": "", "x5t": "T1"}, "RS256", ONE),
        ({"x5t": "t1"}, "RS256", None),
        ({"x5t": 5}, "RS256", None),
        ({}, "RS256", None),  # two fit
        ({}, "ES256", CURVE),
        ({"kid": ""}, "ES256", CURVE),
        ({"kid": 1}, "ES256", None),
        ({"kid": ["one"]}, "RS256", None),
        ({"kid": {"one": 1}}, "RS256", None),
        ({"kid": "../../etc/passwd"}, "RS256", None),  # CVE-2026-81829 and its like
        ({"kid": "x' OR '1'='1"}, "RS256", None),
        ({"kid": "https://evil.example/key"}, "RS256", None),
        ({"jwk": jwk(CURVE), "jku": "https://evil.example"}, "RS256", None),
    ],
)
def test_a_header_means_one_key_or_none(header: dict[str, object], algorithm: str, expected: object) -> None:
    """By kid alone if there is one, else by x5t, else the only one that fits."""
    assert BOTH.find(header, algorithm) == expected


@pytest.mark.parametrize(
    ("origin", "key"),
    [
        ("for encryption", jwk(ONE, kid="k", use="enc")),
        ("use is no text", jwk(ONE, kid="k", use=["sig"])),
        ("operations without verify", jwk(ONE, kid="k", key_ops=["encrypt"])),
        ("operations are a text", jwk(ONE, kid="k", key_ops="verify")),
        ("another algorithm", jwk(ONE, kid="k", alg="RS512")),
        ("algorithm for encryption", jwk(ONE, kid="k", alg="RSA-OAEP")),
        ("algorithm is no text", jwk(ONE, kid="k", alg=1)),
        ("kid is no text", jwk(ONE, kid=["k"])),
        ("1024 bits", jwk(rsa_key("small", 1024).public_key(), kid="k")),
        ("a shared secret from the network", {"kty": "oct", "k": "A" * 86, "kid": "k"}),
        ("exponent one", {"kty": "RSA", "n": jwk(ONE)["n"], "e": "AQ", "kid": "k"}),
        ("even modulus", {"kty": "RSA", "n": b64(b"\xff" + bytes(255)).decode(), "e": "AQAB", "kid": "k"}),
        ("no object", "k"),
        ("nothing", {}),
    ],
)
def test_a_key_that_must_not_verify_is_left_out(origin: str, key: object) -> None:
    """CVE-2026-102274: it disturbs no other; only this algorithm was asked for."""
    found = table(key, jwk(TWO, kid="two"))

    assert found.find({"kid": "k"}, "RS256") is None
    assert found.find({"kid": "two"}, "RS256") == TWO


def test_the_one_key_that_is_left_stands_for_no_kid() -> None:
    """Keys for encryption beside it do not count, and a repetition is no second key."""
    assert table(jwk(ONE, use="enc"), jwk(TWO, kid="two"), jwk(TWO, kid="two")).find({}, "RS256") == TWO


def test_one_kid_for_two_keys_means_none() -> None:
    """Which one is meant would be a matter of chance; of different kinds the one that fits is meant."""
    assert table(jwk(ONE, kid="k"), jwk(TWO, kid="k")).find({"kid": "k"}, "RS256") is None
    assert table(jwk(ONE, kid="k"), jwk(CURVE, kid="k")).find({"kid": "k"}, "ES256") == CURVE


def test_a_thumbprint_is_reckoned_from_the_certificate() -> None:
    """RFC 7517, 4.7: x5c without x5t."""
    own = certificate("a", rsa_key("one"))
    chain = [base64.b64encode(own.public_bytes(Encoding.DER)).decode()]

    assert table(jwk(ONE, x5c=chain), jwk(TWO)).find({"x5t": b64(own.fingerprint(SHA1())).decode()}, "RS256") == ONE


def test_a_single_key_is_a_set_of_one() -> None:
    """As Liberty takes it."""
    assert read_keys(json.dumps(jwk(ONE, kid="one")).encode(), "x").find({"kid": "one"}, "RS256") == ONE


def test_a_secret_may_stand_in_the_configuration() -> None:
    """There, and only there."""
    assert table({"kty": "oct", "k": "A" * 86, "kid": "k"}, symmetric=True).find({"kid": "k"}, "HS256") == bytes(64)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html/>",
        b"[]",
        b"{}",
        b'{"keys":"x"}',
        b'{"keys":null}',
        b'{"keys":[]',
        b'{"keys":[],"keys":[]}',
        b"\xff",
        TOO_MANY,
    ],
)
def test_what_is_no_set_is_a_value_error(document: bytes) -> None:
    """So that the set at hand stays in force."""
    with pytest.raises(ValueError):  # noqa: PT011 - some texts are the library's
        read_keys(document, "x")


def test_sets_are_compared_by_their_keys() -> None:
    """Order and unusable keys make no difference; a key replaced under the same kid does."""
    assert table(jwk(ONE, kid="a"), jwk(TWO, kid="b")).same_as(table("x", jwk(TWO, kid="b"), jwk(ONE, kid="a")))
    assert not table(jwk(ONE, kid="a")).same_as(table(jwk(TWO, kid="a")))
