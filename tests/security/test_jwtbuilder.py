"""<jwtBuilder>: tokens for users of the registry."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.config.vocabulary import said
from tests.security.support import assembly, request
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.roles import Offer, Protection
from zconnect.security.jwtbuilder import JwtBuilder
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser
from zconnect.trust.compact import Compact
from zconnect.trust.generate import self_signed
from zconnect.trust.keystore import KeyStore
from zconnect.trust.keytable import read_keys
from zconnect.trust.pkcs12 import written
from zconnect.trust.token import verify_signature
from zconnect.values import Call, Identity, Kind, Resource, Response

PASSWORD = "changeit"
SECRET = "0123456789abcdef0123456789abcdef"
REGISTRY = BasicRegistry(
    users=(RegistryUser(name="alice", password=Password("alice-secret")),),
    groups=(RegistryGroup(name="admins", members=(Member(name="alice"),)), RegistryGroup(name="all", members=(Member(name="alice"),))),
)
ALICE = Identity("alice", "BasicRegistry", "alice", frozenset({"admins", "all"}), mechanism="BASIC")


def key_store(folder: Path, rsa_bits: int = 0) -> KeyStore:
    """A key store with one key, called own."""
    path = folder / f"keys{rsa_bits}.p12"
    path.write_bytes(written(self_signed(x509.Name([]), ["localhost"], rsa_bits=rsa_bits, alias="own"), PASSWORD))
    return KeyStore(id="keys", location=str(path), password=Password(PASSWORD))


def builder(**attributes: Any) -> JwtBuilder:
    """An element, with what was written told apart from defaults."""
    names = said(*(name.replace("_", "") for name in attributes))
    return JwtBuilder(id="b", given=names, **{"shared_key": Password(SECRET), "signature_algorithm": "HS256", **attributes})


async def offers(settings: JwtBuilder, *others: Element) -> tuple[Offer, Offer]:
    """The resources for tokens and for keys."""
    async with assembly(settings, REGISTRY, *others) as made:
        token, keys = await made.opened(settings)
        return token, keys


async def answer(offer: Offer, identity: Identity | None = ALICE, method: str = "GET") -> Response:
    """What a resource answers to a caller who was let in."""
    call = Call(request(method=method), identity, Resource(Kind.APPLICATION, "b"), "")
    return await offer.service.invoke(call)


async def claims(settings: JwtBuilder, identity: Identity = ALICE) -> Mapping[str, Any]:
    """The claims of a new token."""
    offer, _ = await offers(settings)
    return Compact.parse(json.loads(body(await answer(offer, identity)))["token"]).claims


def body(response: Response) -> bytes:
    """The whole body."""
    assert isinstance(response.body, bytes)
    return response.body


async def test_a_token_is_for_whoever_logs_in() -> None:
    """By https, with a password, by anybody of the registry; nothing on the way keeps it."""
    token, keys = await offers(builder())

    assert (token.pattern, keys.pattern) == ("/jwt/ibm/api/b/token", "/jwt/ibm/api/b/jwk")
    assert token.kind is keys.kind is Kind.APPLICATION
    assert isinstance(token.protection, Protection)
    assert token.protection.secure
    assert token.protection.roles == ("**",)
    assert token.protection.login.method == "BASIC"
    assert isinstance(keys.protection, Protection)
    assert keys.protection.roles is None

    headers = dict((await answer(token)).headers)
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"cache-control"] == b"no-store"


async def test_a_token_has_libertys_claims() -> None:
    """token_type, sub, iss, iat, exp; without more attributes no others."""
    before = int(time.time())
    found = await claims(builder())

    assert set(found) == {"token_type", "sub", "iss", "iat", "exp"}
    assert (found["token_type"], found["sub"]) == ("Bearer", "alice")
    assert before <= found["iat"] <= time.time()
    assert found["exp"] == found["iat"] + 7200
    assert found["iss"].startswith("https://")
    assert found["iss"].endswith(":9443/jwt/b")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"issuer": "https://i.example"}, {"iss": "https://i.example"}),
        ({"audiences": ("api",)}, {"aud": "api"}),
        ({"audiences": ("api", "other")}, {"aud": ["api", "other"]}),
        ({"scope": "a b"}, {"scope": "a b"}),
        ({"claims": ("groups",)}, {"groups": ["admins", "all"]}),
        ({"claims": ("upn", "mail")}, {"upn": "alice"}),
        ({"claims": ("sub", "iss", "exp")}, {"sub": "alice"}),
    ],
)
async def test_attributes_become_claims(attributes: dict[str, Any], expected: dict[str, object]) -> None:
    """What the registry does not know is left out."""
    found = await claims(builder(**attributes))

    assert {name: found.get(name) for name in expected} == expected
    assert "mail" not in found


@pytest.mark.parametrize(
    ("attributes", "life"),
    [
        ({"expiry": timedelta(hours=1)}, 3600),
        ({"expires_in_seconds": timedelta(seconds=1)}, 1),
        ({"expiry": timedelta(hours=1), "expires_in_seconds": timedelta(seconds=90)}, 90),
        ({"expiry": timedelta(hours=1), "expires_in_seconds": timedelta(seconds=-1)}, 3600),
    ],
)
async def test_a_token_ends(attributes: dict[str, Any], life: int) -> None:
    """expiresInSeconds before expiry, unless it is negative."""
    found = await claims(builder(**attributes))

    assert found["exp"] - found["iat"] == life


async def test_a_token_may_begin_later_and_be_told_apart() -> None:
    """nbfOffset and jti."""
    found = await claims(builder(nbf_offset=timedelta(seconds=30), jti=True))
    other = await claims(builder(jti=True))

    assert found["nbf"] == found["iat"] + 30
    assert found["jti"] != other["jti"]


@pytest.mark.parametrize(
    "identity",
    [
        None,
        ALICE._replace(mechanism="BEARER"),
        ALICE._replace(realm="https://op.example"),
        ALICE._replace(realm="https://op.example", mechanism="BEARER"),
    ],
)
async def test_there_is_no_token_for_a_token(identity: Identity | None) -> None:
    """It would live for ever, and a name of another realm would become one of this server's."""
    token, _ = await offers(builder())

    with pytest.raises(Refused) as caught:
        await answer(token, identity)
    assert caught.value.status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "get"])
async def test_only_get_is_allowed(method: str) -> None:
    """405 with Allow, at both resources."""
    for offer in await offers(builder()):
        with pytest.raises(Refused) as caught:
            await answer(offer, method=method)
        assert caught.value.status == 405
        assert caught.value.headers == ((b"allow", b"GET"),)


@pytest.mark.parametrize(
    ("attributes", "rsa_bits", "algorithm"),
    [
        ({"key_alias": "own", "signature_algorithm": "ES256"}, 0, "ES256"),
        ({"key_alias": "OWN", "signature_algorithm": "PS512"}, 2048, "PS512"),
        ({"signature_algorithm": "RS256"}, 2048, "RS256"),
        ({"key_alias": "own", "signature_algorithm": "ES256", "jwk_enabled": True}, 0, "ES256"),
        ({"signature_algorithm": "RS256", "jwk_enabled": True}, 0, "RS256"),
        ({"signature_algorithm": "ES384", "jwk_enabled": True}, 0, "ES384"),
    ],
)
async def test_what_is_published_verifies_the_tokens(attributes: dict[str, Any], rsa_bits: int, algorithm: str, tmp_path: Path) -> None:
    """With a key of a key store and with generated ones."""
    token, keys = await offers(builder(key_store=key_store(tmp_path, rsa_bits), **attributes))
    compact = Compact.parse(json.loads(body(await answer(token)))["token"])
    key = read_keys(body(await answer(keys, None)), "x").find(compact.header, algorithm)

    assert key is not None
    verify_signature(compact, algorithm, key)
    assert compact.header["typ"] == "JWT"


async def test_the_default_algorithm_follows_the_key(tmp_path: Path) -> None:
    """A builder of Liberty's that says nothing of the algorithm works with the P-256 key that this server makes, too."""
    settings = JwtBuilder(id="b", key_store=key_store(tmp_path), given=said("keystoreref"))
    token, _ = await offers(settings)

    assert Compact.parse(json.loads(body(await answer(token)))["token"]).header["alg"] == "ES256"


@pytest.mark.parametrize(
    ("attributes", "rsa_bits", "number"),
    [
        ({"signature_algorithm": "RS256"}, 0, "ZCON0480E"),
        ({"signature_algorithm": "ES384"}, 0, "ZCON0480E"),
        ({"signature_algorithm": "ES256"}, 2048, "ZCON0480E"),
        ({"signature_algorithm": "ES256", "key_alias": "missing"}, 0, "CWWKS6008E"),
        ({"signature_algorithm": "HS256", "shared_key": Password("short")}, 0, "ZCON0481E"),
        ({"signature_algorithm": "HS512"}, 0, "ZCON0481E"),
        ({"signature_algorithm": "HS256", "shared_key": None}, 0, "ZCON0481E"),
    ],
)
async def test_a_builder_without_a_good_key_says_so(
    attributes: dict[str, Any], rsa_bits: int, number: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log at the start, and with 503 to whoever asks; the rest of the server runs."""
    token, keys = await offers(builder(key_store=key_store(tmp_path, rsa_bits), **attributes))

    with pytest.raises(Refused) as caught:
        await answer(token)
    assert caught.value.status == 503
    assert number in caplog.text
    assert SECRET not in caplog.text
    assert json.loads(body(await answer(keys, None))) == {"keys": []}


async def test_nothing_secret_is_published(tmp_path: Path) -> None:
    """Public members alone, and of a shared secret nothing."""
    _, keys = await offers(builder(key_store=key_store(tmp_path), signature_algorithm="ES256"))
    _, none = await offers(builder())

    assert set(json.loads(body(await answer(keys, None)))["keys"][0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert json.loads(body(await answer(none, None))) == {"keys": []}
