"""Clients whose provider describes itself, against real providers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.test_servers import free_port
from tests.trust.support import provider
from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.runtime.assembly import Opening
from zconnect.security.bearer import BearerToken
from zconnect.security.clients import Clients, open_clients
from zconnect.security.discovery import DiscoveredClient, described, open_client
from zconnect.security.oidc import OpenidConnectClient
from zconnect.values import Identity, Request

from .op import good, op
from .support import assembly, request
from .test_bearer import REGISTRY
from .tokens import ISSUER, OTHER_RSA, RSA, SECRET, jwk, token

DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "jwks_uri": f"{ISSUER}/certs",
    "token_endpoint": f"{ISSUER}/token",
    "authorization_endpoint": f"{ISSUER}/auth",
    "introspection_endpoint": f"{ISSUER}/introspect",
    "userinfo_endpoint": f"{ISSUER}/me",
    "id_token_signing_alg_values_supported": ["RS256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
}


def client(url: str, **changes: Any) -> OpenidConnectClient:
    """A client that knows its provider's address alone."""
    settings = {"id": "c1", "inbound_propagation": "required", "discovery_endpoint_url": url, "https_required": False}
    return OpenidConnectClient(**{**settings, **changes})


def bearing(text: str, **changes: Any) -> Request:
    return request(headers=(("Authorization", f"Bearer {text}"),), **changes)


async def asked(at: Clients | BearerToken | DiscoveredClient, text: str, **changes: Any) -> Identity | int:
    """An identity, or the status of a refusal."""
    sent = bearing(text, **changes)
    found = at.in_charge(sent, "") if isinstance(at, Clients) else at
    assert found is not None
    try:
        return await found.identify(sent)
    except Refused as refusal:
        return refusal.status


@asynccontextmanager
async def working(settings: OpenidConnectClient) -> AsyncIterator[Clients]:
    async with assembly(REGISTRY, settings) as parts:
        yield await open_clients(parts)


def test_a_document_completes_the_settings() -> None:
    """Reference 2.9: also what was configured, the algorithm of the provider, and its way to authenticate."""
    found = described(client("https://x", jwk_endpoint_url="https://old/certs"), DOCUMENT)
    assert found.issuers == {ISSUER}
    assert found.jwk_endpoint_url == f"{ISSUER}/certs"
    assert found.validation_endpoint_url == f"{ISSUER}/introspect"
    assert (found.signature_algorithm, found.token_endpoint_auth_method) == ("RS256", "basic")
    assert described(client("https://x", validation_method="userinfo"), DOCUMENT).validation_endpoint_url == f"{ISSUER}/me"
    both = {**DOCUMENT, "id_token_signing_alg_values_supported": ["HS256", "RS256"], "token_endpoint_auth_methods_supported": None}
    kept = described(client("https://x", validation_endpoint_url="https://mine"), {**both, "introspection_endpoint": ""})
    assert (kept.signature_algorithm, kept.token_endpoint_auth_method, kept.validation_endpoint_url) == ("HS256", "post", "https://mine")


WELL_KNOWN = "https://login.example/realms/a/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("url", "configured", "changes", "believed"),
    [
        ("https://x/discovery", "", {}, True),  # recorded case 49d: Liberty compares nothing
        ("https://x/discovery", ISSUER, {}, True),
        ("https://x/discovery", f"https://a, {ISSUER}", {}, True),
        ("https://x/discovery", "https://other.example", {}, False),
        (WELL_KNOWN, "", {"issuer": "https://login.example/realms/a"}, True),
        (WELL_KNOWN, "", {"issuer": "https://login.example/realms/a/"}, True),
        (WELL_KNOWN, "", {"issuer": "https://login.example/realms/b"}, False),
        (WELL_KNOWN, "https://public.example", {"issuer": "https://public.example"}, True),
        ("https://x/discovery", "", {"issuer": None}, False),
        ("https://x/discovery", "", {"issuer": ""}, False),
        ("https://x/discovery", "", {"issuer": "https://a, https://b"}, False),
        ("https://x/discovery", "", {"issuer": [ISSUER]}, False),
        ("https://x/discovery", "", {"jwks_uri": "file:///etc/keys"}, False),
        ("https://x/discovery", "", {"jwks_uri": 5}, False),
    ],
)
def test_a_document_must_be_about_the_issuer(url: str, configured: str, changes: dict[str, Any], believed: bool) -> None:
    """OpenID Connect Discovery, section 4.3, unless issuerIdentifier says who it is."""
    settings = client(url, issuer_identifier=configured)
    if believed:
        assert described(settings, {**DOCUMENT, **changes}).issuers
    else:
        with pytest.raises(ValueError, match=r"issuer|address"):
            described(settings, {**DOCUMENT, **changes})


async def test_tokens_are_judged_by_what_the_provider_says() -> None:
    """The first request waits for the description and the keys; opaque tokens are asked about where it says."""
    with provider() as pages, provider() as keys:
        async with op() as asking:
            asking.says["opaque"] = good()
            keys.publish(jwk(RSA, "k1"))
            pages.answer = {**DOCUMENT, "jwks_uri": keys.url, "introspection_endpoint": asking.url}
            async with working(client(pages.url, client_id="rs", client_secret=Password("x"))) as clients:
                found = await asked(clients, token(RSA, alg="RS256", kid="k1"))
                assert isinstance(found, Identity)
                assert isinstance(await asked(clients, "opaque"), Identity)
                assert await asked(clients, token(OTHER_RSA, alg="RS256", kid="k1")) == 401
                assert clients.recall(bearing(token(RSA, alg="RS256", kid="k1")), "") == found
        assert asking.asked[0]["authorization"].startswith("Basic ")


async def test_an_outage_at_the_start_is_not_the_end() -> None:
    """503 until the provider is up, without a new start."""
    port = free_port()
    async with working(client(f"http://localhost:{port}/d", signature_algorithm="HS256", shared_key=Password(SECRET))) as clients:
        assert [await asked(clients, token()) for _ in range(3)] == [503] * 3
        async with op(port=port) as pages:
            pages.raw = json.dumps({**DOCUMENT, "id_token_signing_alg_values_supported": ["HS256"], "jwks_uri": ""}).encode()
            for _ in range(100):
                found = await asked(clients, token())
                if isinstance(found, Identity):
                    break
                await asyncio.sleep(0.05)
            assert isinstance(found, Identity)


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"[" * 100_000, b'{"issuer":"https://a","issuer":"https://b"}'])
async def test_a_document_that_says_nothing_is_an_outage(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody passes, and the log says why."""
    with provider() as pages:
        pages.answer = answer
        async with working(client(pages.url)) as clients:
            assert await asked(clients, token()) == 503
    assert "CWWKS1524E" in caplog.text


async def test_another_description_takes_the_place_of_the_first() -> None:
    """A new issuer counts and the old one does not; an outage changes nothing; what was remembered is judged anew."""
    with provider() as pages:
        document = {**DOCUMENT, "id_token_signing_alg_values_supported": ["HS256"]}
        pages.answer = document
        async with assembly(REGISTRY) as parts:
            found = await open_client(client(pages.url, shared_key=Password(SECRET)), parts)
            assert isinstance(found, DiscoveredClient)
            assert isinstance(await asked(found, token()), Identity)
            pages.status = 503
            assert not await found.refresh()
            assert isinstance(found.recall(bearing(token())) or await asked(found, token()), Identity)
            pages.status, pages.answer = 200, {**document, "issuer": "https://new.example"}
            assert await found.refresh()
            assert (await asked(found, token()), found.recall(bearing(token()))) == (401, None)
            assert isinstance(await asked(found, token(iss="https://new.example")), Identity)


async def test_a_description_outlives_a_restart() -> None:
    """So that an outage of the provider does not begin with one; the next server has the same store."""
    with provider() as pages:
        pages.answer = {**DOCUMENT, "id_token_signing_alg_values_supported": ["HS256"]}
        settings = client(pages.url, shared_key=Password(SECRET))
        async with assembly(REGISTRY, settings) as parts:
            assert isinstance(await asked(await open_client(settings, parts), token()), Identity)
            pages.status = 500
            async with assembly(REGISTRY, settings) as later:
                assert isinstance(later, Opening)
                later.store = parts.store
                assert isinstance(await asked(await open_client(settings, later), token()), Identity)
                elsewhere = client(pages.url + "?other", shared_key=Password(SECRET))
                assert await asked(await open_client(elsewhere, later), token()) == 503


async def test_http_needs_leave() -> None:
    """Recorded case 49d: everything is refused, and `validate` tells it."""
    settings = client("http://localhost/d", https_required=True, issuer_identifier=ISSUER, shared_key=Password(SECRET))
    assert [problem.told.message.number for problem in settings.mistakes() if not problem.stops].count("CWWKS1524E") == 1
    async with working(settings) as clients:
        assert await asked(clients, token()) == 401
