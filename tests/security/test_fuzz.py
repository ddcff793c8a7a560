"""Whatever a caller sends: only our own refusals come out of the readers, and nothing that nobody has vouched for is accepted."""

import base64
import json
import string
from collections.abc import Coroutine
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zconnect.config.passwords import Password
from zconnect.errors import ConfigurationError, Refused
from zconnect.security.authfilter import (
    AuthFilter,
    Cookie,
    Filter,
    Host,
    RemoteAddress,
    RequestHeader,
    RequestUrl,
    UserAgent,
    WebApp,
    compiled,
)
from zconnect.security.basic import open_basic, read
from zconnect.security.bearer import open_bearer
from zconnect.security.credential import named, shape_of
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.security.ssocookie import SsoCookie
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.trust.compact import Compact, TokenRefused, json_object
from zconnect.trust.keytable import read_keys
from zconnect.trust.ltpakeys import made
from zconnect.trust.ltpakeys import read as read_ltpa_keys
from zconnect.trust.ltpatoken import LtpaRefused, issued, opened
from zconnect.trust.token import check_claims, verify_signature
from zconnect.values import Headers, Identity, Request

from .support import NOW, assembly, request
from .tokens import ISSUER, OTHER_RSA, RSA, SECRET, jwk, token

fuzz = settings(max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))

GOOD = token(aud="api").encode()
GOOD_RSA = token(RSA, alg="RS256", kid="k1", aud="api").encode()
CLIENT = OpenidConnectClient(
    id="c", inbound_propagation="required", shared_key=Password(SECRET), issuer_identifier=ISSUER, audiences=("api",), token_reuse=True
)
REGISTRY = BasicRegistry(realm="Local", users=(RegistryUser(name="alice", password=Password("alice:secret")),))
LTPA = read_ltpa_keys(made("WebAS"), "WebAS")
PUBLISHED = jwk(RSA)
COOKIE = issued(LTPA, "user:Local/alice", NOW + 60)

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8), st.sampled_from((ISSUER, "api"))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


def spoilt(data: bytes) -> st.SearchStrategy[bytes]:
    """Some bytes of it cut out, changed, doubled or put in."""
    inside = st.one_of(
        st.binary(max_size=3), st.sampled_from((b".", b"=", b" ", b"\r\n", b"\0", b"e30", b"eyJ", b"{}", b"%2e", b",", b":"))
    )
    cuts = st.lists(st.tuples(st.integers(0, len(data)), st.integers(0, 40), inside), min_size=1, max_size=3)
    return cuts.map(lambda made: _cut(data, made))


def _cut(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, instead in cuts:
        data = data[:at] + instead + data[at + length :]
    return data


def outcome(walk: Coroutine[Any, Any, Identity | None]) -> Identity | int | None:
    """Whom a walk that waits for nothing finds, or the status of its refusal."""
    try:
        walk.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    except Refused as refusal:
        return refusal.status
    raise AssertionError("it waits")


@pytest.mark.parametrize(("text", "algorithm", "key"), [(GOOD, "HS256", SECRET.encode()), (GOOD_RSA, "RS256", RSA.public_key())])
def test_no_other_spelling_of_a_token_is_good(text: bytes, algorithm: str, key: Any) -> None:
    """One token has one spelling: one that is changed in a byte is refused by the reader or by the signature."""

    @fuzz
    @given(st.one_of(spoilt(text), st.binary(max_size=60)))
    def check(data: bytes) -> None:
        try:
            verify_signature(Compact.parse(data), algorithm, key)
        except TokenRefused:
            return
        assert data == text

    check()


async def test_any_claims_are_judged_and_anything_else_refused() -> None:
    """Correctly signed, with claims and headers of any type: somebody with a name by claims that hold, or 401, or 403."""
    names = st.sampled_from(
        ("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "events", "groupIds", "realmName", "uniqueSecurityName", "cnf")
    )
    headers = st.sampled_from(("typ", "kid", "crit", "b64", "cty", "jwk", "jku", "x5t", "x5c", "zip"))
    async with assembly(REGISTRY, CLIENT) as parts:
        bearer = await open_bearer(CLIENT, parts)

        @fuzz
        @given(st.dictionaries(names, json_values, max_size=2), st.dictionaries(headers, json_values, max_size=1))
        def check(changes: dict[str, Any], header: dict[str, Any]) -> None:
            text = token(header=header, **{"aud": "api", **changes})
            found = outcome(bearer.identify(request(headers=(("Authorization", f"Bearer {text}"),))))
            if isinstance(found, Identity):
                claims = found.claims
                assert found.user == claims["sub"] != ""
                assert claims["iss"] == ISSUER
                assert "api" in (claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]])
                assert float(claims["exp"]) > NOW - 300  # type: ignore[arg-type]
                assert not {"crit", "b64"} & set(header)
            else:
                assert found in {401, 403}

        check()


@fuzz
@given(
    st.dictionaries(st.sampled_from(("iss", "aud", "exp", "iat", "nbf", "events")), json_values), st.lists(st.text(max_size=9), max_size=2)
)
def test_the_rules_refuse_in_our_own_words(claims: dict[str, Any], origins: list[str]) -> None:
    """No other exception leaves the rules for claims, and without an end nothing is good."""
    try:
        check_claims(claims, CLIENT, NOW, origins)
    except TokenRefused:
        return
    assert claims["iss"] == ISSUER
    assert isinstance(claims["exp"], int | float)


async def test_any_header_that_could_carry_a_token() -> None:
    """Whole, in segments, of another scheme: a spoilt token is nobody's, and only the good one is accepted."""
    fields = st.sampled_from(("Authorization", "Authorization-segments", "Authorization-1", "Authorization-2", "Content-Type", "Cookie"))
    pieces = st.one_of(
        spoilt(b"Bearer " + GOOD),
        st.binary(max_size=20),
        st.sampled_from((b"Bearer " + GOOD, GOOD[:90], GOOD[90:], b"2", b"1", b"-1", b"99999999999", b"Bearer", b"bearer ", b"Basic YTpi")),
    ).map(lambda data: data.decode("latin-1"))
    async with assembly(REGISTRY, CLIENT) as parts:
        bearer = await open_bearer(CLIENT, parts)

        @fuzz
        @given(st.lists(st.tuples(fields, pieces), max_size=4))
        def check(sent: list[tuple[str, str]]) -> None:
            asked = request(headers=tuple(sent))
            found = named(asked.headers, b"authorization")
            if found is not None:
                shape_of(found)
            bearer.trusts_issuer_of(asked)
            caller = outcome(bearer.identify(asked))
            if isinstance(caller, Identity):
                assert caller.user == "alice"
                assert GOOD in (found or b"")
            else:
                assert caller == 401

        check()


jwk_values = st.one_of(json_values, st.sampled_from(("RSA", "EC", "OKP", "oct", "P-256", "AQAB", "AQ", "sig", "RS256", "k1", "Ed25519")))
jwks = st.dictionaries(
    st.sampled_from(("kty", "n", "e", "crv", "x", "y", "k", "d", "kid", "use", "alg", "key_ops", "x5t", "x5c")), jwk_values, max_size=8
)


@fuzz
@given(
    st.lists(st.one_of(jwks, jwks.map(lambda changes: {**PUBLISHED, **changes}), json_values), max_size=3),
    st.booleans(),
    st.dictionaries(st.sampled_from(("kid", "x5t")), json_values),
)
def test_any_key_set_is_read_or_refused(keys: list[Any], symmetric: bool, header: dict[str, Any]) -> None:
    """A key that is no key disturbs no other, and none of them verifies what a stranger has signed."""
    document = json.dumps({"keys": [*keys, jwk(RSA, "sound")]}, allow_nan=False, default=str) if _is_json(keys) else "{}"
    try:
        table = read_keys(document.encode("utf-8", "surrogatepass"), "fuzz", symmetric=symmetric)
    except ValueError:
        return
    stranger = Compact({"alg": "RS256"}, {}, b"x", OTHER_RSA.sign(b"x", padding.PKCS1v15(), SHA256()))
    for meant in (header, {"kid": "sound"}):
        key = table.find(meant, "RS256")
        if key is not None:
            with pytest.raises(TokenRefused):
                verify_signature(stranger, "RS256", key)
    assert table.find({"kid": "sound"}, "HS256") is None


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@fuzz
@given(st.one_of(spoilt(json.dumps({"keys": [jwk(RSA)]}).encode()), st.binary(max_size=40)))
def test_any_bytes_are_a_key_set_or_none(data: bytes) -> None:
    """Only ValueError comes out."""
    try:
        json_object(data)
        read_keys(data, "fuzz")
    except ValueError:
        pass


words = st.one_of(
    st.text(string.ascii_letters + "|*.:/?[]-é ", max_size=10), st.sampled_from(("/app", "10.0.0.*", "10.0.0.[1-9]", "a|b", "127.0.0.1"))
)
matches = st.sampled_from(("equals", "contains", "notContain"))
filters = st.fixed_dictionaries(
    {},
    optional={
        "web_apps": st.builds(WebApp, name=words, match_type=matches).map(lambda one: (one,)),
        "request_urls": st.builds(RequestUrl, url_pattern=words, match_type=matches).map(lambda one: (one,)),
        "remote_addresses": st.builds(
            RemoteAddress, ip=words, match_type=st.sampled_from(("equals", "contains", "notContain", "lessThan", "greaterThan"))
        ).map(lambda one: (one,)),
        "hosts": st.builds(Host, name=words, match_type=matches).map(lambda one: (one,)),
        "user_agents": st.builds(UserAgent, agent=words, match_type=matches).map(lambda one: (one,)),
        "cookies": st.builds(Cookie, name=words, match_type=matches).map(lambda one: (one,)),
        "request_headers": st.builds(RequestHeader, name=words, value=words, match_type=matches).map(lambda one: (one,)),
    },
)
fields = st.lists(st.tuples(st.text(string.ascii_letters + "-_$.", min_size=1, max_size=9), st.binary(max_size=9)), max_size=4)
SAID = ("request-url", "remote-address", "$WSRA", "$WSRH", "$WSSN", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP")


def _filter(children: dict[str, Any]) -> Filter | None:
    try:
        return compiled(AuthFilter(id="f", **children))
    except ConfigurationError:
        return None


@fuzz
@given(filters, fields, st.sampled_from(("10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1")), words, words, st.sampled_from(SAID), words)
def test_any_filter_decides_by_what_the_server_knows(
    children: dict[str, Any], sent: list[tuple[str, bytes]], address: str, path: str, query: str, said: str, value: str
) -> None:
    """Every request is in or out; of address, URL, host and application no header of the caller's changes that."""
    found = _filter(children)
    if found is None:
        return
    asked: Request = request(path=f"/{path}", query=query, address=address)
    with_fields = asked._replace(headers=Headers([(name.lower().encode(), data) for name, data in sent]))
    assert found.accepts(with_fields, "app") in {True, False}
    known = {name: child for name, child in children.items() if name in {"web_apps", "request_urls", "remote_addresses", "hosts"}}
    narrow = _filter(known)
    assert narrow is not None
    claimed = with_fields._replace(headers=Headers([*with_fields.headers.fields, (said.lower().encode(), value.encode())]))
    assert narrow.accepts(asked, "app") == narrow.accepts(with_fields, "app") == narrow.accepts(claimed, "app")


async def test_any_basic_header_is_a_login_or_nobody() -> None:
    """Only the one user's own password is good, and what was read is what was sent."""
    good = b"Basic " + base64.b64encode(b"alice:alice:secret")
    texts = st.one_of(
        spoilt(good),
        spoilt(b"alice:alice:secret").map(lambda data: b"Basic " + base64.b64encode(data)),
        st.binary(max_size=20).map(lambda data: b"Basic " + base64.b64encode(data)),
        st.binary(max_size=30),
    )
    async with assembly(REGISTRY) as parts:
        basic = await open_basic(parts)

        @fuzz
        @given(texts)
        def check(header: bytes) -> None:
            found = read(header) if header.startswith(b"Basic ") else None
            if found is not None:
                assert base64.b64decode(header[6:]) == ":".join(found).encode()
            caller = outcome(basic.identify(request(headers=(("Authorization", header.decode("latin-1")),))))
            assert caller in {None, 429} or found == ("alice", "alice:secret")

        check()


@fuzz
@given(st.one_of(spoilt(COOKIE), st.binary(max_size=60)))
def test_no_other_cookie_is_a_login(data: bytes) -> None:
    """A cookie that is changed says what it said, or is refused."""
    try:
        found = opened(data, [LTPA], NOW)
    except LtpaRefused:
        return
    assert found == opened(COOKIE, [LTPA], NOW)


@fuzz
@given(st.lists(st.one_of(st.binary(max_size=30), spoilt(b'a=b; LtpaToken2="x"; LTPATOKEN2=y;LtpaToken2')), max_size=3))
def test_any_cookie_field_is_read(sent: list[bytes]) -> None:
    """A value is a piece of what was sent, and there are never many."""
    asked = request(headers=tuple(("Cookie", data.decode("latin-1")) for data in sent))
    name, values = SsoCookie(WebAppSecurity(), "LtpaToken2").found(asked)
    assert len(values) <= 8
    assert bool(name) == bool(values)
    assert all(any(value in data for data in sent) for value in values)
