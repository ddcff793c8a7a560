"""Published vectors: the examples of the RFCs and of Wycheproof, each with what becomes of it here, and why where that differs."""

import base64
import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from zconnect.trust.compact import Compact, TokenRefused
from zconnect.trust.encryption import Decryption, is_encrypted
from zconnect.trust.keytable import read_keys
from zconnect.trust.token import VerificationKey, key_of_jwk, verify_signature

VECTORS = Path(__file__).parent / "vectors"
RFC: dict[str, Any] = json.loads((VECTORS / "rfc.json").read_text())
KEYS: dict[str, Any] = json.loads((VECTORS / "wycheproof_jwk.json").read_text())
# One line a key: file, algorithm, key, and its tests as number, result, comment, message and signature (base64url).
# From testvectors_v1 of C2SP Wycheproof (Apache License 2.0), as the crate wycheproof 0.7.0 has them.
GROUPS: list[dict[str, Any]] = [json.loads(line) for line in (VECTORS / "wycheproof.jsonl").read_text().splitlines()]


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def bare(token: str) -> Compact:
    """A token whose payload is no JSON object, as many published ones are; `Compact.parse` refuses them for that."""
    header, payload, signature = token.split(".")
    return Compact(json.loads(octets(header)), {}, f"{header}.{payload}".encode(), octets(signature))


def verdict(compact: Compact, algorithm: str, key: VerificationKey | None) -> str:
    """The number of the message with which a signature is refused; empty where it is good."""
    if key is None:
        return "no key"
    try:
        verify_signature(compact, algorithm, key)
    except TokenRefused as refusal:
        return refusal.told.message.number
    return ""


@pytest.mark.parametrize("vector", RFC["signed"], ids=lambda vector: vector["origin"])
def test_the_signed_examples_of_the_standards(vector: dict[str, Any]) -> None:
    """They verify with the key that stands beside them, and no longer once a bit has changed; the unsigned one never does."""
    compact, key = bare(vector["token"]), key_of_jwk(vector["key"])

    if compact.header["alg"] == "none":
        assert verdict(compact, vector["algorithm"], key) == "CWWKS1778E"
        return
    assert verdict(compact, vector["algorithm"], key) == ""
    for part in ("signature", "signing_input"):
        spoilt = bytearray(getattr(compact, part))
        spoilt[-1] ^= 1
        assert verdict(Compact(**{**compact._asdict(), part: bytes(spoilt)}), vector["algorithm"], key) == "CWWKS1776E"


@pytest.mark.parametrize("vector", RFC["signed"], ids=lambda vector: vector["origin"])
def test_only_claims_are_a_token(vector: dict[str, Any]) -> None:
    """RFC 7519, section 7.2: what holds a JSON object is taken apart, what holds a text is refused."""
    try:
        claims = json.loads(octets(vector["token"].split(".")[1]))
    except ValueError:
        with pytest.raises(TokenRefused, match="ZCON0311E"):
            Compact.parse(vector["token"])
    else:
        assert Compact.parse(vector["token"]) == bare(vector["token"])._replace(claims=claims)


@pytest.mark.parametrize("vector", RFC["otherForms"], ids=lambda vector: vector["origin"])
def test_the_json_forms_are_refused(vector: dict[str, Any]) -> None:
    """RFC 7519, section 3: a token is in compact form."""
    with pytest.raises(TokenRefused, match="ZCON0311E"):
        Compact.parse(vector["token"])


@pytest.mark.parametrize("vector", RFC["encrypted"], ids=lambda vector: vector["origin"])
def test_the_encrypted_examples_of_the_standards(vector: dict[str, Any]) -> None:
    """None of them is opened, for the reason that stands beside it: no signed token within (cty), or an algorithm that we do not take."""
    assert is_encrypted(vector["token"].encode())
    named = vector["key"]
    private = RSAAlgorithm.from_jwk(named) if named["kty"] == "RSA" else RSAAlgorithm.from_jwk(RFC["encrypted"][0]["key"])
    reason = {"cty": "CWWKS6056E.*CWWKS6057E", "algorithm": "CWWKS6056E.*algorithm is not accepted"}[vector["refused"]]

    with pytest.raises(TokenRefused, match=reason):
        Decryption(private).open(vector["token"].encode())  # type: ignore[arg-type]  # the key has its private part


def expected(group: dict[str, Any], result: str) -> bool:
    """Whether a signature must be good here: as Wycheproof says, but for secrets and codes that RFC 7518, section 3.2, does not allow."""
    long_enough = len(octets(group["key"].get("k", ""))) >= 32 or group["alg"] != "HS256"
    return result == "valid" and long_enough and group.get("tagBits", 256) == 256


FILES = [
    pytest.param(list(groups), id=name.removesuffix("_test.json")) for name, groups in groupby(GROUPS, lambda group: str(group["file"]))
]


@pytest.mark.parametrize("groups", FILES)
def test_signatures_of_wycheproof(groups: list[dict[str, Any]]) -> None:
    """'valid' is good, 'invalid' and 'acceptable' (a missing NULL in the padding) are not."""
    wrong, good = [], 0
    for group in groups:
        key = key_of_jwk(group["key"])
        for number, result, comment, message, signature in group["tests"]:
            compact = Compact({"alg": group["alg"]}, {}, octets(message), octets(signature))
            accepted = verdict(compact, group["alg"], key) == ""
            good += accepted
            if accepted != expected(group, result):
                wrong.append((number, result, comment))
    assert wrong == []
    assert good > 0


@pytest.mark.parametrize("vector", KEYS["tests"], ids=lambda vector: f"{vector['tcId']} {vector['comment']}")
def test_keys_of_wycheproof(vector: dict[str, Any]) -> None:
    """A key that is weak, damaged, for another use or one of two with its kid verifies nothing."""
    compact = bare(vector["token"])
    document = json.dumps({"keys": vector["keys"]}).encode()
    key = read_keys(document, "Wycheproof", symmetric="published" not in vector).find(compact.header, vector["algorithm"])

    assert (verdict(compact, vector["algorithm"], key) == "") == (vector["result"] == "valid")
