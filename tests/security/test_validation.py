"""The judge of one client's tokens."""

from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.errors import Refused, Unavailable
from zconnect.messages import error
from zconnect.security.challenges import TokenRejected
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.validation import Accepted, Rules, Validator, open_validator
from zconnect.trust.compact import Compact
from zconnect.trust.keyset import KeySet

from .support import NOW, assembly, request
from .tokens import ISSUER, SECRET, tampered, token

GONE = error("ZCON0998E", "The provider is away.", "Wait.")


async def validated(text: str, asked: Any = None, **changes: Any) -> Accepted:
    settings = OpenidConnectClient(
        **{"id": "c1", "inbound_propagation": "required", "shared_key": Password(SECRET), "issuer_identifier": ISSUER, **changes}
    )
    async with assembly(settings) as opened:
        return await (await open_validator(settings, opened)).validate(Compact.parse(text), asked or request())


async def test_a_good_token_is_taken_with_its_end() -> None:
    """The end is exp and the skew, which is cut to whole seconds."""
    found = await validated(token(exp=NOW + 10.5))
    assert (found.issuer, found.expires, found.bound_to_origin) == (ISSUER, NOW + 310.5, False)
    assert found.claims["sub"] == "alice"


@pytest.mark.parametrize(
    ("audience", "changes", "bound"),
    [("https://localhost:9443", {}, True), ([], {}, False), ("api", {"audiences": ("api", "other")}, False)],
)
async def test_whether_the_address_of_the_server_decided(audience: object, changes: dict[str, Any], bound: bool) -> None:
    """Only then the judgement holds for this address alone."""
    assert (await validated(token(aud=audience), **changes)).bound_to_origin is bound


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        ("https://localhost:9443/x", request()),
        ("https://127.0.0.1:9443", request()),
        ("http://localhost:9080", request(scheme="http", local_port=9080)),
        ("https://localhost", request(local_port=443)),
        ("https://localhost:443", request(local_port=443)),
        ("http://localhost/x", request(scheme="http", local_port=80)),
    ],
)
async def test_an_audience_may_be_the_url_of_the_server(audience: str, asked: Any) -> None:
    """By the names and the port that the server knows itself (reference 2.5)."""
    assert (await validated(token(aud=audience), asked)).bound_to_origin


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        ("https://victim.example", request(authority="victim.example")),
        ("https://victim.example/x", request(authority="victim.example:443")),
        ("http://localhost:9443", request()),
        ("https://localhost", request()),
        ("https://localhost:9443@evil", request()),
        ("https://localhost.evil:9443", request()),
        ("https://LOCALHOST:9443", request()),
        ("", request()),
    ],
)
async def test_the_host_header_makes_no_audience(audience: str, asked: Any) -> None:
    """Recorded case 31: Liberty compares with what the client wrote into the Host header."""
    with pytest.raises(TokenRejected) as caught:
        await validated(token(aud=audience), asked)
    assert "CWWKS1774E" in str(caught.value.told)


async def test_a_bad_token_is_wrapped() -> None:
    """CWWKS1737E names the client, the reason is inside."""
    with pytest.raises(TokenRejected) as caught:
        await validated(tampered(token()), client_id="rs")
    assert all(word in str(caught.value.told) for word in ("CWWKS1737E", "CWWKS1776E", "rs"))


class Away:
    """Keys that cannot be had."""

    generation = 1

    def find(self, header: object, algorithm: str) -> None:
        return None

    async def refresh_for(self, header: object) -> None:
        raise Unavailable(GONE())


class Asked:
    """Keys that count how often they are asked for."""

    generation = 1
    times = 0

    def find(self, header: object, algorithm: str) -> None:
        return None

    async def refresh_for(self, header: object) -> None:
        self.times += 1


@pytest.mark.parametrize(
    ("claims", "times"),
    [
        ({}, 1),
        ({"iss": "https://evil.example"}, 0),
        ({"aud": "other"}, 0),
        ({"exp": NOW - 1000}, 0),
        ({"exp": None}, 0),
        ({"nbf": NOW + 1000}, 0),
    ],
)
async def test_a_token_that_is_bad_in_itself_is_not_worth_a_fetch(claims: dict[str, Any], times: int) -> None:
    """Whatever key it names; so old tokens and those of others leave the budget to a rotation."""
    keys = Asked()
    with pytest.raises(TokenRejected):
        await validator(keys).validate(Compact.parse(token(**{"aud": "api", **claims})), request())
    assert keys.times == times


def validator(keys: KeySet) -> Validator:
    settings = OpenidConnectClient(id="c1", signature_algorithm="RS256")
    return Validator(settings, Rules("c1", frozenset({ISSUER}), False, ("api",), settings.clock_skew), keys, frozenset())


async def test_a_provider_that_is_away_too_long_is_no_fault_of_the_token() -> None:
    """The caller is told to come again, and nothing is accepted meanwhile (N-801)."""
    with pytest.raises(Refused) as caught:
        await validator(Away()).validate(Compact.parse(token(aud="api")), request())
    assert (caught.value.status, b"retry-after" in dict(caught.value.headers)) == (503, True)
