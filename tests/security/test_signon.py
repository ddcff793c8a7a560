"""Single sign-on by the cookie."""

import base64
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.roles import Assembly, Protection, SecurityRole, SpecialSubject
from zconnect.security.authcache import Authentication
from zconnect.security.authfilter import AuthFilter, RequestUrl
from zconnect.security.gate import open_gate
from zconnect.security.ltpa import Ltpa
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.security.signon import SignOn, open_sign_on
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.trust.ltpakeys import made, read
from zconnect.trust.ltpatoken import issued

from .support import NOW, assembly, request
from .tokens import ISSUER, SECRET, tampered, token

REGISTRY = BasicRegistry(
    realm="Local", users=(RegistryUser(name="alice", password=Password("a")), RegistryUser(name="x/y", password=Password("b")))
)
FILE = made("WebAS")
KEYS = read(FILE, "WebAS")
GUARDED = Protection(
    secure=False, roles=("R",), bindings=(SecurityRole(name="R", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),)),)
)
CLOSED = Protection(secure=False, roles=("R",), bindings=(SecurityRole(name="R"),))
OPEN = Protection(secure=False, roles=None)
BASIC = ("Authorization", "Basic " + base64.b64encode(b"alice:a").decode())
BEARER = ("Authorization", f"Bearer {token(sub='alice')}")
GONE = "LtpaToken2=; Expires=Thu, 01 Dec 1994 16:00:00 GMT; Path=/; Secure; HttpOnly"
CLIENT: dict[str, Any] = {"id": "c1", "shared_key": Password(SECRET), "issuer_identifier": ISSUER}


@asynccontextmanager
async def server(*elements: Element) -> AsyncIterator[tuple[Assembly, SignOn]]:
    """An assembly with the keys of this file, and its single sign-on."""
    async with assembly(REGISTRY, *elements) as opened:
        file = Ltpa().file(opened.place)
        file.parent.mkdir(parents=True)
        file.write_bytes(FILE)
        sign_on: SignOn | None = await opened.shared(open_sign_on)
        assert sign_on is not None
        yield opened, sign_on


async def walked(opened: Assembly, guarded: Protection, *headers: tuple[str, str], **changes: Any) -> tuple[str | int, list[str]]:
    """Who gets in or the status, and the cookies that are set."""
    gate = await open_gate(guarded, opened)
    try:
        identity, fields = await gate.admit(request(headers=headers, **changes))
        who: str | int = f"{identity.mechanism} {identity.access_id}" if identity else ""
    except Refused as refusal:
        who, fields = refusal.status, refusal.headers
    return who, [value.decode() for name, value in fields if name == b"set-cookie"]


def carrying(access_id: str = "user:Local/alice", life: float = 60) -> tuple[str, str]:
    return "Cookie", f"LtpaToken2={issued(KEYS, access_id, NOW + life).decode()}"


def given(cookies: list[str]) -> tuple[str, str]:
    """The field with which a caller brings back what was set."""
    return "Cookie", cookies[-1].partition(";")[0]


async def test_a_login_gives_a_cookie_that_stands_for_the_caller() -> None:
    """And one that comes by cookie gets no new one, so that it ends."""
    async with server() as (opened, _):
        who, cookies = await walked(opened, GUARDED, BASIC)
        assert (who, len(cookies)) == ("BASIC user:Local/alice", 1)
        assert await walked(opened, GUARDED, given(cookies)) == ("LTPA user:Local/alice", [])
        assert await walked(opened, OPEN, given(cookies)) == ("LTPA user:Local/alice", [])
        assert await walked(opened, GUARDED, BASIC) == ("BASIC user:Local/alice", cookies)
        assert (await walked(opened, CLOSED, BASIC)) == (403, cookies)
        assert await walked(opened, GUARDED, given(cookies), arrived=NOW + 7201) == (401, [GONE])
        assert (await walked(opened, GUARDED, BASIC, arrived=NOW + 601))[1] != cookies


REFUSED = [
    ("user of nobody", carrying("user:Local/zoe"), "does not know its user"),
    ("other letters", carrying("user:Local/ALICE"), "does not know its user"),
    ("other realm", carrying("user:Other/alice"), "no user of the registry's realm"),
    ("realm and name cut otherwise", carrying("user:Local/x/y/alice"), "does not know its user"),
    ("group", carrying("group:Local/alice"), "no user of the registry's realm"),
    ("server", carrying("server:Local/alice"), "no user of the registry's realm"),
    ("no kind", carrying("alice"), "no user of the registry's realm"),
    ("nobody", carrying("user:Local/"), "no user of the registry's realm"),
    ("ended", carrying(life=-1), "has ended"),
    ("garbage", ("Cookie", "LtpaToken2=garbage"), "not the form"),
    ("empty", ("Cookie", "LtpaToken2="), "not the form"),
    (
        "other keys",
        ("Cookie", f"LtpaToken2={issued(read(made('x'), 'x'), 'user:Local/alice', NOW + 60).decode()}"),
        "not made with the keys",
    ),
]


@pytest.mark.parametrize(("cookie", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_a_bad_cookie_is_taken_back_and_the_next_way_is_tried(
    cookie: tuple[str, str], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """401 with the reason in the audit record, nobody where nobody is needed, and the good password beside it."""
    caplog.set_level(logging.INFO)
    async with server() as (opened, _):
        gate = await open_gate(GUARDED, opened)
        with pytest.raises(Refused) as refused:
            await gate.admit(request(headers=(cookie,)))
        assert why in refused.value.reason
        assert "CWWKS4001I" in refused.value.reason
        assert await walked(opened, GUARDED, cookie) == (401, [GONE])
        assert await walked(opened, OPEN, cookie) == ("", [GONE])
        who, cookies = await walked(opened, GUARDED, cookie, BASIC)
        assert (who, cookies[0], len(cookies)) == ("BASIC user:Local/alice", GONE, 2)
    assert why in caplog.text


async def test_a_name_with_slashes_is_whole() -> None:
    """The realm of the registry is known, so the rest is the name."""
    async with server() as (opened, _):
        assert await walked(opened, GUARDED, carrying("user:Local/x/y")) == ("LTPA user:Local/x/y", [])


async def test_the_first_good_one_counts_and_beats_a_password() -> None:
    """Recorded case 10: two-bad-good, good-bad-basic."""
    async with server() as (opened, _):
        assert await walked(opened, GUARDED, ("Cookie", "LtpaToken2=x"), carrying()) == ("LTPA user:Local/alice", [])
        assert await walked(opened, GUARDED, carrying("user:Local/x/y"), carrying(), BASIC) == ("LTPA user:Local/x/y", [])


ORDER: list[tuple[str, dict[str, Any], tuple[str | int, int], tuple[str | int, int], tuple[str | int, int], tuple[str | int, int]]] = [
    # settings of the client; cookie alone, good token alone, cookie and good token, cookie and bad token: who, how many cookies
    ("required", {"inbound_propagation": "required"}, (401, 0), ("BEARER", 0), ("BEARER", 0), (401, 0)),
    (
        "session",
        {"inbound_propagation": "required", "authn_session_disabled": False},
        (401, 0),
        ("BEARER", 1),
        ("BEARER", 1),
        (401, 0),
    ),
    ("supported", {"inbound_propagation": "supported"}, ("LTPA", 0), ("BEARER", 0), ("LTPA", 0), ("LTPA", 0)),
    (
        "in cookie",
        {"inbound_propagation": "supported", "access_token_in_ltpa_cookie": True},
        ("LTPA", 0),
        ("BEARER", 1),
        ("LTPA", 0),
        ("LTPA", 0),
    ),
    (
        "no cookie",
        {"inbound_propagation": "supported", "disable_ltpa_cookie": True},
        (401, 0),
        ("BEARER", 0),
        ("BEARER", 0),
        (401, 0),
    ),
]


@pytest.mark.parametrize(("settings", "expected"), [(row[1], row[2:]) for row in ORDER], ids=[row[0] for row in ORDER])
async def test_the_place_between_the_ways_to_log_in(settings: dict[str, Any], expected: tuple[tuple[str | int, int], ...]) -> None:
    """Reference 3.2 and 2.8, recorded cases 37 and 39; twice, because what is remembered must not change it."""
    usual = WebAppSecurity(sso_cookie_name="S")
    bad = ("Authorization", f"Bearer {tampered(token())}")
    async with server(OpenidConnectClient(**CLIENT, **settings), usual) as (opened, _):
        for _ in range(2):
            for headers, (who, count) in zip(((carrying(),), (BEARER,), (carrying(), BEARER), (carrying(), bad)), expected, strict=True):
                found, cookies = await walked(opened, GUARDED, *headers)
                assert (found if isinstance(found, int) else found.split()[0], len(cookies)) == (who, count)


async def test_a_bad_cookie_beside_a_supported_token_is_taken_back() -> None:
    """Whether the token is good or not."""
    async with server(OpenidConnectClient(**CLIENT, inbound_propagation="supported"), WebAppSecurity(sso_cookie_name="S")) as (opened, _):
        bad = ("Cookie", "LtpaToken2=AAAA")
        assert await walked(opened, GUARDED, bad, BEARER) == (f"BEARER user:{ISSUER}/alice", [GONE])
        assert await walked(opened, GUARDED, bad) == (401, [GONE])
        assert await walked(opened, OPEN, bad, ("Authorization", "Bearer x")) == (401, [GONE])


async def test_the_cookie_of_a_token_ends_with_the_token_and_stays_here() -> None:
    """Its user is of another realm, which only the server that has seen the token vouches for."""
    filtered = AuthFilter(id="f", request_urls=(RequestUrl(url_pattern="/api"),))
    client = OpenidConnectClient(**CLIENT, inbound_propagation="required", authn_session_disabled=False, auth_filter=filtered)
    async with server(client, WebAppSecurity(sso_cookie_name="LtpaToken2")) as (opened, _):
        _, cookies = await walked(opened, GUARDED, BEARER, path="/api/x")
        assert await walked(opened, GUARDED, given(cookies)) == (f"LTPA user:{ISSUER}/alice", [])
        assert (await walked(opened, GUARDED, given(cookies), arrived=NOW + 1000))[0] == 401
        async with server(client) as (elsewhere, _):
            assert (await walked(elsewhere, GUARDED, given(cookies)))[0] == 401


async def test_a_filter_says_where_cookies_count() -> None:
    """Recorded case 56; where it does not accept, the cookie is taken back, and a login still gives one."""
    settings = Ltpa(auth_filter=AuthFilter(id="f", request_urls=(RequestUrl(url_pattern="/any"),)))
    async with server(settings) as (opened, _):
        assert await walked(opened, GUARDED, carrying()) == (401, [GONE])
        assert await walked(opened, GUARDED, carrying(), path="/any") == ("LTPA user:Local/alice", [])
        assert len((await walked(opened, GUARDED, BASIC))[1]) == 1


async def test_after_a_logout_a_copy_is_good_unless_that_is_tracked() -> None:
    """In any spelling, in a new runtime over the same memory, and a new login gives a good one."""
    async with server() as (opened, sign_on):
        _, cookies = await walked(opened, GUARDED, BASIC)
        assert sign_on.logout(request(headers=(given(cookies),))) == ((b"set-cookie", GONE.encode()),)
        assert (await walked(opened, GUARDED, given(cookies)))[0] == "LTPA user:Local/alice"
        assert sign_on.logout(request()) == ()
    async with server(WebAppSecurity(track_logged_out_sso_cookies=True)) as (opened, sign_on):
        _, cookies = await walked(opened, GUARDED, BASIC)
        assert (await walked(opened, GUARDED, given(cookies)))[0] == "LTPA user:Local/alice"
        sign_on.logout(request(headers=(given(cookies), ("Cookie", "LtpaToken2=garbage"))))
        name, value = given(cookies)
        for copy in (value, value.rstrip("="), value + "=", value.lower()[:11] + value[11:]):
            assert await walked(opened, GUARDED, (name, copy)) == (401, [GONE])
        again = await open_sign_on(opened)
        assert again is not None
        assert (await again.identify(request(headers=(given(cookies),)), "")).identity is None
        _, new = await walked(opened, GUARDED, BASIC, arrived=NOW + 1)
        assert (await walked(opened, GUARDED, given(new), arrived=NOW + 1))[0] == "LTPA user:Local/alice"


async def test_without_keys_nobody_logs_in_by_password(caplog: pytest.LogCaptureFixture) -> None:
    """As in Liberty (CWWKS4000E); tokens of a provider need none."""
    settings = Ltpa(keys_password=Password("wrong"))
    filtered = AuthFilter(id="f", request_urls=(RequestUrl(url_pattern="/api"),))
    client = OpenidConnectClient(**CLIENT, inbound_propagation="required", auth_filter=filtered)
    async with server(settings, client, WebAppSecurity(sso_cookie_name="LtpaToken2")) as (opened, _):
        assert await walked(opened, GUARDED, BASIC) == (401, [])
        assert await walked(opened, GUARDED, carrying()) == (401, [GONE])
        assert (await walked(opened, GUARDED, BEARER, path="/api"))[0] == f"BEARER user:{ISSUER}/alice"
    assert "CWWKS4000E" in caplog.text


async def test_without_a_cache_every_cookie_is_judged() -> None:
    """cacheEnabled of authentication; each login gives a new one."""
    async with server(Authentication(cache_enabled=False), Ltpa(expiration=timedelta(minutes=1))) as (opened, _):
        _, cookies = await walked(opened, GUARDED, BASIC)
        assert (await walked(opened, GUARDED, given(cookies)))[0] == "LTPA user:Local/alice"
        assert (await walked(opened, GUARDED, BASIC, arrived=NOW + 1))[1] != cookies
        assert (await walked(opened, GUARDED, given(cookies), arrived=NOW + 61))[0] == 401


@pytest.mark.parametrize(
    ("elements", "wanted"),
    [
        ((), False),
        ((OpenidConnectClient(**CLIENT, inbound_propagation="required"),), False),
        ((OpenidConnectClient(**CLIENT, inbound_propagation="required", authn_session_disabled=False),), True),
        ((Ltpa(),), True),
        ((REGISTRY,), True),
    ],
)
async def test_who_can_give_nobody_a_cookie_makes_no_keys(elements: tuple[Element, ...], wanted: bool) -> None:
    """A server of tokens alone has no file of keys."""
    async with assembly(*elements) as opened:
        assert (await open_sign_on(opened) is not None) is wanted
        assert Ltpa().file(opened.place).exists() is wanted
