"""Callers who bring a SAML assertion, at the door of a protected resource (reference 6; recorded cases 90 to 92)."""

import base64
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust import saml
from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import Refused, Unavailable
from zconnect.roles import Assembly, Protection, SecurityRole, SpecialSubject
from zconnect.security.authfilter import AuthFilter, RequestUrl
from zconnect.security.gate import open_gate
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser
from zconnect.security.saml import CertificateFile, PkixTrustEngine, RevocationList, SamlWebSso20
from zconnect.security.trustassociation import TrustAssociation
from zconnect.trust.keystore import KeyStore
from zconnect.trust.signedxml import LONGEST

from .support import assembly, request

REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("a")),),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)
ALL = SpecialSubject(type="ALL_AUTHENTICATED_USERS")
GUARDED = Protection(secure=False, roles=("R",), bindings=(SecurityRole(name="R", special_subjects=(ALL,)),))
OPEN = Protection(secure=False, roles=None)
BASIC = ("Authorization", "Basic " + base64.b64encode(b"alice:a").decode())
ALICE = f"SAML user:{saml.ISSUER}/alice []"
GOOD = saml.text(saml.signed(saml.assertion()))


@contextlib.asynccontextmanager
async def server(*others: Element, **changes: Any) -> AsyncIterator[Assembly]:
    """A provider that trusts the certificate of the tests."""
    engine = PkixTrustEngine(certificates=(CertificateFile(path=Location("idp.pem")),), trusted_issuers=(saml.ISSUER,))
    said = {"inbound_propagation": "required", "audiences": (saml.AUDIENCE,), "pkix_trust_engines": (engine,), **changes}
    async with assembly(REGISTRY, SamlWebSso20(id="s", **said), *others) as opened:
        (opened.place.config_dir / "idp.pem").write_bytes(saml.CERTIFICATE.public_bytes(Encoding.PEM))
        yield opened


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def walked(opened: Assembly, *headers: tuple[str, str], guarded: Protection = GUARDED, path: str = "/app/x") -> str:
    """Who gets in, or status and number of the reason; then the cookies that are set, and challenges."""
    gate = await open_gate(guarded, opened)
    try:
        identity, fields = await gate.admit(request(headers=headers, path=path))
        who = f"{identity.mechanism} {identity.access_id} {sorted(identity.groups)}".replace("'", "") if identity else "nobody"
    except Refused as refusal:
        who, fields = f"{refusal.status} {refusal.reason.partition(':')[0]}", refusal.headers
    return " ".join((who, *(name.decode() for name, _ in fields)))


@pytest.mark.parametrize(
    "header",
    [
        ("Saml", b64(GOOD)),
        ("SAML", b64(GOOD).rstrip("=")),
        ("saml", base64.urlsafe_b64encode(GOOD).decode()),
        ("Saml", b64(gzip.compress(GOOD))),
        ("Saml", GOOD.decode()),
        ("Authorization", f"Saml={b64(GOOD)}"),
        ("Authorization", f'Saml="{b64(GOOD)}"'),
        ("Authorization", f"SAML {b64(GOOD)}"),
        ("Authorization", f'  saml   "{b64(gzip.compress(GOOD))}"  '),
    ],
    ids=["header", "no padding", "other alphabet", "gzip", "xml", "equals", "quoted", "blank", "blank, quoted, gzip"],
)
async def test_where_it_is_found(header: tuple[str, str]) -> None:
    """Forms of reference 6.1 and 6.2."""
    async with server() as opened:
        assert await walked(opened, header) == ALICE


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ((), "CWWKS5013E"),
        ((BASIC,), "CWWKS5013E"),
        ((("Saml", ""),), "CWWKS5013E"),
        ((("Authorization", f"sAML {b64(GOOD)}"),), "CWWKS5013E"),
        ((("Authorization", f"Bearer {b64(GOOD)}"),), "CWWKS5013E"),
        ((("Saml", b64(GOOD)[:-7]),), "CWWKS5007E"),
        ((("Saml", b64(GOOD) + "!"),), "CWWKS5007E"),
        ((("Saml", GOOD.hex()),), "CWWKS5007E"),
        ((("Saml", b64(b64(GOOD).encode())),), "CWWKS5007E"),
        ((("Saml", b64(gzip.compress(GOOD)[:-9])),), "CWWKS5007E"),
        ((("Saml", b64(gzip.compress(GOOD) + gzip.compress(GOOD))),), "CWWKS5007E"),
        ((("Saml", b64(gzip.compress(b" " * (LONGEST + 1)))),), "CWWKS5007E"),
        ((("Saml", b64(zlib.compress(GOOD))),), "CWWKS5007E"),  # Liberty unpacks gzip alone
        ((("Saml", b64(zlib.compress(GOOD, wbits=-15))),), "CWWKS5007E"),
        ((("Saml", b64(saml.text(saml.assertion()))),), "CWWKS5048E"),
        ((("Saml", b64(saml.wrapped("both in one response"))),), "CWWKS5085E"),
        ((("Saml", "x"), ("Saml", b64(GOOD))), "CWWKS5007E"),
    ],
)
async def test_no_other_way_in(headers: tuple[tuple[str, str], ...], number: str) -> None:
    """401 without a challenge, whatever else the request brings."""
    async with server() as opened:
        assert await walked(opened, *headers) == f"401 {number}"


async def test_an_assertion_counts_once() -> None:
    """In all processes and across reloads; with tokenReuse as often as it likes, unless it says OneTimeUse."""
    header = ("Saml", b64(GOOD))
    async with server() as opened:
        assert [await walked(opened, header) for _ in range(2)] == [ALICE, "401 CWWKS5082E"]
        packed = b64(gzip.compress(saml.text(saml.signed(saml.assertion()))))
        assert await walked(opened, ("Authorization", f"Saml {packed}")) == "401 CWWKS5082E"
        other = b64(saml.text(saml.signed(saml.assertion(name="bob"))))
        assert await walked(opened, ("Saml", other)) == ALICE.replace("alice", "bob")  # of the same ID
    once = ("Saml", b64(saml.text(saml.signed(saml.assertion(id="_once", conditions=["OneTimeUse"])))))
    async with server(token_reuse=True) as opened:
        assert [await walked(opened, header) for _ in range(2)] == [ALICE, ALICE]
        assert [await walked(opened, once) for _ in range(2)] == [ALICE, "401 CWWKS5082E"]


SAID = {
    "mail": ["a@x"],
    "uid": ["4711"],
    "groups": ["buyers", "staff"],
    "two": ["a", "b"],
    "realm": ["R2"],
    "local": ["Local"],
    "blank": [" "],
}


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({}, "alice", ALICE),
        ({"group_identifier": "groups"}, "alice", f"SAML user:{saml.ISSUER}/alice [buyers, staff]"),
        ({"group_identifier": "none"}, "alice", ALICE),
        ({"user_identifier": "mail"}, "alice", f"SAML user:{saml.ISSUER}/a@x []"),
        ({"user_unique_identifier": "uid"}, "alice", f"SAML user:{saml.ISSUER}/4711 []"),
        ({"user_identifier": "none"}, "alice", "401 CWWKS5068E"),
        ({"user_identifier": "two"}, "alice", "401 CWWKS5068E"),
        ({"user_identifier": "blank"}, "alice", "401 CWWKS5068E"),
        ({"user_unique_identifier": "none"}, "alice", "401 CWWKS5068E"),
        ({"realm_identifier": "realm"}, "alice", "SAML user:R2/alice []"),
        ({"realm_identifier": "local"}, "alice", "401 ZCON0412E"),
        ({"realm_name": "Local", "realm_identifier": "local"}, "alice", "SAML user:Local/alice []"),
        ({"realm_name": " R1 "}, "alice", "SAML user:R1/alice []"),
        ({"realm_name": " ", "realm_identifier": " realm "}, "alice", "SAML user:R2/alice []"),
        ({"map_to_user_registry": "User", "group_identifier": "groups"}, "alice", "SAML user:Local/alice [staff]"),
        ({"map_to_user_registry": "User"}, "zoe", "401 CWWKS1106A"),
        ({}, " alice", "401 ZCON0410E"),
        ({}, "al\nice", "401 ZCON0410E"),
        ({}, None, "401 ZCON0410E"),
        ({"disable_ltpa_cookie": False}, "alice", f"{ALICE} set-cookie"),
        ({"audiences": ("https://other",)}, "alice", "401 CWWKS5060E"),
        ({"audiences": ("",)}, "alice", ALICE),  # reference 6.3: as without any
        ({"audiences": (f" {saml.AUDIENCE} ",)}, "alice", ALICE),
        ({"signature_method_algorithm": "SHA512"}, "alice", "401 CWWKS5049E"),
        ({"header_name": ("X-Mine",)}, "alice", "401 CWWKS5013E"),
    ],
)
async def test_whom_it_stands_for(changes: Any, name: str | None, expected: str) -> None:
    """Attributes by their names; one that is asked for must have one value."""
    made = saml.text(saml.signed(saml.assertion(name=name, attributes=SAID)))
    async with server(**changes) as opened:
        assert await walked(opened, ("Saml", b64(made))) == expected


async def test_its_place_among_the_others() -> None:
    """Before the cookie, where its filter accepts; only failOverToAppAuthType leaves another way; open resources are open."""
    filtered = {"auth_filter": AuthFilter(request_urls=(RequestUrl(url_pattern="/saml"),))}
    async with server(**filtered) as opened:
        assert await walked(opened, BASIC) == "BASIC user:Local/alice [staff] set-cookie"
        assert await walked(opened, BASIC, path="/saml") == "401 CWWKS5013E"
        assert await walked(opened, ("Saml", b64(GOOD)), path="/saml") == ALICE
        assert await walked(opened, path="/saml", guarded=OPEN) == "nobody"
    async with server(TrustAssociation(fail_over_to_app_auth_type=True, invoke_for_unprotected_uri=True)) as opened:
        assert await walked(opened, BASIC) == "BASIC user:Local/alice [staff] set-cookie"
        assert await walked(opened) == "401 ZCON0405E www-authenticate"
        assert await walked(opened, guarded=OPEN) == "nobody"
    async with server(inbound_propagation="none") as opened:
        assert await walked(opened, ("Saml", b64(GOOD))) == "401 ZCON0405E www-authenticate"


async def test_whose_signature_counts(tmp_path: Path) -> None:
    """A key store, files of either format, the default key store; nothing at all does not start."""
    der = tmp_path / "idp.der"
    der.write_bytes(saml.CERTIFICATE.public_bytes(Encoding.DER))
    pem = tmp_path / "idp.pem"
    pem.write_bytes(saml.CERTIFICATE.public_bytes(Encoding.PEM))
    store = KeyStore(id="idp", location=str(pem))
    default = KeyStore(id="defaultKeyStore", location=str(pem))
    file = PkixTrustEngine(certificates=(CertificateFile(path=Location(str(der))),))
    header = ("Saml", b64(GOOD))
    for engines, others in (((PkixTrustEngine(trust_anchor=store),), ()), ((file,), ()), ((), (default,))):
        async with server(*others, pkix_trust_engines=engines) as opened:
            assert await walked(opened, header) == ALICE
    async with server(pkix_trust_engines=(PkixTrustEngine(trust_anchor=store, trusted_issuers=("https://other",)),)) as opened:
        assert await walked(opened, header) == "401 CWWKS5045E"
    async with server(pkix_trust_engines=(PkixTrustEngine(trust_anchor=store, trusted_issuers=("x", "ALL_ISSUERS")),)) as opened:
        assert await walked(opened, header) == ALICE
    missing = PkixTrustEngine(trust_anchor=store, revocations=(RevocationList(path=Location("none.crl")),))
    for engines, number in (((), "ZCON0510E"), ((missing,), "ZCON0518E")):
        async with server(pkix_trust_engines=engines) as opened:
            with pytest.raises(Unavailable, match=number):
                await open_gate(GUARDED, opened)
