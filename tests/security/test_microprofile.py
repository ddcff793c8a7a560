"""<mpJwt> at work, through the door of a server.xml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.support import certificate, rsa_key
from zconnect.errors import Refused
from zconnect.roles import Login, Protection
from zconnect.security.gate import open_gate
from zconnect.values import Identity

from .door import ANYBODY, basic, came, opened
from .support import NOW, request
from .test_credential import FORM, Text
from .test_signingkeys import Provider
from .tokens import ISSUER, RSA, SECRET, jwk, tampered
from .tokens import token as any_token

KEY = f'issuer="{ISSUER}" signatureAlgorithm="HS256" sharedKey="{SECRET}" audiences="ALL_AUDIENCES"'
REGISTRY = """<basicRegistry realm="Local"><user name="alice" password="alicepwd"/>
  <group name="staff"><member name="alice"/></group></basicRegistry>"""
CLIENT = f"""<openidConnectClient id="c" inboundPropagation="required" issuerIdentifier="{ISSUER}" sharedKey="{SECRET}" realmName="OIDC"
  audiences="ALL_AUDIENCES"/>"""
CHALLENGE = [(b"www-authenticate", b'Bearer realm="MP-JWT", error="invalid_token"')]
OPEN = Protection(secure=False, roles=None, application="app", login=Login("BASIC"))
DECLARED = Protection(secure=False, roles=("**",), application="app", login=Login("MP-JWT"))


def token(*key: Any, **claims: Any) -> str:
    """A token as MicroProfile wants it."""
    return any_token(*key, **{"upn": "alice", "groups": ["staff", "audit"], **claims})


def mp_jwt(more: str = "", id: str = "m") -> str:
    """An mpJwt with other attributes than usual."""
    said = {part.partition("=")[0] for part in more.split()}
    return f'<mpJwt id="{id}" {" ".join(part for part in KEY.split() if part.partition("=")[0] not in said)} {more}/>'


def server(*elements: str) -> Mapping[str, str]:
    features = "".join(f"<feature>{each}</feature>" for each in ("mpJwt-2.1", "appSecurity-2.0", "openidConnectClient-1.0"))
    return {"server.xml": f"<server><featureManager>{features}</featureManager>{REGISTRY}{''.join(elements)}</server>"}


def bearing(text: str, scheme: str = "Bearer ") -> dict[str, Any]:
    return {"headers": (("Authorization", scheme + text),)}


def named(found: Identity | int | None) -> object:
    return f"{found.mechanism} user:{found.realm}/{found.unique_id}" if isinstance(found, Identity) else found


ALICE = f"BEARER user:{ISSUER}/alice"

GOOD: list[tuple[str, str, str, str]] = [
    ("as it comes", "", token(), ALICE),
    ("another user claim", 'userNameAttribute="email"', token(email="a@b"), f"BEARER user:{ISSUER}/a@b"),
    ("the realm is a claim", "", token(realm="R"), "BEARER user:R/alice"),
    ("realmName is none", "", token(realmName="R"), ALICE),
    ("a unique name is none", "", token(uniqueSecurityName="u1"), ALICE),
    ("a slash at the end of the realm", f'issuer="{ISSUER}/"', token(iss=f"{ISSUER}/"), ALICE),
    ("one of several issuers", f'issuer="https://a,{ISSUER}"', token(), ALICE),
    ("one of several audiences", 'audiences="a,b"', token(aud=["x", "b"]), ALICE),
    ("expired within the skew", "", token(exp=NOW - 299, iat=NOW - 600), ALICE),
    ("a jti", "", token(jti="1"), ALICE),
    ("young enough", 'tokenAge="10m"', token(iat=NOW - 899), ALICE),
    ("mapped", 'mapToUserRegistry="true"', token(groups=["admins"]), "BEARER user:Local/alice"),
]
BAD: list[tuple[str, str, str, str]] = [
    ("no user", "", token(upn=None), "CWWKS5519E"),
    ("the user is a number", "", token(upn=5), "ZCON0409E"),
    ("another issuer", "", token(iss="https://evil"), "CWWKS1781E"),
    ("no issuer", f'issuer="{ISSUER}"', token(iss=None), "CWWKS1781E"),
    ("another audience", 'audiences="a"', token(aud="b"), "CWWKS1774E"),
    ("no audience", 'audiences="a"', token(), "CWWKS1779E"),
    ("expired", "", token(exp=NOW - 301), "CWWKS1773E"),
    ("no end", "", any_token(drop=("exp",), upn="alice"), "ZCON0314E"),
    ("too early", "", token(nbf=NOW + 301), "CWWKS1780E"),
    ("tampered", "", tampered(token()), "CWWKS1776E"),
    ("unsigned", "", token("", alg="none"), "CWWKS1778E"),
    ("another algorithm", 'signatureAlgorithm="HS384"', token(), "CWWKS1739E"),
    ("opaque", "", "garbage", "CWWKS5523E"),
    ("too old", 'tokenAge="10m"', token(iat=NOW - 901), "ZCON0547E"),
    ("of no age", 'tokenAge="10m"', any_token(drop=("iat",), upn="alice"), "ZCON0547E"),
    ("the realm of the registry", "", token(realm="Local"), "ZCON0412E"),
    ("bound to a key that nobody shows", "", token(cnf={"jkt": "x" * 43}), "CWWKS5523E"),
]


@pytest.mark.parametrize(("_", "more", "text", "who"), GOOD, ids=[row[0] for row in GOOD])
async def test_a_good_token_is_accepted(_: str, more: str, text: str, who: str, tmp_path: Path) -> None:
    """At the first sight and at the second; the defaults are those of MicroProfile."""
    async with opened(tmp_path, server(mp_jwt(more))) as assembly:
        assert [named(await came(assembly, ANYBODY, **bearing(text))) for _ in range(2)] == [who] * 2


@pytest.mark.parametrize(("_", "more", "text", "number"), BAD, ids=[row[0] for row in BAD])
async def test_a_bad_token_is_refused_with_its_reason(
    _: str, more: str, text: str, number: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """401 with the challenge of MicroProfile and no body; the reason is in the log and in the refusal."""
    async with opened(tmp_path, server(mp_jwt(more))) as assembly:
        found = await refused(assembly, ANYBODY, **bearing(text))
    assert (found.status, list(found.headers), found.body) == (401, CHALLENGE, b"")
    assert number in found.reason
    assert number in caplog.text
    assert "CWWKS1737E" not in caplog.text
    assert text not in caplog.text


async def refused(assembly: Any, protection: Protection, **asked: Any) -> Refused:
    gate = await open_gate(protection, assembly)
    with pytest.raises(Refused) as caught:
        await gate.admit(request(**asked))
    return caught.value


async def test_groups_come_from_the_token_or_the_registry(tmp_path: Path) -> None:
    """The claim groups is a list, or a text that is one group."""
    async with opened(tmp_path, server(mp_jwt())) as assembly:
        many, one = [await came(assembly, ANYBODY, **bearing(text)) for text in (token(), token(groups="a b"))]
    async with opened(tmp_path, server(mp_jwt('mapToUserRegistry="true"'))) as assembly:
        own = await came(assembly, ANYBODY, **bearing(token()))
    assert [each.groups for each in (many, one, own) if isinstance(each, Identity)] == [{"staff", "audit"}, {"a b"}, {"staff"}]


async def test_who_is_not_in_the_registry_does_not_get_in(tmp_path: Path) -> None:
    """Where users must be there, whoever vouches for them."""
    async with opened(tmp_path, server(mp_jwt('mapToUserRegistry="true"'))) as assembly:
        assert (await refused(assembly, ANYBODY, **bearing(token(upn="mallory")))).status == 403


COOKIE = 'tokenHeader="Cookie"'
PLACES: list[tuple[str, str, dict[str, Any], object]] = [
    ("nothing", "", {}, "CWWKS5522E"),
    ("any letter case", "", bearing(token(), "bearer "), ALICE),
    ("no scheme", "", bearing(token(), ""), ALICE),
    ("another scheme", "", bearing(token(), "JWT "), "CWWKS5523E"),
    ("a scheme of its own", 'authorizationHeaderScheme="JWT"', bearing(token(), "JWT "), ALICE),
    ("not that scheme", 'authorizationHeaderScheme="JWT"', bearing(token()), "CWWKS5523E"),
    ("user and password are no token", "", basic("alice", "alicepwd"), "CWWKS5523E"),
    ("a form", "", {"method": "POST", "headers": FORM, "body": Text(f"access_token={token()}".encode())}, ALICE),
    (
        "the header counts before the form",
        "",
        {"method": "POST", "headers": (*FORM, *bearing("x")["headers"]), "body": Text(f"access_token={token()}".encode())},
        "CWWKS5523E",
    ),
    ("a cookie", COOKIE, {"headers": (("Cookie", f"a=b; Bearer={token()}"),)}, ALICE),
    ("a cookie of another name", f'{COOKIE} cookieName="jwt"', {"headers": (("Cookie", f'Bearer=x; jwt="{token()}"'),)}, ALICE),
    ("a cookie alone", COOKIE, bearing(token()), "CWWKS5522E"),
    ("a bad cookie", COOKIE, {"headers": (("Cookie", "Bearer=x"),)}, "CWWKS5523E"),
    ("no cookie unless it is wanted", "", {"headers": (("Cookie", f"Bearer={token()}"),)}, "CWWKS5522E"),
]


@pytest.mark.parametrize(("_", "more", "asked", "expected"), PLACES, ids=[row[0] for row in PLACES])
async def test_where_the_token_is_looked_for(_: str, more: str, asked: dict[str, Any], expected: object, tmp_path: Path) -> None:
    """One place, and what is remembered of it does not open another."""
    async with opened(tmp_path, server(mp_jwt(more))) as assembly:
        for _again in range(2):
            if str(expected).startswith("CWWKS"):
                found = await refused(assembly, ANYBODY, **asked)
                assert (found.status, list(found.headers), found.reason[:10]) == (401, CHALLENGE, expected)
            else:
                assert named(await came(assembly, ANYBODY, **asked)) == expected


async def test_a_token_in_a_cookie_is_not_remembered_for_the_header(tmp_path: Path) -> None:
    """Though it is the same text."""
    async with opened(tmp_path, server(mp_jwt(COOKIE))) as assembly:
        gate = await open_gate(ANYBODY, assembly)
        await gate.admit(request(headers=(("Cookie", f"Bearer={token()}"),)))
        assert await came(assembly, ANYBODY, **bearing(token())) == 401


async def test_a_token_is_used_once_where_that_is_wanted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """tokenReuse is true unless somebody says otherwise."""
    async with opened(tmp_path, server(mp_jwt('tokenReuse="false"'))) as assembly:
        found = [named(await came(assembly, ANYBODY, **bearing(token(jti="1")))) for _ in range(2)]
    assert found == [ALICE, 401]
    assert "CWWKS1743E" in caplog.text


async def test_a_remembered_token_grows_too_old(tmp_path: Path) -> None:
    """tokenAge holds for each request."""
    async with opened(tmp_path, server(mp_jwt('tokenAge="1m"'))) as assembly:
        gate = await open_gate(ANYBODY, assembly)
        text = token(iat=NOW)
        assert (await gate.admit(request(**bearing(text))))[0]
        assert (await gate.admit(request(**bearing(text), arrived=NOW + 299)))[0]
        with pytest.raises(Refused):
            await gate.admit(request(**bearing(text), arrived=NOW + 361))


FILTER = '<authFilter id="f"><requestUrl urlPattern="/api"/></authFilter>'
FILTERED = mp_jwt('authFilterRef="f"')
FILTERED_CLIENT = CLIENT.replace("/>", ' authFilterRef="f"/>')
FAILS_OVER = '<trustAssociation failOverToAppAuthType="true"/>'
OWN = mp_jwt('ignoreApplicationAuthMethod="false"')
OIDC = "BEARER user:OIDC/alice"
BASIC_USER = "BASIC user:Local/alice"

# Which of several ways is asked: elements, protection, path and credentials, and who came or the status
ORDER: list[tuple[str, str, Protection, str, dict[str, Any], object]] = [
    ("it goes before a client", mp_jwt() + CLIENT, ANYBODY, "/x", bearing(token()), ALICE),
    (
        "a client with a filter, too",
        FILTER + FILTERED_CLIENT + mp_jwt(),
        ANYBODY,
        "/api",
        bearing(token()),
        ALICE,
    ),
    ("its filter accepts", FILTER + FILTERED + CLIENT, ANYBODY, "/api", bearing(token()), ALICE),
    ("its filter does not", FILTER + FILTERED + CLIENT, ANYBODY, "/x", bearing(token()), OIDC),
    ("nobody else is asked after a bad token", FILTER + FILTERED + CLIENT, ANYBODY, "/api", bearing(token(upn=None)), 401),
    ("whatever is said of interceptors", FAILS_OVER + FILTER + FILTERED, ANYBODY, "/api", basic("alice", "alicepwd"), 401),
    ("what it is not for has its login method", FILTER + FILTERED, ANYBODY, "/x", basic("alice", "alicepwd"), BASIC_USER),
    ("what it is for has not", FILTER + FILTERED, ANYBODY, "/api", basic("alice", "alicepwd"), 401),
    ("a filter goes before none", FILTER + FILTERED + mp_jwt('issuer="i"', "n"), ANYBODY, "/api", bearing(token()), ALICE),
    ("for applications that say so", OWN, DECLARED, "/x", bearing(token()), ALICE),
    ("and those alone", OWN, ANYBODY, "/x", basic("alice", "alicepwd"), BASIC_USER),
    ("whose tokens others judge", OWN + CLIENT, ANYBODY, "/x", bearing(token()), OIDC),
    ("who says so without it", "", DECLARED, "/x", basic("alice", "alicepwd"), 403),
    ("open, and no token", mp_jwt(), OPEN, "/x", {}, None),
    ("open, and a token", mp_jwt(), OPEN, "/x", bearing(token()), ALICE),
    ("open, and a bad token", mp_jwt(), OPEN, "/x", bearing("x"), 401),
    ("open, and no token but a password", mp_jwt(COOKIE), OPEN, "/x", basic("alice", "alicepwd"), BASIC_USER),
]


@pytest.mark.parametrize(("_", "elements", "protection", "path", "asked", "expected"), ORDER, ids=[row[0] for row in ORDER])
async def test_its_place_among_the_ways_to_log_in(
    _: str, elements: str, protection: Protection, path: str, asked: dict[str, Any], expected: object, tmp_path: Path
) -> None:
    """Before clients, cookies and login methods, for the requests that it is for."""
    async with opened(tmp_path, server(elements)) as assembly:
        assert named(await came(assembly, protection, path=path, **asked)) == expected


async def test_it_goes_before_the_cookie_and_gives_none(tmp_path: Path) -> None:
    """A cookie is no token; where no token is needed it still counts."""
    async with opened(tmp_path, server(FILTER, FILTERED)) as assembly:
        _, fields = await (await open_gate(ANYBODY, assembly)).admit(request(**basic("alice", "alicepwd")))
        cookie = ("Cookie", dict(fields)[b"set-cookie"].decode().partition(";")[0])
        assert named(await came(assembly, ANYBODY, headers=(cookie,))) == "LTPA user:Local/alice"
        assert await came(assembly, ANYBODY, path="/api", headers=(cookie,)) == 401
        assert named(await came(assembly, OPEN, path="/api", headers=(cookie,))) == "LTPA user:Local/alice"
        assert (await (await open_gate(ANYBODY, assembly)).admit(request(path="/api", **bearing(token()))))[1] == ()


async def test_where_two_could_judge_nobody_gets_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Liberty asks neither, and lets callers log in otherwise."""
    more = '<authFilter id="g"><requestUrl urlPattern="/api/new"/></authFilter>' + mp_jwt('authFilterRef="g"', "n")
    async with opened(tmp_path, server(FILTER, FILTERED, more)) as assembly:
        assert named(await came(assembly, ANYBODY, path="/api", **bearing(token()))) == ALICE
        for asked in (bearing(token()), basic("alice", "alicepwd")):
            found = await refused(assembly, ANYBODY, path="/api/new", **asked)
            assert (found.status, list(found.headers)) == (401, CHALLENGE)
    assert "CWWKS5521E: Too many MicroProfile JWT services [m, n]" in caplog.text


async def test_the_keys_of_an_address_and_of_a_trust_store(tmp_path: Path) -> None:
    """jwksUri, else the certificate keyName of the trust store of sslRef, or of the settings for all."""
    key = rsa_key("signer")
    (tmp_path / "trust.pem").write_bytes(certificate("signer", key).public_bytes(Encoding.PEM))
    unsigned = mp_jwt('signatureAlgorithm="RS256" sharedKey=""').replace('sharedKey=""', "%s")
    stores = f'<keyStore id="t" location="{tmp_path}/trust.pem"/><ssl id="s" keyStoreRef="t"/><sslDefault outboundSSLRef="s"/>'
    async with Provider(jwk(RSA, "k1")) as provider:
        for keys, elements, who in (
            (f'jwksUri="{provider.url}"', "", RSA),
            ('keyName="trust" sslRef="s"', stores, key),
            ('keyName="trust"', stores, key),
        ):
            async with opened(tmp_path, server(unsigned % keys, elements)) as assembly:
                assert named(await came(assembly, ANYBODY, **bearing(token(who, alg="RS256", kid="k1")))) == ALICE
                assert await came(assembly, ANYBODY, **bearing(token())) == 401


async def test_an_application_that_wants_it_and_has_none_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody gets in, and the log says why."""
    async with opened(tmp_path, server()) as assembly:
        await open_gate(DECLARED, assembly)
        assert "ZCON0548W" in caplog.text
        caplog.clear()
    async with opened(tmp_path, server(OWN)) as assembly:
        await open_gate(DECLARED, assembly)
    assert "ZCON0548W" not in caplog.text
