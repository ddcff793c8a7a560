"""The order that is printed is the order that is walked."""

from itertools import pairwise

import pytest

from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.security.authenticators import road
from zconnect.security.authfilter import AuthFilter, RemoteAddress, RequestHeader, RequestUrl
from zconnect.security.mpjwt import MpJwt
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.saml import SamlWebSso20
from zconnect.security.trustassociation import TrustAssociation
from zconnect.security.webappsecurity import WebAppSecurity

from .support import assembly
from .test_signon import BASIC, GUARDED, OPEN, carrying, server, walked
from .test_trustassociation import REGISTRY, one
from .tokens import ISSUER, SECRET, token


def client(name: str, **changes: str) -> OpenidConnectClient:
    """A client that takes the tokens of a header of its own."""
    accepting = AuthFilter(id=f"f{name}", request_headers=(RequestHeader(name=f"X-{name}"),))
    given: dict[str, object] = {"shared_key": Password(SECRET), "issuer_identifier": ISSUER, **changes}
    return OpenidConnectClient(id=name, header_name=f"X-{name}", auth_filter=accepting, **given)  # type: ignore[arg-type]


EVERYBODY: tuple[Element, ...] = (
    client("late", inbound_propagation="supported"),
    TrustAssociation(interceptors=(one("after", "after "), one("first", "first ", invoke_before_sso=True), one("off", enabled=False))),
    client("early", inbound_propagation="required"),
)
SHOWN = {
    "interceptors[first]": (("X-Tai", "first subject erin R9"), "TAI user:R9/erin"),
    "openidConnectClient[early]": (("X-early", token(sub="carol")), f"BEARER user:{ISSUER}/carol"),
    "ltpa": (carrying(), "LTPA user:Local/alice"),
    "interceptors[after]": (("X-Tai", "after subject lara R9"), "TAI user:R9/lara"),
    "openidConnectClient[late]": (("X-late", token(sub="dave")), f"BEARER user:{ISSUER}/dave"),
    "user and password": (BASIC, "BASIC user:Local/alice"),
}


async def test_of_two_credentials_the_one_counts_whose_place_is_before_the_other() -> None:
    """All that are printed are asked, in the order of the table."""
    async with server(*EVERYBODY) as (opened, _):
        printed = [each.name for each in road(opened.configuration) if "CERT" not in each.requests and "FORM" not in each.requests]
        assert printed == list(SHOWN)
        for first, second in pairwise(printed):
            shown, who = SHOWN[first]
            assert (await walked(opened, GUARDED, shown, SHOWN[second][0]))[0] == who
            assert (await walked(opened, GUARDED, SHOWN[second][0]))[0] == SHOWN[second][1]


@pytest.mark.parametrize("looks", [True, False])
@pytest.mark.parametrize("invoked", [True, False])
async def test_who_is_asked_where_nobody_has_to_log_in(looks: bool, invoked: bool) -> None:
    """What is printed of each is what happens."""
    web = WebAppSecurity(use_authentication_data_for_unprotected_resource=looks, sso_cookie_name="LtpaToken2")
    association = TrustAssociation(interceptors=(one("first", "first "),), invoke_for_unprotected_uri=invoked)
    async with server(web, association) as (opened, _):
        printed = {each.name: each.volunteers for each in road(opened.configuration)}
        assert (await walked(opened, OPEN, SHOWN["interceptors[first]"][0]))[0] == "TAI user:R9/erin" * printed["interceptors[first]"]
        for name in ("ltpa", "user and password"):
            assert (await walked(opened, OPEN, SHOWN[name][0]))[0] == SHOWN[name][1] * printed[name]
        assert printed == {**dict.fromkeys(printed, looks), "interceptors[first]": invoked}


OTHERS = "what no filter of an openidConnectClient accepts"
REST = OpenidConnectClient(id="rest", shared_key=Password(SECRET), inbound_propagation="supported")
PLACES = AuthFilter(id="p", remote_addresses=(RemoteAddress(ip="10.*"),), request_urls=(RequestUrl(url_pattern="/a"),))
FREE = MpJwt(id="m")
ROADS: list[tuple[tuple[Element, ...], list[tuple[str, str, bool]]]] = [
    # A client for all requests leaves nothing to a login method, and no registry means no cookie.
    ((REST,), [("openidConnectClient[rest]", OTHERS, True)]),
    (
        (REST, OpenidConnectClient(id="more", shared_key=Password(SECRET), inbound_propagation="supported")),
        [
            (
                "openidConnectClient[rest]",
                f"{OTHERS}, where the token names an issuer that it trusts, or one that no other trusts",
                True,
            ),
            (
                "openidConnectClient[more]",
                f"{OTHERS}, where the token names an issuer that it trusts",
                True,
            ),
        ],
    ),
    (
        (REST, SamlWebSso20(id="s", inbound_propagation="required", auth_filter=PLACES), SamlWebSso20(id="browser")),
        [
            ("samlWebSso20[s]", 'requestUrl matchType="contains" urlPattern="/a" and remoteAddress ip="10.*" matchType="contains"', True),
            ("openidConnectClient[rest]", OTHERS, True),
        ],
    ),
    # An mpJwt for all requests leaves nothing to anybody behind it.
    ((REST, REGISTRY, FREE), [("mpJwt[m]", "every request", True)]),
    (
        (
            REST,
            FREE,
            MpJwt(id="f", auth_filter=PLACES),
            TrustAssociation(interceptors=(one(invoke_before_sso=True, invoke_after_sso=False),)),
        ),
        [
            ("interceptors[one]", "every request", True),
            ("mpJwt[f]", 'requestUrl matchType="contains" urlPattern="/a" and remoteAddress ip="10.*" matchType="contains"', True),
            ("mpJwt[m]", "what no filter of an mpJwt accepts", True),
        ],
    ),
    (
        (REST, MpJwt(id="m", ignore_application_auth_method=False)),
        [
            ("mpJwt[m]", "every request, of applications whose web.xml says MP-JWT", True),
            ("openidConnectClient[rest]", OTHERS, True),
        ],
    ),
    (
        (REST, TrustAssociation(interceptors=(one(),), fail_over_to_app_auth_type=True, disable_ltpa_cookie=True)),
        [
            ("interceptors[one]", "every request", False),
            ("openidConnectClient[rest]", OTHERS, True),
        ],
    ),
]


@pytest.mark.parametrize(
    ("elements", "expected"), ROADS, ids=["all", "issuers", "saml", "mpJwt", "filtered mpJwt", "declared", "failing over"]
)
async def test_for_which_requests(elements: tuple[Element, ...], expected: list[tuple[str, str, bool]]) -> None:
    """Filters, the issuers that clients trust, and whether a refusal is the last word."""
    async with assembly(*elements) as opened:
        assert [(each.name, each.requests, each.ends) for each in road(opened.configuration)] == expected


async def test_login_methods_fail_over_as_they_do_in_the_walk() -> None:
    """A certificate, and where allowed a password behind it."""
    async with assembly(REGISTRY, WebAppSecurity(allow_fail_over_to_basic_auth=True)) as opened:
        methods = [(each.name, each.ends) for each in road(opened.configuration) if "zosConnectManager" in each.requests]
    assert methods == [("client certificate", False), ("user and password", True)]
