"""What published advisories have taught about tokens, identity headers and passwords: each is sent to a server over a socket, and refused.

Advisories about forms that never reach a key are also in tests/trust (test_compact.py, test_token.py, test_encryption.py), those about key
sets in tests/trust/test_jwks.py and test_keytable.py, certificates that a stranger passes on in tests/server/test_terminator.py.
"""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.applied import Applied, applied
from tests.server.conftest import Client
from tests.trust.support import PASSWORD, Provider, b64, certificate, ec_key, jwk, provider, rsa_key, written_trust
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.roles import Interceptors, SecurityRole, SpecialSubject
from zconnect.runtime.manager import Manager
from zconnect.security.authfilter import AuthFilter, RemoteAddress, RequestHeader, RequestUrl
from zconnect.security.authorization import AuthorizationRoles
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.server.remoteip import RemoteIp
from zconnect.trust.keystore import KeyStore
from zconnect.trust.token import jwk_of_key

ISSUER, SECRET = "https://op.example", b"0123456789abcdef0123456789abcdef"
SIGNER, ATTACKER, CURVED = rsa_key("advisory signer"), rsa_key("advisory attacker"), ec_key("advisory")
PUBLISHED_SECRET = b"published-for-all-to-see-0123456"
APPLICATION = """
    import json

    async def app(scope, receive, send):
        fields = [name.decode() for name, _ in scope["headers"]]
        told = json.dumps({"user": scope["user"].display_name, "fields": fields}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(told))]})
        await send({"type": "http.response.body", "body": told})
"""
ROLES = AuthorizationRoles(
    id="zos.connect.access.roles",
    roles=(SecurityRole(name="zosConnectAccess", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),)),),
)
REGISTRY = BasicRegistry(id="basic", realm="Local", users=(RegistryUser(name="alice", password=Password("alice-secret")),))
BASIC = "Basic " + base64.b64encode(b"alice:alice-secret").decode()

Sign = Callable[[bytes], bytes]
Fields = Sequence[tuple[str, str]]


def rs256(message: bytes) -> bytes:
    return SIGNER.sign(message, padding.PKCS1v15(), SHA256())


def hs256(key: bytes, name: str = "sha256") -> Sign:
    return lambda message: hmac.digest(key, message, name)


def made(header: dict[str, Any] | bytes, claims: dict[str, Any] | bytes, sign: Sign) -> bytes:
    """A token of any content, signed by whom one likes."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims))
    signing_input = b".".join(map(b64, parts))
    return signing_input + b"." + b64(sign(signing_input))


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that are good everywhere, with changes; `...` takes one away."""
    now = int(time.time())
    whole = {"iss": ISSUER, "sub": "alice", "aud": "api", "iat": now - 5, "exp": now + 600, **changes}
    return {name: value for name, value in whole.items() if value is not ...}


def good(where: str = "jwks", header: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A token that is good at a path, with changes of what was signed."""
    if where == "secret":
        return made({"alg": "HS256", **(header or {})}, claims(**changes), hs256(SECRET))
    kid = {"kid": "k1"} if where == "jwks" else {}
    fields = {"alg": "RS256", **kid, **(header or {})}
    return made({name: value for name, value in fields.items() if value is not ...}, claims(**changes), rs256)


@dataclass
class Guarded:
    """A server with a client for /app/jwks, one for /app/alias, one for /app/secret, and passwords for the rest."""

    server: Applied
    op: Provider
    canary: Provider

    async def ask(self, path: str, *fields: tuple[str, str], client: Client | None = None) -> tuple[int, dict[bytes, bytes], bytes]:
        client = client or await self.server.connect()
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
        client.send(f"GET /app/{path} HTTP/1.1\r\nHost: localhost\r\n".encode() + lines + b"\r\n")
        return await client.answer()


def bearing(token: bytes) -> tuple[str, str]:
    return "Authorization", f"Bearer {token.decode('latin-1')}"


def oidc(name: str, **more: Any) -> OpenidConnectClient:
    return OpenidConnectClient(
        id=name,
        inbound_propagation="required",
        issuer_identifier=ISSUER,
        audiences=("api",),
        token_reuse=True,
        auth_filter=AuthFilter(id=name, request_urls=(RequestUrl(url_pattern=f"/app/{name}"),)),
        **more,
    )


def guards(folder: Path, op: Provider) -> tuple[Element, ...]:
    (folder / "signer.p12").write_bytes(written_trust([("signer", certificate("signer", SIGNER))], PASSWORD))
    store = KeyStore(id="signers", location=str(folder / "signer.p12"), type="PKCS12", password=Password(PASSWORD))
    audit = AuditInterceptor(id="audit", sequence=1)
    return (
        REGISTRY,
        ROLES,
        WebAppSecurity(allow_fail_over_to_basic_auth=True),
        Manager(require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(audit,))),
        oidc("jwks", signature_algorithm="RS256", jwk_endpoint_url=op.url),
        oidc("alias", signature_algorithm="RS256", trust_store=store, trust_alias_name="signer"),
        oidc("secret", signature_algorithm="HS256", shared_key=Password(SECRET.decode())),
    )


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    weak = rsa_key("advisory weak", 1024).public_key()
    with provider() as op, provider() as canary:
        secret: dict[str, object] = {"kty": "oct", "kid": "oct", "k": b64(PUBLISHED_SECRET).decode()}
        damaged: dict[str, object] = {"kty": "RSA", "kid": "damaged", "n": "!", "e": "AQAB"}
        op.publish(damaged, jwk(SIGNER.public_key(), kid="k1"), jwk(CURVED.public_key(), kid="ec"), jwk(weak, kid="weak"), secret)
        async with applied(tmp_path, APPLICATION, *guards(tmp_path, op)) as server:
            yield Guarded(server, op, canary)


async def refused_everywhere(guarded: Guarded, token: Callable[[str], bytes], paths: Sequence[str] = ("jwks", "alias", "secret")) -> None:
    """401 with a challenge and a body that tell no more than any bad token gets, a record each; the good token goes on before and after."""
    bodies = [(await guarded.ask("jwks", bearing(token)))[2] for token in (b"e30.e30.AAAA", b"opaque")]
    for path in paths:
        assert (await guarded.ask(path, bearing(good(path))))[0] == 200
        records = len(await guarded.server.audit())
        status, fields, body = await guarded.ask(path, bearing(token(path)))
        assert status == 401
        assert body in bodies
        assert fields[b"www-authenticate"].startswith(b'Bearer realm="')
        last = json.loads((await guarded.server.audit(records + 1))[-1])
        assert (last["status"], last["userName"]) == (401, "")
        assert (await guarded.ask(path, bearing(good(path))))[0] == 200
    assert guarded.canary.asked == []


PUBLIC = SIGNER.public_key()
DER = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PKCS1 = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
SSH = PUBLIC.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
JWK = json.dumps(jwk_of_key(PUBLIC)).encode()


def unsigned(alg: object) -> Callable[[str], bytes]:
    header = {"alg": alg} if alg is not ... else {}
    return lambda path: made({**header, "kid": "k1"}, claims(), lambda _: b"AAAA" if alg != "none" else b"")


def as_secret(key: bytes, name: str = "sha256") -> Callable[[str], bytes]:
    return lambda path: made({"alg": name.replace("sha", "HS"), "kid": "k1"}, claims(sub="boss"), hs256(key, name))


def forged(**header: Any) -> Callable[[str], bytes]:
    """A token of the attacker's whose header says more."""
    sign: Sign = lambda message: ATTACKER.sign(message, padding.PKCS1v15(), SHA256())  # noqa: E731
    return lambda path: made({"alg": "RS256", **header}, claims(sub="boss"), sign)


def changed(where: dict[str, Any] | None = None, **changes: Any) -> Callable[[str], bytes]:
    return lambda path: good(path, where, **changes)


def spoilt(how: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
    return lambda path: how(good(path))


def sealed(**header: Any) -> Callable[[str], bytes]:
    first = b64(json.dumps({"alg": "RSA-OAEP", "enc": "A256GCM", "cty": "JWT", **header}).encode())
    return lambda path: b".".join((first, b64(b"k" * 256), b64(b"n" * 12), b64(b"c" * 64), b64(b"t" * 16)))


def json_form(token: bytes, **members: object) -> bytes:
    head, payload, signature = token.decode().split(".")
    return json.dumps({"payload": payload, "protected": head, "signature": signature, **members}).encode()


OWN = jwk(ATTACKER.public_key(), kid="own")
CHAIN = [base64.b64encode(certificate("x", ATTACKER).public_bytes(Encoding.DER)).decode()]
PSS = padding.PSS(padding.MGF1(SHA256()), 32)
WEAK = rsa_key("advisory weak", 1024)

TOKENS: list[tuple[str, Callable[[str], bytes]]] = [
    *((f"CVE-2015-2951 alg {alg!r}", unsigned(alg)) for alg in ("none", "None", "nOnE", "", ..., None, 0, ["RS256"])),
    ("CVE-2016-10555 SPKI PEM", as_secret(PEM)),
    ("CVE-2016-10555 SPKI PEM, stripped", as_secret(PEM.strip())),
    ("CVE-2016-10555 HS512", as_secret(PEM, "sha512")),
    ("CVE-2017-11424 PKCS1 PEM", as_secret(PKCS1)),
    ("CVE-2022-29217 OpenSSH", as_secret(SSH)),
    ("CVE-2024-33663 DER", as_secret(DER)),
    ("CVE-2024-37568 certificate PEM", as_secret(certificate("a", SIGNER).public_bytes(Encoding.PEM))),
    ("CVE-2026-102273 GHSA-xgmm-8j9v-c9wx JWK as text", as_secret(JWK)),
    ("CVE-2026-22817 published secret", lambda path: made({"alg": "HS256", "kid": "oct"}, claims(), hs256(PUBLISHED_SECRET))),
    ("CVE-2026-22818 key without alg", lambda path: made({"alg": "ES256", "kid": "ec"}, claims(), _es256)),
    ("CVE-2026-33322 HS256 with the modulus", as_secret(PUBLIC.public_numbers().n.to_bytes(256, "big"))),
    ("CVE-2026-48523 PS256", lambda path: made({"alg": "PS256", "kid": "k1"}, claims(), lambda m: SIGNER.sign(m, PSS, SHA256()))),
    ("CVE-2026-48523 PS256 as RS256", lambda path: made({"alg": "RS256", "kid": "k1"}, claims(), lambda m: SIGNER.sign(m, PSS, SHA256()))),
    (
        "CVE-2026-39999 RS512",
        lambda path: made({"alg": "RS512", "kid": "k1"}, claims(), lambda m: SIGNER.sign(m, padding.PKCS1v15(), SHA512())),
    ),
    (
        "N-205 RSA of 1024 bits",
        lambda path: made({"alg": "RS256", "kid": "weak"}, claims(), lambda m: WEAK.sign(m, padding.PKCS1v15(), SHA256())),
    ),
    ("CVE-2018-0114 jwk", forged(jwk=OWN)),
    ("CVE-2026-27962 jwk and its kid", forged(jwk=OWN, kid="own")),
    ("N-301 x5c", forged(x5c=CHAIN)),
    ("CVE-2026-81829 kid is a path", forged(kid="../../../../dev/null")),
    ("N-401 kid is SQL", forged(kid="x' OR '1'='1")),
    ("N-401 kid with NUL", forged(kid="k1\0")),
    ("N-401 kid of 8 KiB", forged(kid="k" * 8192)),
    ("N-401 kid number", forged(kid=1)),
    ("N-401 kid object", forged(kid={"k1": 1})),
    ("N-401 kid list", forged(kid=["k1"])),
    ("CVE-2025-59420 crit unknown", changed({"crit": ["bork"], "bork": 1})),
    ("CVE-2026-32597 crit names a claim", changed({"crit": ["exp"]})),
    ("N-501 crit empty", changed({"crit": []})),
    ("GHSA-w7vc-732c-9m39 b64", changed({"b64": False, "crit": ["b64"]})),
    ("CVE-2026-102946 JSON form without signatures", spoilt(lambda token: json_form(token, signatures=[]))),
    ("CVE-2022-39227 JSON form", spoilt(json_form)),
    ("CVE-2022-39227 JSON form within", spoilt(lambda token: b'{"' + token + b'":"","payload":"' + token.split(b".")[1] + b'"}')),
    ("N-504 two parts", spoilt(lambda token: token.rpartition(b".")[0])),
    ("N-504 four parts", spoilt(lambda token: token + b".AAAA")),
    ("N-505 padding", spoilt(lambda token: token + b"=")),
    ("N-505 a line feed escaped", spoilt(lambda token: token + b"%0A")),
    ("N-506 claims are a list", lambda path: made({"alg": "RS256", "kid": "k1"}, b"[]", rs256)),
    ("N-507 sub twice", lambda path: made({"alg": "RS256", "kid": "k1"}, json.dumps(claims()).encode()[:-1] + b',"sub":"boss"}', rs256)),
    ("CVE-2024-53861 part of the issuer", changed(iss="https://op.exampl")),
    ("CVE-2024-53861 more than the issuer", changed(iss=ISSUER + "/")),
    ("GHSA-27xw-p8v6-9jjr another issuer", changed(iss="https://evil.example")),
    ("N-601 iss list", changed(iss=[ISSUER])),
    ("CVE-2026-50627 another audience", changed(aud="other")),
    ("CVE-2026-66908 neither issuer nor audience", changed(iss=..., aud=...)),
    ("GHSA-wcvh-g65p-v576 without aud", changed(aud=...)),
    ("GHSA-wcvh-g65p-v576 without exp", changed(exp=...)),
    ("CVE-2026-33557 expired", changed(exp=1, iat=0)),
    ("N-602 aud within", changed(aud="api-and-more")),
    ("N-602 aud nested", changed(aud=[["api"]])),
    ("N-604 groups number", changed(groupIds=5)),
    ("N-605 logout token", changed({"typ": "logout+jwt"})),
    ("CVE-2025-61920 long", spoilt(lambda token: token + b"A" * 7000 + b"A" * 7000)),
    ("N-702 nested", lambda path: made({"alg": "RS256", "kid": "k1"}, b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}", rs256)),
    ("CVE-2020-10735 digits", lambda path: made({"alg": "RS256", "kid": "k1"}, b'{"exp":' + b"9" * 5000 + b"}", rs256)),
    ("CVE-2024-33664 zip", sealed(zip="DEF")),
    ("CVE-2023-6681 CVE-2023-51775 p2c", sealed(alg="PBES2-HS256+A128KW", p2c=10**9, p2s="AAAA")),
    ("N-504 five parts without a key for them", sealed()),
    (
        "CVE-2026-35030 all but the signature of a good one",
        spoilt(lambda token: token.rpartition(b".")[0] + b"." + forged()("").rpartition(b".")[2]),
    ),
    ("CVE-2026-35039 another signature", spoilt(lambda token: token[:-10] + bytes(b ^ 1 for b in token[-10:-8]) + token[-8:])),
    ("CVE-2026-107719 expired without iat", changed(iat=..., exp=1)),
]


def _es256(message: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(CURVED.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize(("_", "token"), TOKENS, ids=[row[0] for row in TOKENS])
async def test_a_token_is_refused(guarded: Guarded, _: str, token: Callable[[str], bytes]) -> None:
    """By each kind of key, with the token cache warm; nobody is told which it was, and nothing else is asked."""
    await refused_everywhere(guarded, token)


@pytest.mark.parametrize("member", ["jku", "x5u"])
async def test_nobody_follows_an_address_in_a_token(guarded: Guarded, member: str) -> None:
    """PortSwigger 00200904 and 00200905: no connection is made."""
    guarded.canary.publish(OWN)
    await refused_everywhere(guarded, forged(kid="own", **{member: guarded.canary.url}))
    await refused_everywhere(guarded, forged(kid=guarded.canary.url))


JSON: tuple[Any, ...] = (None, True, False, 0, -1, 1.5, 1e300, 2**70, "", " ", "x", "api", [], [1], [None], ["x"], [["x"]], {}, {"x": 1})
NAMES = ("x", "api")  # the texts above that a person can have as name
ACCEPTED_CLAIMS: dict[str, tuple[Any, ...]] = {
    "iss": (),
    "sub": NAMES,
    "aud": ("api",),
    "exp": (),
    "iat": (0, -1, 1.5),
    "nbf": (0, -1, 1.5),
    "jti": JSON,  # tokenReuse is true here
    "events": (None, {}, {"x": 1}),
    "realmName": JSON,  # what is no text counts as absent, as in Liberty
    "uniqueSecurityName": JSON,
    "groupIds": (None, "", " ", *NAMES, [], ["x"]),
    "nonce": JSON,
    "scope": JSON,
}
ACCEPTED_HEADERS: dict[str, tuple[Any, ...]] = {
    "alg": (),
    "kid": (None, ""),  # as if there were none: the one RSA key of the set is meant
    "typ": (None, "", " ", *NAMES),
    "crit": (),
    "b64": (),
    **dict.fromkeys(("cty", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc", "p2c", "epk"), JSON),
}


def same(value: Any, accepted: Sequence[Any]) -> bool:
    return any(type(each) is type(value) and each == value for each in accepted)


@pytest.mark.parametrize("claim", ACCEPTED_CLAIMS)
async def test_every_type_in_every_claim(guarded: Guarded, claim: str) -> None:
    """Types come before values: what is of another type is refused, never an error and never somebody else."""
    await verdicts(guarded, claim, ACCEPTED_CLAIMS[claim], lambda value: good(**{claim: value}))


@pytest.mark.parametrize("parameter", ACCEPTED_HEADERS)
async def test_every_type_in_every_header(guarded: Guarded, parameter: str) -> None:
    """What says how the token is to be read must be right; keys that it brings along are mere text."""
    await verdicts(guarded, parameter, ACCEPTED_HEADERS[parameter], lambda value: good(header={parameter: value}))


async def verdicts(guarded: Guarded, name: str, accepted: Sequence[Any], token: Callable[[Any], bytes]) -> None:
    client = await guarded.server.connect()
    found, expected = [], []
    for value in JSON:
        status, _, body = await guarded.ask("jwks", bearing(token(value)), client=client)
        found.append((value, status, json.loads(body).get("user")))
        expected.append((value, *((200, value if name == "sub" else "alice") if same(value, accepted) else (401, None))))
    assert found == expected


# What the proxies and gateways of the advisories have believed, and what z/OS and its web server plug-in send.
SPOOFED: list[tuple[str, Fields]] = [
    ("CVE-2025-64484 underscores", (("X_Auth_User", "alice"), ("X_Forwarded_User", "alice"))),
    ("CVE-2026-33433 CVE-2026-54763", (("X-Auth-User", "alice"), ("X_Auth-User", "alice"))),
    ("CVE-2026-39858 in other letters", (("X-AUTH-USER", "alice"), ("x-remote-user", "alice"))),
    ("CVE-2026-88011 dots", (("X.Auth.User", "alice"), ("X.Forwarded.User", "alice"))),
    ("CVE-2026-35051 GHSA-7x63-xv5r-3p2x", (("X-Forwarded-Prefix", "/public"), ("X-Forwarded-Uri", "/public"), ("X-Original-URL", "/"))),
    ("CVE-2026-44087", (("X-Userinfo", "e30="), ("X-ID-Token", "e30="), ("X-Access-Token", "x"))),
    ("GHSA-5hvv-m4w4-gf6v a health check", (("User-Agent", "kube-probe/1.30"), ("User-Agent", "GoogleHC/1.0"))),
    ("CVE-2026-73552 beyond ASCII", (("X-Auth-User", "alice\xff"), ("User-Agent", "\xff"))),
    ("N-1101 listed in Connection", (("X-Auth-User", "alice"), ("Connection", "X-Auth-User, Authorization"))),
    (
        "N-1701 certificates",
        (("X-Forwarded-Client-Cert", "Hash=x"), ("Client-Cert", ":AAAA:"), ("SSL-Client-S-DN", "CN=alice"), ("$WSCC", "AAAA")),
    ),
    ("$WSRU", (("$WSRU", "alice"), ("$WSAT", "BASIC"), ("$WSIS", "true"))),
    ("N-1005 another method", (("X-HTTP-Method-Override", "OPTIONS"), ("X-HTTP-Method", "HEAD"))),
    ("N-1602 no base64", (("Authorization", "Basic ****"),)),
    ("N-1602 no colon", (("Authorization", "Basic " + base64.b64encode(b"alice").decode()),)),
    ("N-1602 NUL", (("Authorization", "Basic " + base64.b64encode(b"alice:alice-secret\0").decode()),)),
    ("N-1602 8 KiB", (("Authorization", "Basic " + base64.b64encode(b"alice:" + b"x" * 6000).decode()),)),
    ("N-1602 another form of a letter", (("Authorization", "Basic " + base64.b64encode("alice:alice-se\u0301cret".encode()).decode()),)),
    ("N-1602 the scheme in other letters", (("Authorization", BASIC.replace("Basic", "BASIC")),)),
    ("N-1602 behind a blank", (("Authorization", BASIC.replace("Basic ", "Basic  ")),)),
]


@pytest.mark.parametrize(("_", "fields"), SPOOFED, ids=[row[0] for row in SPOOFED])
@pytest.mark.parametrize("path", ["jwks", "passwords"])
async def test_no_header_is_an_identity(guarded: Guarded, path: str, _: str, fields: Fields) -> None:
    """Nobody gets in by a name in a header, on a path for tokens or one for passwords."""
    status, answered, _body = await guarded.ask(path, *fields)
    assert status == 401
    assert answered[b"www-authenticate"].startswith(b"Bearer" if path == "jwks" else b"Basic")


async def test_a_header_does_not_change_who_calls(guarded: Guarded) -> None:
    """N-1101: whoever has logged in stays himself, and no field of the terminator's or the plug-in's reaches an application."""
    for _, fields in SPOOFED[:12]:
        status, _answered, body = await guarded.ask("passwords", ("Authorization", BASIC), *fields)
        told = json.loads(body)
        assert (status, told["user"]) == (200, "alice")
        assert {name for name in told["fields"] if name.startswith("$") or name in {"client-cert", "x-forwarded-client-cert"}} == set()


TWICE: list[tuple[str, str, Fields]] = [
    ("N-1102 two tokens, the good one first", "jwks", (("Authorization", "Bearer GOOD"), ("Authorization", "Bearer x.y.z"))),
    ("N-1102 two tokens, the good one last", "jwks", (("Authorization", "Bearer x.y.z"), ("Authorization", "Bearer GOOD"))),
    ("N-1102 joined by a comma", "jwks", (("Authorization", "Bearer GOOD, Bearer GOOD"),)),
    ("N-1102 a password first", "jwks", (("Authorization", BASIC), ("Authorization", "Bearer GOOD"))),
    ("N-1102 a password last", "jwks", (("Authorization", "Bearer GOOD"), ("Authorization", BASIC))),
    ("N-1102 a token in the query", "jwks?access_token=GOOD", ()),
    ("N-1601 a bad token and a password", "jwks", (("Authorization", "Bearer x.y.z"), ("Authorization", BASIC))),
    ("N-1601 a password for tokens only", "jwks", (("Authorization", BASIC),)),
    ("N-1602 two passwords", "passwords", (("Authorization", BASIC), ("Authorization", "Basic AAAA"))),
    ("N-1602 two passwords, the good one last", "passwords", (("Authorization", "Basic AAAA"), ("Authorization", BASIC))),
]


@pytest.mark.parametrize(("_", "path", "fields"), TWICE, ids=[row[0] for row in TWICE])
async def test_credentials_come_once_and_in_their_place(guarded: Guarded, _: str, path: str, fields: Fields) -> None:
    """CVE-2025-64527 (N-807): with two of them nobody knows which is meant; what a guard does not read is no way in."""
    token = good().decode()
    status, _answered, _body = await guarded.ask(
        path.replace("GOOD", token), *((name, value.replace("GOOD", token)) for name, value in fields)
    )
    assert status == (400 if len(fields) > 1 else 401)


async def test_nobody_learns_who_exists(guarded: Guarded) -> None:
    """CVE-2016-7036, CVE-2026-41263, CVE-2026-23849 (N-1501): an unknown user and a wrong password get one answer."""
    answers = []
    for user in (b"alice:wrong", b"nobody:wrong", b"nobody:alice-secret"):
        status, fields, body = await guarded.ask("passwords", ("Authorization", "Basic " + base64.b64encode(user).decode()))
        answers.append((status, {name: value for name, value in fields.items() if name != b"date"}, body))
    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]


CLAIMED: Fields = (
    *(("X-Forwarded-For", "9.9.9.9"), ("Forwarded", "for=9.9.9.9;host=inside;proto=https"), ("X-Real-IP", "9.9.9.9")),
    *(("X-Forwarded-Host", "inside"), ("X-Forwarded-Proto", "https"), ("True-Client-IP", "9.9.9.9")),
    *(("$WSRA", "9.9.9.9"), ("$WSRH", "inside"), ("$WSSN", "inside"), ("$WSSC", "https"), ("$WSPR", "HTTP/1.1"), ("$WSIS", "true")),
    *(("request-url", "/app/inside"), ("remote-address", "9.9.9.9"), ("Remote-Address", "9.9.9.9"), ("request_url", "/app/inside")),
)
INSIDE = {
    "remoteAddress": {"remote_addresses": (RemoteAddress(ip="9.9.9.9"),)},
    "requestUrl": {"request_urls": (RequestUrl(url_pattern="/app/inside|https://|//inside|//9.9"),)},
    "a header of the plug-in": {"request_headers": (RequestHeader(name="$WSRA"),)},
}


@pytest.mark.parametrize("condition", INSIDE)
@pytest.mark.parametrize(("_", "field"), [(field[0], field) for field in CLAIMED] + [("all", None)])
async def test_no_client_chooses_his_filter(tmp_path: Path, condition: str, _: str, field: tuple[str, str] | None) -> None:
    """CVE-2026-57210, CVE-2025-65328, CVE-2026-108736: what a caller says of himself or of the URL selects no client."""
    assert await challenged(tmp_path, condition, CLAIMED if field is None else (field,)) == b"Basic"


async def test_a_trusted_proxy_is_believed(tmp_path: Path) -> None:
    """Or the test above would show nothing: the same field of a configured proxy selects the client."""
    believing = RemoteIp(proxies=r"127\.0\.0\.1")
    assert await challenged(tmp_path, "remoteAddress", (("X-Forwarded-For", "9.9.9.9"),), remote_ip=believing) == b"Bearer"


async def challenged(folder: Path, condition: str, fields: Fields, **endpoint: Any) -> bytes:
    """The scheme that a caller is asked for: Bearer by a client for these requests only, Basic elsewhere."""
    client = OpenidConnectClient(
        id="inside",
        inbound_propagation="required",
        issuer_identifier=ISSUER,
        shared_key=Password(SECRET.decode()),
        auth_filter=AuthFilter(id="inside", **INSIDE[condition]),  # type: ignore[arg-type]
    )
    elements = (REGISTRY, ROLES, WebAppSecurity(allow_fail_over_to_basic_auth=True), Manager(require_secure=False), client)
    async with applied(folder, APPLICATION, *elements, **endpoint) as server:
        connection = await server.connect()
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
        connection.send(b"GET /app/x HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        status, answered, _ = await connection.answer()
    assert status == 401
    return answered[b"www-authenticate"].split()[0]


async def test_an_outage_of_the_provider_refuses_nobody(guarded: Guarded) -> None:
    """CVE-2026-31837 (N-801): the last good keys go on, for tokens never seen before; no key stands in for a missing one."""
    client = await guarded.server.connect()
    assert (await guarded.ask("jwks", bearing(good()), client=client))[0] == 200
    for outage in (500, 404, None):
        guarded.op.status, guarded.op.answer = outage or 200, b"<html>"
        if outage is None:
            guarded.op.stop()
        for number in range(60):
            assert (await guarded.ask("jwks", bearing(good(sub=f"user{outage}-{number}")), client=client))[0] == 200
            assert (await guarded.ask("jwks", bearing(forged(kid=f"{outage}-{number}")("")), client=client))[0] == 401


async def test_strangers_cause_five_requests_at_most(guarded: Guarded) -> None:
    """N-804: ten thousand tokens with unknown kids, and good ones between them; where it takes long, one more each half minute."""
    begun = time.monotonic()
    client = await guarded.server.connect()
    assert (await guarded.ask("jwks", bearing(good()), client=client))[0] == 200
    for number in range(10_000):
        stranger = made({"alg": "RS256", "kid": f"unknown-{number}"}, claims(), lambda _: b"A" * 256)
        assert (await guarded.ask("jwks", bearing(stranger), client=client))[0] == 401
        if number % 100 == 0:
            assert (await guarded.ask("jwks", bearing(good(sub=f"user{number}")), client=client))[0] == 200
    assert len(guarded.op.asked) <= 5 + max(0, time.monotonic() - begun - 30) // 30
