"""Logins at a real provider, over real connections, and what an attacker may try."""

import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.server.certificates import Authority
from tests.trust.support import provider as pages
from zconnect.security.webappsecurity import WebAppSecurity

from .browser import Browser, Login, altered, login
from .tokens import ISSUER, OTHER_RSA, SECRET, token


@pytest.fixture
async def walk(tmp_path: Path, authority: Authority) -> AsyncIterator[Login]:
    async with login(tmp_path, authority) as found:
        yield found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"inbound_propagation": "supported", "audiences": ("api",)},
        {"is_client_side_redirect_supported": False},
        {"token_endpoint_auth_method": "basic"},
        {"nonce_enabled": False},
        {"pkce_code_challenge_method": "disabled"},
        {"issuer_identifier": f"https://other, {ISSUER}"},
    ],
    ids=str,
)
async def test_a_user_logs_in_and_is_known_again(tmp_path: Path, authority: Authority, changes: dict[str, Any]) -> None:
    """He ends where he wanted to go, with a cookie that is good without the provider; the cookies of the login are gone."""
    async with login(tmp_path, authority, **changes) as walk:
        browser = walk.browser()
        page = await browser.logged_in("/app/x?a=1&b=%2F")
        assert (page.status, page.body) == (200, "alice")
        assert (await browser.open("/app/y")).body == "alice"
        assert len(walk.provider.logins) == 1
        assert [name.startswith("WAS_") for name in browser.cookies()] == [True]
        asked = walk.provider.asked[0]
        assert asked["redirect_uri"] == f"{browser.base}/oidcclient/redirect/c1"
        assert ("code_verifier" in asked) == (changes.get("pkce_code_challenge_method") != "disabled")
        assert ("nonce" in walk.provider.logins[0]) == changes.get("nonce_enabled", True)
        assert bool(asked["authorization"]) == (changes.get("token_endpoint_auth_method") == "basic")


async def test_the_provider_may_describe_itself(tmp_path: Path, authority: Authority) -> None:
    """The client knows one address; also where inboundPropagation is none."""
    with pages() as described:
        unknown = {"authorization_endpoint_url": "", "token_endpoint_url": "", "issuer_identifier": ""}
        async with login(tmp_path, authority, discovery_endpoint_url=described.url, **unknown) as walk:
            origin = walk.provider.origin
            described.answer = {"issuer": ISSUER, "authorization_endpoint": f"{origin}/authorize", "token_endpoint": f"{origin}/token"}
            await walk.server.reload()
            assert (await walk.browser().logged_in()).body == "alice"


async def test_the_user_is_one_of_the_registry_where_that_is_wanted(tmp_path: Path, authority: Authority) -> None:
    """By the same rules as for tokens: claims, groups, mapping."""
    async with login(tmp_path, authority, map_identity_to_registry_user=True, user_identifier="preferred_username") as walk:
        walk.provider.claims = {"preferred_username": "alice", "sub": "4711"}
        assert (await walk.browser().logged_in()).body == "alice"
        walk.provider.claims = {"preferred_username": "mallory"}
        assert (await walk.browser().logged_in()).status == 403


async def test_a_part_behind_the_number_sign_is_kept(walk: Login) -> None:
    """A script puts it into a cookie; it counts only behind the address that was asked."""
    for fragment, kept in (("#part", "#part"), ("@evil.example/", ""), ("/../y#part", ""), ("#\u00e4", ""), ("", "")):
        browser = walk.browser()
        page = await browser.open("/app/x?a=1")
        name = next(cookie.partition("=")[0] for cookie in page.cookies if "WASOidcState" in cookie).replace(
            "WASOidcState", "WASReqURLOidc"
        )
        assert f'document.cookie="{name}="+loc+"; path=/; max-age=420; secure"' in page.body
        back = (await browser.open(page.link)).link
        state = "; ".join(f"{key}={value}" for key, value in browser.cookies().items())
        found = await browser.open(back, headers={"Cookie": f"{state}; {name}={browser.base}/app/x?a=1{fragment}"})
        assert found.link == f"{browser.base}/app/x?a=1{kept}"


Attack = Callable[[Login, Browser], Awaitable[str]]


async def another_browser(walk: Login, browser: Browser) -> str:
    """Login CSRF: the attacker's code and state in the victim's browser, which has begun a login as well."""
    await browser.open("/app/x")
    return await walk.browser().sent_back()


async def another_code(walk: Login, browser: Browser) -> str:
    """Injection: a code that was stolen from another login of the same client, with the attacker's own state."""
    stolen = parse_qs(urlsplit(await walk.browser().sent_back()).query)["code"][0]
    return altered(await browser.sent_back(), code=stolen)


async def again(walk: Login, browser: Browser) -> str:
    back = await browser.sent_back()
    state = dict(browser.cookies())
    assert (await browser.open(back)).status == 302
    walk.provider.codes = {parse_qs(urlsplit(back).query)["code"][0]: walk.provider.logins[-1]}  # a provider that lets codes be used twice
    browser._session.cookie_jar.update_cookies(state, browser._session._build_url(browser.base))
    return back


async def expired(walk: Login, browser: Browser) -> str:
    back = await browser.sent_back()
    state = parse_qs(urlsplit(back).query)["state"][0]
    return altered(back, state=f"{int(state[:15]) - 421_000:015d}{state[15:]}")


async def another_client(walk: Login, browser: Browser) -> str:
    """What came back for one client is shown to another one."""
    return (await browser.sent_back()).replace("/redirect/c1", "/redirect/c2")


def response(**changes: str | None) -> Attack:
    async def attack(walk: Login, browser: Browser) -> str:
        return altered(await browser.sent_back(), **changes)

    return attack


def doubled(name: str) -> Attack:
    async def attack(walk: Login, browser: Browser) -> str:
        return f"{await browser.sent_back()}&{name}=x"

    return attack


def id_token(*drop: str, **claims: Any) -> Attack:
    async def attack(walk: Login, browser: Browser) -> str:
        walk.provider.claims, walk.provider.drop = claims, drop
        return await browser.sent_back()

    return attack


def answer(raw: bytes | str, status: int = 200) -> Attack:
    async def attack(walk: Login, browser: Browser) -> str:
        walk.provider.raw = raw if isinstance(raw, bytes) else json.dumps({"id_token": raw}).encode()
        walk.provider.token_status = status
        return await browser.sent_back()

    return attack


def now(**claims: Any) -> str:
    moment = int(time.time())
    return token(**{"aud": "rs", "iat": moment, "exp": moment + 60, **claims})


# What is tried, the status of the answer, and the number of the reason in the log.
ATTACKS: list[tuple[str, Attack, int, str]] = [
    ("the state of another browser", another_browser, 401, "CWWKS1744E"),
    ("a code of another login", another_code, 401, "CWWKS1708E"),
    ("the same again", again, 401, "CWWKS1744E"),
    ("another client", another_client, 401, "CWWKS1744E"),
    ("too late, by a state that was changed", expired, 401, "CWWKS1744E"),
    ("no state", response(state=None), 401, "CWWKS1749E"),
    ("an empty state", response(state=""), 401, "CWWKS1749E"),
    ("a forged state", response(state="0" * 15 + "A" * 43), 401, "CWWKS1744E"),
    ("a state of no form", response(state="\u20ac" * 58), 401, "CWWKS1744E"),
    ("two states", doubled("state"), 401, "ZCON0465E"),
    ("two codes", doubled("code"), 401, "ZCON0465E"),
    ("no code", response(code=None), 401, "ZCON0465E"),
    ("an empty code", response(code=""), 401, "ZCON0465E"),
    ("an unknown code", response(code="x"), 401, "CWWKS1708E"),
    ("the response of another issuer (RFC 9207)", response(iss="https://evil.example"), 401, "ZCON0465E"),
    ("the error of another issuer", response(iss="https://evil.example", error="x"), 401, "ZCON0465E"),
    ("the user did not want to", response(code=None, error="access_denied"), 403, "access_denied"),
    ("an error to deceive readers of logs", response(error="a\nb"), 403, "unknown"),
    ("another nonce", id_token(nonce="x"), 401, "CWWKS1714E"),
    ("no nonce", id_token("nonce"), 401, "CWWKS1714E"),
    ("a nonce that is no text", id_token(nonce=["x"]), 401, "CWWKS1714E"),
    ("the token of another client", id_token(aud="other"), 401, "CWWKS1774E"),
    ("a token for nobody", id_token("aud"), 401, "CWWKS1737E"),
    ("a token for several, issued to nobody", id_token(aud=["rs", "other"]), 401, "ZCON0466E"),
    ("a token for several, issued to another", id_token(aud=["rs", "other"], azp="other"), 401, "ZCON0466E"),
    ("a token for us, issued to another", id_token(azp="other"), 401, "ZCON0466E"),
    ("a token of another issuer", id_token(iss="https://evil.example"), 401, "CWWKS1781E"),
    ("a token that has ended", id_token(iat=1, exp=2), 401, "CWWKS1773E"),
    ("a token without end", id_token("exp"), 401, "CWWKS1737E"),
    ("a token about nobody", id_token("sub"), 401, "CWWKS1738E"),
    ("a token in the realm of the registry", id_token(realmName="Local"), 401, "ZCON0412E"),
    ("a logout token", id_token(events={"http://schemas.openid.net/event/backchannel-logout": {}}), 401, "CWWKS1786E"),
    ("a token of another algorithm", answer(now().replace(".", "x.", 1)), 401, "CWWKS1737E"),
    ("a token with another key", answer(token(OTHER_RSA, alg="RS256")), 401, "CWWKS1737E"),
    ("a token without signature", answer(token(alg="none", aud="rs")), 401, "CWWKS1737E"),
    ("something else than a token", answer("x"), 401, "CWWKS1737E"),
    ("no ID token", answer(b'{"access_token": "x"}'), 401, "CWWKS1708E"),
    ("an ID token that is no text", answer(b'{"id_token": 5}'), 401, "CWWKS1708E"),
    ("a text that is no JSON", answer(b"<html>"), 401, "CWWKS1708E"),
    ("a list", answer(b"[]"), 401, "CWWKS1708E"),
    ("a good token with another status", answer(b"", 302), 401, "CWWKS1708E"),
    ("more than anybody says of a token", answer(b" " * 100_000), 503, "CWWKS1708E"),
    ("a provider that fails", answer(b"", 500), 503, "CWWKS1708E"),
    ("a provider that has no time", answer(b"", 429), 503, "CWWKS1708E"),
]


@pytest.mark.parametrize(("attack", "status", "reason"), [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
async def test_nobody_is_logged_in_by(
    attack: Attack, status: int, reason: str, tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """No cookie is given, the log says why, and a good login works all the same."""
    caplog.set_level(logging.INFO)
    async with login(tmp_path, authority) as walk:
        victim = walk.browser()
        back = await attack(walk, victim)
        logins = caplog.text.count("ZCON0468I")
        if "/c2" in back:
            back = back.replace("/c2", "/c1")
            walk.server.elements = tuple(
                type(each)(**{**vars(each), "id": "c1", "client_id": "other"}) if getattr(each, "id", "") == "c1" else each
                for each in walk.server.elements
            )
            await walk.server.reload()
        page = await victim.open(back)
        assert (page.status, page.link) == (status, "")
        assert not any(cookie.startswith(("WAS_", "LtpaToken2")) for cookie in page.cookies)
        assert reason in caplog.text
        assert caplog.text.count("ZCON0468I") == logins


async def test_a_provider_that_is_not_there_is_no_fault_of_the_user(walk: Login, caplog: pytest.LogCaptureFixture) -> None:
    """503, and the log names its address."""
    browser = walk.browser()
    back = await browser.sent_back()
    walk.provider.token_status = 503
    page = await browser.open(back)
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert f"{walk.provider.origin}/token" in caplog.text


async def test_codes_of_strangers_do_not_flood_the_provider(walk: Login, caplog: pytest.LogCaptureFixture) -> None:
    """After fifty bad ones from an address it is not asked for a while."""
    ready = [(browser, altered(await browser.sent_back(), code="x")) for browser in (walk.browser() for _ in range(80))]
    statuses = [(await browser.open(back)).status for browser, back in ready]
    assert statuses[:50] == [401] * 50
    assert 503 in statuses[50:]
    assert "too many codes" in caplog.text


HOSTS: list[tuple[str, str, bool]] = [
    ("", "app.example", True),
    ("", "evil.example", False),
    ("example", "evil.example", True),
    ("| .other.org |example.", "evil.example", False),
    ("ple", "app.example.evil.org", False),
]


@pytest.mark.parametrize(("domains", "host", "led"), HOSTS)
async def test_a_login_leads_back_to_hosts_of_this_server_alone(
    tmp_path: Path, authority: Authority, domains: str, host: str, led: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The Host of the first request is its sender's word; the callback's own host counts, and wasReqURLRedirectDomainNames."""
    async with login(tmp_path, authority, WebAppSecurity(was_req_url_redirect_domain_names=domains)) as walk:
        browser = walk.browser()
        page = await browser.open("/app/x", headers={"Host": host})
        back = (await browser.open(page.link)).link.replace(f"https://{host}", browser.base)
        state = page.cookies[1].partition(";")[0]
        own = "app.example" if host == "app.example" and not domains else "localhost"
        found = await browser.open(back, headers={"Cookie": state, "Host": own})
        assert (found.status, found.link) == ((302, f"https://{host}/app/x") if led else (401, ""))
        assert ("ZCON0467E" in caplog.text) is not led


async def test_an_id_token_is_no_access_token_and_no_password(tmp_path: Path, authority: Authority) -> None:
    """The audience of a login is the client alone; whoever sets audiences for callers does not let in with one what is for the other."""
    async with login(tmp_path, authority, inbound_propagation="supported", audiences=("api",)) as walk:
        browser = walk.browser()
        bearer = {"Authorization": f"Bearer {now(aud='rs')}"}
        assert (await browser.open("/app/x", headers=bearer)).link.startswith(walk.provider.origin)
        walk.provider.claims = {"aud": "api"}
        assert (await browser.logged_in()).status == 401


async def test_secrets_of_a_login_are_in_no_log(walk: Login, caplog: pytest.LogCaptureFixture) -> None:
    """Neither code nor state, verifier or secret."""
    caplog.set_level(logging.DEBUG, "zconnect")
    for code in (None, "x"):
        browser = walk.browser()
        back = await browser.sent_back()
        await browser.open(altered(back, code=code) if code else back)
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("zconnect"))
    assert "ZCON0468I" in told
    secrets = [SECRET, *(asked[name] for asked in walk.provider.asked for name in ("code_verifier", "code") if asked[name] != "x")]
    assert [secret for secret in [*secrets, *(asked["state"] for asked in walk.provider.logins)] if secret in told] == []
