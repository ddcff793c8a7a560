"""The keys of one client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from joserfc.jwe import encrypt_compact
from joserfc.jwk import RSAKey

from tests.trust.support import certificate, rsa_key
from zconnect.config.passwords import Password, encode_hash
from zconnect.errors import Refused
from zconnect.security.bearer import open_bearer
from zconnect.security.challenges import TokenRejected
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.validation import open_validator
from zconnect.trust.compact import Compact
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

from .support import assembly, request
from .tokens import EC, ISSUER, OTHER_RSA, RSA, SECRET, jwk, token


class Provider:
    """A provider of keys on a loopback port; counts what it is asked."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.asked: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        body = json.dumps({"keys": self.keys}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    async def __aenter__(self) -> "Provider":
        self._server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/jwks"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(jwk(RSA, "k1", use="sig")) as serving:
        yield serving


def client(**changes: Any) -> OpenidConnectClient:
    return OpenidConnectClient(
        **{"id": "c1", "inbound_propagation": "required", "issuer_identifier": ISSUER, "signature_algorithm": "RS256", **changes}
    )


async def judged(settings: OpenidConnectClient, *texts: str) -> list[str]:
    """`good`, or the number of the reason, for some tokens in turn."""
    found = []
    async with assembly(settings) as opened:
        validator = await open_validator(settings, opened)
        for text in texts:
            try:
                await validator.validate(Compact.parse(text), request())
                found.append("good")
            except TokenRejected as rejected:
                found.append(str(rejected.told).partition("error was: ")[2][:10])
    return found


async def test_a_published_key_verifies(provider: Provider) -> None:
    """By kid, which is compared exactly; without kid the only key is meant (recorded cases 27 and 49)."""
    settings = client(jwk_endpoint_url=provider.url)
    texts = [token(RSA, alg="RS256", kid=kid) for kid in ("k1", None, "K1", "zz")]
    assert await judged(settings, *texts) == ["good", "good", "CWWKS1739E", "CWWKS1739E"]


async def test_a_token_with_an_unknown_key_takes_nothing_from_the_others(provider: Provider) -> None:
    """Recorded case 49: in Liberty one forged token shuts out every token without kid until a restart."""
    good = token(RSA, alg="RS256")
    assert await judged(client(jwk_endpoint_url=provider.url), good, token(OTHER_RSA, alg="RS256", kid="zz"), good) == [
        "good",
        "CWWKS1739E",
        "good",
    ]


async def test_half_an_address_of_keys_is_told_and_refuses() -> None:
    """Recorded case 49d relative: 401 and not an outage, because no waiting mends it."""
    settings = client(jwk_endpoint_url="/jwks")
    assert "ZCON0458E" in [problem.told.message.number for problem in settings.mistakes() if not problem.stops]
    assert await judged(settings, token(RSA, alg="RS256")) == ["CWWKS1739E"]


async def test_another_key_or_kind_does_not_verify(provider: Provider) -> None:
    """The kid of a trusted key helps no other key."""
    provider.keys.append(jwk(EC, "e1"))
    texts = [token(OTHER_RSA, alg="RS256", kid="k1"), token(EC, alg="ES256", kid="e1"), token(alg="HS256", kid="k1")]
    assert await judged(client(jwk_endpoint_url=provider.url), *texts) == ["CWWKS1776E", "CWWKS1739E", "CWWKS1777E"]


async def test_a_new_key_is_fetched_when_a_token_needs_it(provider: Provider) -> None:
    """One fetch brings it, and a key that the set no longer lists is gone (recorded case 27 withdrawn-after)."""
    settings = client(jwk_endpoint_url=provider.url)
    async with assembly(settings) as opened:
        validator = await open_validator(settings, opened)
        await validator.validate(Compact.parse(token(RSA, alg="RS256", kid="k1")), request())
        generation = validator.generation
        provider.keys[:] = [jwk(OTHER_RSA, "k2")]
        await validator.validate(Compact.parse(token(OTHER_RSA, alg="RS256", kid="k2")), request())
        assert validator.generation != generation
        with pytest.raises(TokenRejected):
            await validator.validate(Compact.parse(token(RSA, alg="RS256", kid="k1")), request())


async def test_the_key_set_is_asked_for_with_credentials(provider: Provider) -> None:
    """Recorded case 49c: jwkClientId and jwkClientSecret."""
    settings = client(jwk_endpoint_url=provider.url, jwk_client_id="me", jwk_client_secret=Password("secret"))
    await judged(settings, token(RSA, alg="RS256", kid="k1"))
    assert "Authorization: Basic bWU6c2VjcmV0" in provider.asked[0]


SHORT = Password("short")
HASHED = Password(encode_hash("x", iterations=1))


@pytest.mark.parametrize(
    ("changes", "text", "expected"),
    [
        ({"signature_algorithm": "HS256", "shared_key": Password(SECRET)}, token(), "good"),
        ({"signature_algorithm": "HS256", "client_secret": Password(SECRET)}, token(), "good"),
        ({"signature_algorithm": "HS256", "shared_key": Password(SECRET), "client_secret": SHORT}, token(), "good"),
        ({"signature_algorithm": "HS256", "shared_key": Password(""), "client_secret": Password(SECRET)}, token(), "good"),
        ({"signature_algorithm": "HS256", "shared_key": HASHED, "client_secret": Password(SECRET)}, token(), "CWWKS1739E"),
        ({"signature_algorithm": "HS256", "shared_key": SHORT}, token("short"), "CWWKS1739E"),
        ({"signature_algorithm": "HS384", "shared_key": Password(SECRET)}, token(alg="HS384"), "CWWKS1739E"),
        ({"signature_algorithm": "HS256"}, token(), "CWWKS1739E"),
        ({"json_web_key": json.dumps(jwk(RSA, "k1"))}, token(RSA, alg="RS256"), "good"),
        ({"json_web_key": json.dumps({"keys": [jwk(EC, "e1")]}), "signature_algorithm": "ES256"}, token(EC, alg="ES256"), "good"),
        ({"json_web_key": "rubbish"}, token(RSA, alg="RS256"), "CWWKS1739E"),
        ({}, token(RSA, alg="RS256"), "CWWKS1739E"),
    ],
)
async def test_keys_may_stand_in_the_configuration(changes: dict[str, Any], text: str, expected: str) -> None:
    """Recorded case 22, and jsonWebKey; a secret that is too short for the hash verifies nothing (there: anything)."""
    assert await judged(client(**changes), text) == [expected]


def store(folder: Path, until: float = time.time() + 3600) -> KeyStore:
    """A key store in PEM with the certificate of the signer."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer")])
    builder = x509.CertificateBuilder(name, name, RSA.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime.fromtimestamp(until, UTC))
    path = folder / "signer.pem"
    path.write_bytes(builder.sign(RSA, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return KeyStore(id="signers", location=str(path), type="PEM")


# recorded case 26
async def test_a_certificate_verifies_whatever_kid_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """trustAliasName names it; an alias that is not there, or a store that is not, accepts nothing."""
    signers = store(tmp_path)
    async with assembly() as opened:
        alias = next(iter((await opened.opened(signers)).entries.trusted))
    text = token(RSA, alg="RS256", kid="whatever")
    assert await judged(client(trust_store=signers, trust_alias_name=alias), text, token(OTHER_RSA, alg="RS256")) == ["good", "CWWKS1776E"]
    for changes in (
        {"trust_store": signers, "trust_alias_name": "missing"},
        {"trust_store": signers},
        {"trust_alias_name": alias},
        {"trust_store": KeyStore(id="gone", location=str(tmp_path / "gone.pem"), type="PEM"), "trust_alias_name": alias},
    ):
        assert await judged(client(**changes), text) == ["CWWKS1739E"]
    assert {"ZCON0425E", "ZCON0426E"} <= {record.getMessage()[:9] for record in caplog.records}


async def test_a_certificate_that_has_ended_verifies_nothing(tmp_path: Path) -> None:
    """Recorded case 26 expired-certificate: Liberty does not look at the dates."""
    signers = store(tmp_path, until=time.time() - 60)
    async with assembly() as opened:
        alias = next(iter((await opened.opened(signers)).entries.trusted))
    assert await judged(client(trust_store=signers, trust_alias_name=alias), token(RSA, alg="RS256")) == ["CWWKS1739E"]


async def test_encrypted_tokens_are_opened_with_the_key_of_the_alias(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In the key store of sslRef; an alias that is not there is told, and the tokens are refused (recorded cases 46 and 47)."""
    key = rsa_key("jwe")
    store = KeyStore(id="keys", location=str(tmp_path / "keys.p12"), password=Password("changeit"))
    Path(store.location).write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"jwe", key, certificate("jwe", key), None, serialization.BestAvailableEncryption(b"changeit")
        )
    )
    inner = token()
    text = encrypt_compact({"alg": "RSA-OAEP", "enc": "A256GCM", "cty": "JWT"}, inner, RSAKey.import_key(_pem(key)))
    for alias, good in (("jwe", [text, text, inner]), ("JWE", [text, text, inner]), ("other", [inner])):
        settings = client(
            signature_algorithm="HS256", shared_key=Password(SECRET), key_management_key_alias=alias, ssl=Ssl(id="s", key_store=store)
        )
        found = []
        async with assembly(settings) as opened:
            bearer = await open_bearer(settings, opened)
            for sent in (text, text, inner):
                with suppress(Refused):
                    identity = await bearer.identify(request(headers=(("Authorization", f"Bearer {sent}"),)))
                    found += [sent] if (identity.user, identity.claims["iss"]) == ("alice", ISSUER) else []
        assert found == good
    assert "ZCON0455E" in caplog.text


def _pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
