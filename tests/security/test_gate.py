"""The door to one resource."""

import base64
from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import Refused
from zconnect.roles import BoundGroup, Login, Protection, SecurityRole, SpecialSubject
from zconnect.security.authfilter import AuthFilter, RequestHeader
from zconnect.security.gate import open_gate
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.server.endpoint import HttpEndpoint
from zconnect.values import Identity

from .support import assembly, request
from .test_certificate import certificate
from .tokens import ISSUER, SECRET, tampered, token

REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("alicepw")), RegistryUser(name="bob", password=Password("bobpw"))),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)
FILTER = AuthFilter(id="f", request_headers=(RequestHeader(name="Authorization", value="Bearer"),))
CLIENT = OpenidConnectClient(id="c1", inbound_propagation="required", shared_key=Password(SECRET), issuer_identifier=ISSUER)
FILTERED = OpenidConnectClient(
    id="c1", inbound_propagation="required", shared_key=Password(SECRET), issuer_identifier=ISSUER, auth_filter=FILTER
)
ALL = SecurityRole(name="R", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),))
STAFF = SecurityRole(name="R", groups=(BoundGroup(name="staff"),))
EVERYONE = SecurityRole(name="R", special_subjects=(SpecialSubject(type="EVERYONE"),))
DEFAULT = "defaultHttpEndpoint"
FAIL_OVER = WebAppSecurity(allow_fail_over_to_basic_auth=True)


def protection(*bindings: SecurityRole, **changes: Any) -> Protection:
    return Protection(**{"secure": False, "roles": ("R",), "bindings": bindings, "application": "app", **changes})


def basic(user: str = "alice", password: str = "alicepw") -> dict[str, Any]:
    return {"headers": (("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()),)}


def bearer(text: str | None = None) -> dict[str, Any]:
    return {"headers": (("Authorization", f"Bearer {text or token()}"),)}


def presented(name: str) -> dict[str, Any]:
    return {"certificates": (certificate(("CN", name)),)}


async def admitted(guarded: Protection, asked: dict[str, Any], *elements: Element) -> str | Refused | None:
    """The user who gets in, None for nobody in particular, or the refusal."""
    async with assembly(*elements) as opened:
        gate = await open_gate(guarded, opened)
        try:
            identity, _ = await gate.admit(request(**asked))
            again, _ = await gate.admit(request(**asked))
        except Refused as refusal:
            return refusal
    assert (identity and identity.user) == (again and again.user)
    return f"{identity.mechanism} {identity.user}" if identity else None


def told(found: str | Refused | None) -> object:
    """A refusal as status and challenge or body."""
    if not isinstance(found, Refused):
        return found
    challenge = dict(found.headers).get(b"www-authenticate")
    return found.status, (challenge if challenge is not None else found.body).decode()


CERT = Login("CLIENT-CERT")
BASIC_REALM = (401, 'Basic realm="defaultRealm"')
PRECLUDED = (403, "Error 403: Access is precluded because security constraints are specified, but the required roles are empty.")
NOT_AUTHENTICATED = (403, "Error 403: AuthenticationFailed")
NOT_AUTHORIZED = (403, "Error 403: AuthorizationFailed")
CHECK_JWT = (401, 'Bearer realm="jwt", error="invalid_token", error_description="Check JWT token"')
CHECK_ACCESS = (401, 'Bearer realm="oauth", error="invalid_token", error_description="Check access token"')

# The vectors C01 to C13 and C27 to C29 of the reference, recorded cases 01, 20, 43, 44, 70 to 79.
CASES: list[tuple[str, Protection, dict[str, Any], tuple[Element, ...], object]] = [
    ("C01", protection(ALL), {}, (), BASIC_REALM),
    ("C02", protection(ALL), {}, (WebAppSecurity(display_authentication_realm=True),), (401, 'Basic realm="Local"')),
    ("C03", protection(ALL, login=Login("BASIC", "X")), basic("alice", "x"), (), (401, 'Basic realm="X"')),
    ("good Basic", protection(ALL), basic(), (), "BASIC alice"),
    ("no role", protection(STAFF), basic("bob", "bobpw"), (), NOT_AUTHORIZED),
    ("role", protection(STAFF), basic(), (), "BASIC alice"),
    ("C07", protection(ALL, login=CERT), {}, (), NOT_AUTHENTICATED),
    ("70 basic-only", protection(ALL, login=CERT), basic(), (), NOT_AUTHENTICATED),
    ("70 alice", protection(ALL, login=CERT), presented("alice"), (), "CLIENT_CERT alice"),
    ("70 zoe", protection(ALL, login=CERT), presented("zoe"), (), NOT_AUTHENTICATED),
    ("70 bob-staff", protection(STAFF, login=CERT), presented("bob"), (), NOT_AUTHORIZED),
    ("C08", protection(ALL, login=CERT), {}, (FAIL_OVER,), BASIC_REALM),
    ("C09", protection(ALL, login=CERT), basic(), (FAIL_OVER,), "BASIC alice"),
    ("71 zoe and Basic", protection(ALL, login=CERT), presented("zoe") | basic(), (FAIL_OVER,), "BASIC alice"),
    ("71 bob and Basic of alice", protection(ALL, login=CERT), presented("bob") | basic(), (FAIL_OVER,), "CLIENT_CERT bob"),
    ("C10", protection(ALL), presented("alice"), (), BASIC_REALM),
    ("C11", protection(ALL), presented("alice"), (WebAppSecurity(override_http_auth_method="CLIENT_CERT"),), "CLIENT_CERT alice"),
    ("C12", protection(ALL), presented("zoe"), (WebAppSecurity(override_http_auth_method="CLIENT_CERT"),), NOT_AUTHENTICATED),
    ("override BASIC", protection(ALL, login=CERT), basic(), (WebAppSecurity(override_http_auth_method="BASIC"),), "BASIC alice"),
    ("FORM", protection(ALL, login=Login("FORM")), basic(), (), NOT_AUTHENTICATED),
    ("C13", protection(roles=None), basic("alice", "x"), (), None),
    ("open, good Basic", protection(roles=None), basic(), (), "BASIC alice"),
    ("open, nothing", protection(roles=None), {}, (CLIENT,), None),
    ("open, good bearer", protection(roles=None), bearer(), (CLIENT,), "BEARER alice"),
    ("20 open-bad", protection(roles=None), bearer(tampered(token())), (CLIENT,), CHECK_JWT),
    ("20 public-bad", protection(EVERYONE), bearer(tampered(token())), (CLIENT,), CHECK_JWT),
    ("C27", protection(EVERYONE), {}, (CLIENT,), None),
    ("70 zoe-open", protection(roles=None, login=CERT), presented("zoe"), (), None),
    ("70 alice-open", protection(roles=None, login=CERT), presented("alice"), (), "CLIENT_CERT alice"),
    (
        "09f open-good",
        protection(roles=None),
        basic(),
        (WebAppSecurity(use_authentication_data_for_unprotected_resource=False),),
        None,
    ),
    ("C28", protection(roles=("staff",)), bearer(token(groupIds=["staff"])), (CLIENT,), "BEARER alice"),
    (
        "C29",
        protection(ALL, roles=()),
        basic(),
        (),
        (403, "Error 403: Access is precluded because security constraints are specified, but the required roles are empty."),
    ),
    ("required, none", protection(ALL), {}, (CLIENT,), CHECK_ACCESS),
    ("required, good", protection(ALL), bearer(), (CLIENT,), "BEARER alice"),
    ("C25", protection(STAFF), bearer(), (CLIENT,), NOT_AUTHORIZED),
    ("43 basic-good", protection(ALL), basic(), (CLIENT, FAIL_OVER), CHECK_ACCESS),
    ("43 certificate", protection(ALL, login=CERT), presented("alice"), (CLIENT, FAIL_OVER), CHECK_ACCESS),
    ("44 basic-good", protection(ALL), basic(), (FILTERED,), "BASIC alice"),
    ("44 bearer-bad", protection(ALL), bearer(tampered(token())), (FILTERED,), CHECK_JWT),
    ("79 certificate and good bearer", protection(ALL, login=CERT), presented("bob") | bearer(), (FILTERED, FAIL_OVER), "BEARER alice"),
    ("no registry", protection(ALL), basic(), (), BASIC_REALM),
]


@pytest.mark.parametrize(("name", "guarded", "asked", "elements", "expected"), CASES, ids=[row[0] for row in CASES])
async def test_the_gate_lets_in_or_refuses(
    name: str, guarded: Protection, asked: dict[str, Any], elements: tuple[Element, ...], expected: object
) -> None:
    """Who gets in, and what the others are told."""
    registry = () if name == "no registry" else (REGISTRY,)
    assert expected == told(await admitted(guarded, asked, *registry, *elements))


BUILT_IN = HttpEndpoint(id=DEFAULT)
REDIRECTS = [
    ({}, (BUILT_IN,), "https://localhost:9443/app/x"),
    ({"query": "a=1"}, (HttpEndpoint(id=DEFAULT, https_port=8443),), "https://localhost:8443/app/x?a=1"),
    ({"authority": "h.example:9080"}, (HttpEndpoint(id=DEFAULT, https_port=443),), "https://h.example:443/app/x"),
    ({"authority": "[::1]:9080"}, (BUILT_IN,), "https://[::1]:9443/app/x"),
    ({"authority": "[::1]"}, (BUILT_IN,), "https://[::1]:443/app/x"),
    ({"authority": "", "local_port": 9080}, (BUILT_IN,), "https://localhost:9443/app/x"),
]


@pytest.mark.parametrize(("changes", "endpoints", "location"), REDIRECTS)
async def test_plain_http_is_sent_to_https(changes: dict[str, Any], endpoints: tuple[Element, ...], location: str) -> None:
    """Before anything is asked about the caller, and with the path as it was sent."""
    asked = {"scheme": "http", "authority": "localhost:9080", **basic("alice", "wrong"), **changes}
    found = await admitted(protection(ALL, secure=True), asked, REGISTRY, *endpoints)
    assert isinstance(found, Refused)
    assert (302, location) == (found.status, dict(found.headers)[b"location"].decode())


async def test_without_https_nobody_gets_in_where_it_is_required() -> None:
    """No port to go to is a refusal, not a way round."""
    asked = {"scheme": "http", "authority": "localhost:9080", **basic()}
    found = await admitted(protection(ALL, secure=True), asked, REGISTRY, HttpEndpoint(id=DEFAULT, https_port=-1))
    assert isinstance(found, Refused)
    assert found.status == 403


async def test_a_failure_of_the_gate_is_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be decided is refused with 500; the cause is in the log and not in the answer."""
    login = Login("CLIENT-CERT")
    found = await admitted(protection(ALL, login=login), {"certificates": (b"rubbish",)}, REGISTRY)
    assert isinstance(found, Refused)
    assert (found.status, found.body) == (500, b"")
    assert found.__cause__ is not None
    assert "ZCON0417E" in caplog.text
    assert "Traceback" in caplog.text


async def test_a_remembered_caller_is_asked_for_the_role_every_time() -> None:
    """N-907: two doors, one token; what it opens is decided at each."""
    async with assembly(REGISTRY, CLIENT) as opened:
        doors = [await open_gate(guarded, opened) for guarded in (protection(ALL), protection(STAFF), protection(roles=None))]
        asked = request(**bearer())
        assert isinstance((await doors[0].admit(asked))[0], Identity)
        with pytest.raises(Refused):
            await doors[1].admit(asked)
        assert isinstance((await doors[2].admit(asked))[0], Identity)
