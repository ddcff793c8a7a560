"""How a caller is sent to log in at the provider."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.security.clients import open_clients
from zconnect.security.httpsports import HttpProxyRedirect
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.relyingparty import OidcClientWebapp
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Request

from .support import NOW, assembly, request
from .test_bearer import REGISTRY
from .tokens import ISSUER


def client(**changes: Any) -> OpenidConnectClient:
    settings = {
        "id": "c 1",
        "client_id": "rs",
        "issuer_identifier": ISSUER,
        "authorization_endpoint_url": f"{ISSUER}/authorize",
        "token_endpoint_url": f"{ISSUER}/token",
    }
    return OpenidConnectClient(**{**settings, **changes})


async def sent(settings: OpenidConnectClient, asked: Request, *elements: Element) -> Refused:
    """The answer to a caller who has brought nothing."""
    async with assembly(REGISTRY, settings, *elements) as parts:
        found = (await open_clients(parts)).in_charge(asked, "")
        assert found is not None
        with pytest.raises(Refused) as refused:
            await found.identify(asked)
        return refused.value


def location(answer: Refused) -> str:
    return dict(answer.headers)[b"location"].decode()


def asked_for(answer: Refused) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location(answer)).query))


def cookies(answer: Refused) -> list[str]:
    return [value.decode() for name, value in answer.headers if name == b"set-cookie"]


REDIRECT = {"is_client_side_redirect_supported": False}
USUAL = "scope response_type client_id redirect_uri state nonce code_challenge code_challenge_method"
PARAMETERS: list[tuple[dict[str, Any], str, str, Mapping[str, str]]] = [
    # attributes, query of the request, names in the order of OidcAuthorizationRequest, and some values
    ({}, "", USUAL, {"scope": "openid profile", "response_type": "code", "client_id": "rs", "code_challenge_method": "S256"}),
    ({"nonce_enabled": False}, "", USUAL.replace("nonce ", ""), {}),
    ({"pkce_code_challenge_method": "plain"}, "", USUAL, {"code_challenge_method": "S256"}),
    ({"pkce_code_challenge_method": "disabled"}, "", USUAL.replace(" code_challenge code_challenge_method", ""), {}),
    ({"prompt": "login", "resource": ("https://a", "https://b")}, "", "prompt resource", {"prompt": "login", "resource": "https://a https://b"}),
    ({"auth_context_class_reference": "gold silver"}, "acr_values=lead", "acr_values", {"acr_values": "gold silver"}),
    ({}, "acr_values=gold", "acr_values", {"acr_values": "gold"}),
    (
        {"forward_login_parameter": ("hint", "client_id", "b", "a")},
        "a=1%262&hint=x&client_id=evil&b=",
        f"{USUAL} hint a",
        {"client_id": "rs", "hint": "x", "a": "1&2"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "query", "names", "values"), PARAMETERS, ids=str)
async def test_the_parameters(changes: dict[str, Any], query: str, names: str, values: Mapping[str, str]) -> None:
    """Their order is Liberty's; a request adds no other than those that are named."""
    answer = await sent(client(**REDIRECT, **changes), request(query=query))
    assert answer.status == 302
    assert location(answer).startswith(
        f"{ISSUER}/authorize?scope=openid+profile&response_type=code&client_id=rs&redirect_uri=https%3A%2F%2F"
    )
    found = asked_for(answer)
    assert [name for name in found if name in names.split()] == names.split()
    assert {name: found[name] for name in values} == values
    assert set(found) <= set(f"{USUAL} {names}".split())


async def test_an_address_that_has_parameters_keeps_them() -> None:
    """The others come behind."""
    answer = await sent(client(**REDIRECT, authorization_endpoint_url=f"{ISSUER}/authorize?tenant=1"), request())
    assert location(answer).startswith(f"{ISSUER}/authorize?tenant=1&scope=openid+profile&")


ADDRESSES: list[tuple[dict[str, Any], dict[str, Any], tuple[Element, ...], str]] = [
    ({}, {}, (), "https://localhost:9443/oidcclient/redirect/c%201"),
    ({}, {"authority": "rp.example:443"}, (), "https://rp.example/oidcclient/redirect/c%201"),
    ({}, {"authority": ""}, (), "https://localhost:9443/oidcclient/redirect/c%201"),
    ({}, {"scheme": "http", "authority": "rp.example"}, (), "https://rp.example/oidcclient/redirect/c%201"),
    ({}, {"scheme": "http", "authority": "rp.example:9080"}, (), "https://rp.example/oidcclient/redirect/c%201"),
    (
        {},
        {"scheme": "http", "authority": "rp.example:9080"},
        (HttpProxyRedirect(http_port=9080, https_port=9443),),
        "https://rp.example:9443/oidcclient/redirect/c%201",
    ),
    ({}, {}, (OidcClientWebapp(context_path="login/"),), "https://localhost:9443/login/redirect/c%201"),
    ({"redirect_to_rp_host_and_port": "https://rp.example:8443/"}, {}, (), "https://rp.example:8443/oidcclient/redirect/c%201"),
    ({"redirect_to_rp_host_and_port": "https://rp.example/in"}, {}, (), "https://rp.example/in/oidcclient/redirect/c%201"),
    ({"redirect_junction_path": "/j"}, {}, (), "https://localhost:9443/j/oidcclient/redirect/c%201"),
    (
        {"redirect_junction_path": "j/", "redirect_to_rp_host_and_port": "https://rp.example/in"},
        {},
        (),
        "https://rp.example/j/in/oidcclient/redirect/c%201",
    ),
]


@pytest.mark.parametrize(("changes", "asked", "elements", "expected"), ADDRESSES)
async def test_the_address_to_come_back_to(
    changes: dict[str, Any], asked: dict[str, Any], elements: tuple[Element, ...], expected: str
) -> None:
    """By https, on the host that the caller knows, unless it is configured."""
    assert asked_for(await sent(client(**REDIRECT, **changes), request(**asked), *elements))["redirect_uri"] == expected


COOKIES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {}, "Path=/; Secure; HttpOnly"),
    ({}, {"scheme": "http"}, "Path=/; HttpOnly"),
    ({"http_only_cookies": False}, {}, "Path=/; Secure"),
    ({"same_site_cookie": "Strict"}, {}, "Path=/; Secure; HttpOnly; SameSite=Lax"),
    ({"same_site_cookie": "Lax"}, {}, "Path=/; Secure; HttpOnly; SameSite=Lax"),
    ({"same_site_cookie": "None"}, {}, "Path=/; Secure; HttpOnly; SameSite=None"),
    ({"sso_domain_names": "example"}, {"authority": "rp.example"}, "Path=/; Domain=example; Secure; HttpOnly"),
]


@pytest.mark.parametrize(("changes", "asked", "attributes"), COOKIES, ids=str)
async def test_the_state_is_kept_until_the_login_has_to_be_over(changes: dict[str, Any], asked: dict[str, Any], attributes: str) -> None:
    """Recorded case 40; the cookie must come back with a link from the provider, whatever the single sign-on cookie does."""
    settings = client(authentication_time_limit=timedelta(seconds=60))
    gone, state = cookies(await sent(settings, request(**asked), WebAppSecurity(**changes)))
    assert re.fullmatch(r"WASOidcState[pn][0-9]+=[A-Za-z0-9_.-]+; Expires=Fri, 15 Jan 2027 08:01:00 GMT; (.*)", state)
    assert state.endswith(f" GMT; {attributes}")
    assert gone.startswith("WASOidcCode=; Expires=Thu, 01 Dec 1994 16:00:00 GMT; Path=/")
    assert NOW + 60 == 1_800_000_060


async def test_a_page_leads_to_the_provider_by_a_script() -> None:
    """Nothing of an address can end the script, and nobody keeps the page."""
    settings = client(authorization_endpoint_url=f'{ISSUER}/a"</script>', forward_login_parameter=("x",))
    answer = await sent(settings, request(query='x="</script><script>alert(1)'))
    page = answer.body.decode()
    assert (answer.status, page.count("<script"), page.count("</script>")) == (200, 2, 2)
    address = json.loads(page.partition("window.location.replace(")[2].partition(")</script>")[0])
    assert address.startswith(f'{ISSUER}/a"</script>?scope=')
    assert dict(answer.headers)[b"cache-control"] == b"no-cache, no-store, must-revalidate, private, max-age=0"
    assert dict(answer.headers)[b"content-type"] == b"text/html; charset=UTF-8"


async def test_an_address_that_no_cookie_holds_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A browser would drop the cookie without a word."""
    assert (await sent(client(), request(query="a" * 2600))).status == 200
    assert (await sent(client(), request(query="a" * 3000))).status == 401
    assert "ZCON0463E" in caplog.text
