"""The description of a resource, over real connections."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.certificates import Authority
from zconnect.config.schema import METADATA
from zconnect.security.oidc import OpenidConnectClient

from .bound import Prover, asked, challenges, client, fresh, guarded
from .tokens import ISSUER

WELL_KNOWN = "/.well-known/oauth-protected-resource"
LIBERTY = 'Bearer realm="oauth", error="invalid_token", error_description="Check access token"'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


PROVED = {"dpop_signing_alg_values_supported": ["ES256", "PS256"], "dpop_bound_access_tokens_required": False}
ES = {"dpop": "supported", "dpop_signing_algorithms": ("ES256", "PS256")}
# What the resource is, what guards it, under which path it is described (RFC 9728, section 3.1), and what differs (section 2).
DESCRIBED: list[tuple[str, str, list[dict[str, Any]], str, dict[str, Any]]] = [
    ("a host", "https://api.example", [{}], "", {}),
    ("a slash behind it", "https://api.example/", [{}], "", {}),
    ("a path", "https://api.example:8443/catalog", [{}], "/catalog", {}),
    ("a slash behind that", "https://[::1]/a/b/", [{}], "/a/b/", {}),
    (
        "several issuers",
        "https://api.example",
        [{"issuer_identifier": "https://a, https://b"}],
        "",
        {"authorization_servers": ["https://a", "https://b"]},
    ),
    (
        "several clients",
        "https://a.example",
        [{}, {"issuer_identifier": "https://b"}],
        "",
        {"authorization_servers": [ISSUER, "https://b"]},
    ),
    ("proofs", "https://api.example", [ES], "", PROVED),
    ("proofs for one of two", "https://api.example", [ES | {"dpop": "required"}, {}], "", PROVED),
    (
        "proofs alone",
        "https://api.example",
        [ES | {"dpop": "required"}],
        "",
        PROVED | {"dpop_bound_access_tokens_required": True, "bearer_methods_supported": []},
    ),
    ("a header of its own", "https://api.example", [{"header_name": "X-Token"}], "", {"bearer_methods_supported": []}),
]


@pytest.mark.parametrize(("_", "resource", "clients", "path", "changes"), DESCRIBED, ids=[row[0] for row in DESCRIBED])
async def test_a_resource_is_described_to_anybody(
    tmp_path: Path, authority: Authority, _: str, resource: str, clients: list[dict[str, Any]], path: str, changes: dict[str, Any]
) -> None:
    """As JSON, to whoever asks by https, and the challenges say where."""
    elements = [client(id=f"c{number}", protected_resource=resource, **each) for number, each in enumerate(clients)]
    async with guarded(tmp_path, authority, *elements) as server:
        connection = await server.connect(authority.client())
        found = await asked(connection, target=WELL_KNOWN + path)
        assert (found.status, found.headers["content-type"]) == (200, "application/json")
        expected = {
            "resource": resource,
            "authorization_servers": [ISSUER],
            "bearer_methods_supported": ["header", "body"],
            "tls_client_certificate_bound_access_tokens": True,
        }
        assert json.loads(found.body) == expected | changes
        host = resource.split("/")[2]
        said = f', resource_metadata="https://{host}{WELL_KNOWN}{path}"'
        for challenge in await challenges(connection):
            assert challenge.endswith(said)


async def test_without_the_setting_nothing_is_told(tmp_path: Path, authority: Authority) -> None:
    """The path is one like any other, and the challenge is Liberty's byte for byte."""
    async with guarded(tmp_path, authority, client()) as server:
        connection = await server.connect(authority.client())
        refused = await asked(connection, target=WELL_KNOWN)
        assert (refused.status, refused.challenge) == (401, LIBERTY)
        assert await challenges(connection) == [LIBERTY]


async def test_a_client_that_takes_no_tokens_describes_nothing(tmp_path: Path, authority: Authority) -> None:
    """inboundPropagation none."""
    async with guarded(tmp_path, authority, client(protected_resource="https://api.example", inbound_propagation="none")) as server:
        assert (await asked(await server.connect(authority.client()), target=WELL_KNOWN)).status == 401


async def test_challenges_of_both_schemes_lead_there(tmp_path: Path, authority: Authority) -> None:
    """RFC 9728, section 5.1."""
    caller, access = Prover(), fresh()
    async with guarded(tmp_path, authority, client(protected_resource="https://api.example", dpop="supported")) as server:
        connection = await server.connect(authority.client())
        found = await challenges(connection, ("Authorization", f"DPoP {access}"), ("DPoP", caller.proof(access)))
        where = f', resource_metadata="https://api.example{WELL_KNOWN}"'
        jwt = 'Bearer realm="jwt", error="invalid_token", error_description="Check JWT token"'
        assert found == [f'DPoP algs="ES256 EdDSA PS256 RS256", error="invalid_token"{where}', jwt + where]


async def test_it_is_read_and_nothing_else(tmp_path: Path, authority: Authority) -> None:
    """Other methods: 405; without TLS: to where there is some."""
    async with guarded(tmp_path, authority, client(protected_resource="https://api.example")) as server:
        connection = await server.connect(authority.client())
        refused = await asked(connection, target=WELL_KNOWN, method="POST")
        assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
        assert (await asked(await server.connect(authority.client()), target=f"{WELL_KNOWN}/other")).status == 401
        plain = await asked(await server.connect(), target=WELL_KNOWN)
        assert plain.status in {302, 403}


BAD = (
    "http://api.example",
    "api.example",
    "https://",
    "https://api.example?x",
    "https://api.example/#x",
    "https://user@api.example",
    "https://api.example/a/../b",
    "https://api.example/*",
    'https://api.example/"',
    "https://api.example/a//b",
    "https://api.example:port",
)


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address_of_a_resource_stops_the_start(address: str) -> None:
    """It would stand in challenges and name a path."""
    about = next(each for each in OpenidConnectClient._fields.values() if each.name == "protected_resource").metadata[METADATA]
    assert about.guard
    with pytest.raises(ValueError, match="no address of https"):
        about.check(address)
