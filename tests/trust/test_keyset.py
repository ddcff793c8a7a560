"""Keys that stand in the configuration: a certificate, a secret, a text."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.trust.support import certificate, ec_key, jwk, rsa_key
from zconnect.errors import Unavailable
from zconnect.trust.keyset import CertificateKey, key_for, secret_keys, text_keys

ONE, TWO = rsa_key("one").public_key(), rsa_key("two").public_key()


@pytest.mark.parametrize(("offset", "found"), [(0, True), (-11, False), (91, False)])
async def test_a_certificate_verifies_within_its_dates(offset: int, found: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Liberty goes on believing it; kid and x5t do not matter, and it is told once."""
    at = (datetime.now(UTC) + timedelta(days=offset)).timestamp()
    keys = CertificateKey("signer", certificate("signer", rsa_key("one")), lambda: at)

    assert [await key_for(keys, {"kid": kid, "x5t": "x"}, "RS256") for kid in ("a", "b")] == ([ONE] * 2 if found else [None] * 2)
    assert caplog.text.count("ZCON0343E") == (0 if found else 1)
    assert keys.find({}, "ES256") is None
    assert CertificateKey("curve", certificate("curve", ec_key("c"))).find({}, "ES256") == ec_key("c").public_key()


async def test_a_shared_secret_is_for_hs_alone() -> None:
    """Whatever the token says about its key; a short one is for nothing."""
    keys = secret_keys(b"s" * 32)

    assert await key_for(keys, {"kid": "any"}, "HS256") == b"s" * 32
    assert await key_for(keys, {}, "HS512") is None
    assert await key_for(keys, {}, "RS256") is None
    assert await key_for(secret_keys(b"short"), {}, "HS256") is None


async def test_a_key_may_stand_in_the_configuration() -> None:
    """A key or a set as JSON."""
    keys = text_keys(json.dumps({"keys": [jwk(ONE, kid="one"), jwk(TWO, kid="two")]}))

    assert await key_for(keys, {"kid": "two"}, "RS256") == TWO
    assert await key_for(keys, {"kid": "x"}, "RS256") is None
    with pytest.raises(Unavailable, match="ZCON0344E"):
        text_keys("no JSON")
