"""Which client judges a token."""

from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.security.authfilter import AuthFilter, RequestHeader
from zconnect.security.clients import Clients, open_clients
from zconnect.security.oidc import OpenidConnectClient

from .support import assembly, request
from .tokens import SECRET, token


def client(name: str, header: str = "", **changes: Any) -> OpenidConnectClient:
    """A client that trusts the issuer of its name, for requests with a header `X-A: 1` where one is given."""
    settings = {
        "id": name,
        "inbound_propagation": "required",
        "shared_key": Password(SECRET),
        "issuer_identifier": f"https://{name}",
        "realm_name": f"by-{name}",
        "auth_filter": AuthFilter(id=f"f{header}", request_headers=(RequestHeader(name=header, value="1"),)) if header else None,
    }
    return OpenidConnectClient(**{**settings, **changes})


async def realm(clients: Clients, issuer: str, *headers: tuple[str, str]) -> str | int | None:
    """Who has judged a token of an issuer: the realm, the status of a refusal, or None where nobody is in charge."""
    asked = request(headers=(("Authorization", f"Bearer {token(iss=f'https://{issuer}')}"), *headers))
    known = clients.recall(asked, "")
    try:
        client = clients.in_charge(asked, "")
        found = client and await client.identify(asked)
    except Refused as refusal:
        assert known is None
        return refusal.status
    again = clients.recall(asked, "")
    assert again is None or again == found
    return found.realm if found else None


A, B = ("X-A", "1"), ("X-B", "1")

# recorded case 58 and the vectors O47 to O50; where it says so, Liberty does otherwise
CASES: list[tuple[str, list[OpenidConnectClient], str, list[tuple[str, str]], str | int | None]] = [
    ("no client", [], "a", [], None),
    ("O47 no filter accepts", [client("a", "X-A")], "a", [], None),
    ("a filter accepts", [client("a", "X-A")], "a", [A], "by-a"),
    ("O48 a filter goes before none", [client("free"), client("a", "X-A")], "a", [A], "by-a"),
    ("the filter rules, not the issuer", [client("a", "X-A"), client("free")], "free", [A], 401),
    ("58 iss-a-filter-rejects (Liberty: by-a)", [client("a", "X-A"), client("free")], "a", [], 401),
    ("O49 the issuer chooses among the free", [client("one"), client("two")], "two", [], "by-two"),
    ("an unknown issuer gets the first free one", [client("one"), client("two")], "three", [], 401),
    ("of two that accept the first (Liberty: none in particular)", [client("a", "X-A"), client("b", "X-B")], "a", [A, B], "by-a"),
    ("a shared filter: the first", [client("a", "X-A"), client("b", "X-A")], "b", [A], 401),
    ("O50 a hint does not count (Liberty: no client)", [client("a")], "a", [("oidc_client", "nosuch")], "by-a"),
    ("a client that looks at no token", [client("none", inbound_propagation="none"), client("two")], "two", [], "by-two"),
    ("other headers are other places", [client("one", header_name="X-T"), client("two")], "two", [("X-T", "x")], "by-two"),
]


@pytest.mark.parametrize(("_", "settings", "issuer", "headers", "expected"), CASES, ids=[row[0] for row in CASES])
async def test_one_client_is_in_charge(
    _: str, settings: list[OpenidConnectClient], issuer: str, headers: list[tuple[str, str]], expected: str | int | None
) -> None:
    """Filters first, in document order; then the issuer; then the first without a filter; and the second time as the first."""
    async with assembly(*settings) as opened:
        clients = await open_clients(opened)
        assert [expected] * 2 == [await realm(clients, issuer, *headers), await realm(clients, issuer, *headers)]


async def test_a_token_remembered_by_one_client_is_judged_anew_by_another() -> None:
    """N-904, recorded case 34b: Liberty gives the first client's user to the second; here each client has its own."""
    settings = [client("a", "X-A"), client("b", "X-B", issuer_identifier="https://a", group_identifier="roles")]
    async with assembly(*settings) as opened:
        clients = await open_clients(opened)
        assert await realm(clients, "a", A) == "by-a"
        assert await realm(clients, "a", B) == "by-b"
        assert await realm(clients, "a", A) == "by-a"


async def test_a_shared_filter_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    """CWWKS1530W names both clients."""
    async with assembly(client("a", "X-A"), client("b", "X-A")) as opened:
        await open_clients(opened)
    assert "CWWKS1530W" in caplog.text


ACCEPTING = [
    # clients, headers of the request, the filters that are told of
    ([client("a", "X-A"), client("b", "X-B"), client("c", "X-C")], [A, B], ["fX-A, fX-B"]),
    ([client("a", "X-A"), client("b", "X-B")], [A], []),
    ([client("a", "X-A"), client("b", "X-A")], [A], []),
    ([client("a", "X-A"), client("free")], [A], []),
]


@pytest.mark.parametrize(("settings", "headers", "filters"), ACCEPTING)
async def test_filters_that_accept_the_same_request_are_told(
    caplog: pytest.LogCaptureFixture, settings: list[OpenidConnectClient], headers: list[tuple[str, str]], filters: list[str]
) -> None:
    """Case 58: CWWKS1531W, once in a while; one filter of two clients is another mistake (OidcClientImpl)."""
    async with assembly(*settings) as opened:
        clients = await open_clients(opened)
        for _ in range(3):
            await realm(clients, "a", *headers)
    told = [each.getMessage() for each in caplog.records if "CWWKS1531W" in each.getMessage()]
    assert len(told) == len(filters)
    assert all(filters[0] in text for text in told)
