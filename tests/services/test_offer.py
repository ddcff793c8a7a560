"""Which offers of WebSocket are taken up: RFC 6455, and pages of other origins."""

import base64
import time
from pathlib import Path

import pytest

from tests.applied import OFFER, applied
from tests.security.tokens import ISSUER, SECRET, token
from zconnect.config.passwords import Password
from zconnect.roles import SecurityRole, SpecialSubject
from zconnect.runtime.manager import Manager
from zconnect.security.authfilter import AuthFilter, RequestHeader
from zconnect.security.authorization import AuthorizationRoles
from zconnect.security.ltpa import Ltpa
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.server.cors import Cors
from zconnect.services import websocket

APP = """
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
"""
CLOSE = b"Connection: close\r\n"
VERSION, KEY = b"Sec-WebSocket-Version: 13\r\n", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The callers of these tests do not answer a closing, and are not waited for."""
    monkeypatch.setattr(websocket, "GRACE", 0.05)


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        # The example of RFC 6455, 1.3
        (VERSION + KEY, 101, b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        (KEY, 426, b"sec-websocket-version: 13\r\n"),
        (KEY + b"Sec-WebSocket-Version: 8\r\n", 426, b"connection: Upgrade\r\nupgrade: websocket\r\n"),
        (KEY + VERSION + VERSION, 426, b"sec-websocket-version: 13\r\n"),
        (VERSION, 400, b""),
        (VERSION + b"Sec-WebSocket-Key: \r\n", 400, b""),
        (VERSION + b"Sec-WebSocket-Key: c2hvcnQ=\r\n", 400, b""),
        (VERSION + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", 400, b""),
        (VERSION + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ\xff==\r\n", 400, b""),
        (VERSION + KEY + KEY, 400, b""),
    ],
)
async def test_an_offer_is_as_rfc_6455_has_it(
    tmp_path: Path, fields: bytes, status: int, field: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Section 4.2.1; who is refused is told what to do."""
    async with applied(tmp_path, APP) as server:
        answer = await server.ask(b"GET /app/ HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" + fields)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert field in answer


def cors(*origins: str, credentials: bool = False) -> Cors:
    return Cors(domain="/app", allowed_origins=origins, allow_credentials=credentials)


EVIL = "https://evil.example"
# The Origin, the rule, and whether a caller may who has logged in as a browser does it, by a token, and not at all.
PAGES = {
    "no page": (None, None, True, True),
    "of this host": ("http://localhost", None, True, True),
    "of this host, by https before a proxy": ("https://LocalHost", None, True, True),
    "of another port": ("http://localhost:8080", None, False, False),
    "of another host": (EVIL, None, False, False),
    "of a host that begins alike": ("http://localhost.evil.example", None, False, False),
    "of no host": ("null", None, False, False),
    "of nothing": ("", None, False, False),
    "of something else": ("file://", None, False, False),
    "of an origin that the rule does not name": (EVIL, cors("https://web.example"), False, False),
    "of an origin that may read": (EVIL, cors(EVIL), False, True),
    "of an origin that may send credentials": (EVIL, cors(EVIL, credentials=True), True, True),
    "of any origin": (EVIL, cors("*"), False, True),
    "of any origin, with credentials": (EVIL, cors("*", credentials=True), False, True),
    "of no host, which any origin is": ("null", cors("*", "null", credentials=True), False, True),
}


@pytest.mark.parametrize(("origin", "rule", "logged_in", "otherwise"), PAGES.values(), ids=PAGES.keys())
async def test_a_page_may_do_what_it_could_do_with_a_request(
    tmp_path: Path, origin: str | None, rule: Cors | None, logged_in: bool, otherwise: bool
) -> None:
    """Browsers send cookies and passwords along for every page that opens a WebSocket, and ask nobody (CWE-1385)."""
    registry = BasicRegistry(realm="Local", users=(RegistryUser(name="alice", password=Password("a")),))
    client = OpenidConnectClient(
        id="c",
        inbound_propagation="required",
        shared_key=Password(SECRET),
        issuer_identifier=ISSUER,
        map_identity_to_registry_user=True,
        auth_filter=AuthFilter(id="tokens", request_headers=(RequestHeader(name="Authorization", value="Bearer"),)),
    )
    anybody = SecurityRole(name="zosConnectAccess", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),))
    roles = AuthorizationRoles(id="zos.connect.access.roles", roles=(anybody,))
    web = WebAppSecurity(allow_fail_over_to_basic_auth=True)
    elements = (registry, web, client, roles, Ltpa(id="ltpa", keys_password=Password("k")), *([rule] if rule else ()))
    async with applied(tmp_path, APP, Manager(require_secure=False), *elements) as server:
        begin = (
            b"GET /app/ HTTP/1.1\r\nHost: localhost\r\n" + OFFER + CLOSE + (f"Origin: {origin}\r\n".encode() if origin is not None else b"")
        )
        password = b"Authorization: Basic " + base64.b64encode(b"alice:a") + b"\r\n"
        answer = await server.ask(b"GET /app/ HTTP/1.1\r\nHost: localhost\r\n" + OFFER + CLOSE + password)
        cookie = next(line for line in answer.split(b"\r\n") if line.startswith(b"set-cookie: ")).partition(b";")[0].partition(b" ")[2]
        bearer = f"Authorization: Bearer {token(iat=int(time.time()), exp=int(time.time()) + 60)}\r\n".encode()
        for credential, may in ((password, logged_in), (b"Cookie: " + cookie + b"\r\n", logged_in), (bearer, otherwise)):
            answer = await server.ask(begin + credential)
            assert answer.startswith(b"HTTP/1.1 101 " if may else b"HTTP/1.1 403 "), credential
        assert (await server.ask(begin)).startswith(b"HTTP/1.1 401 ")


async def test_where_nobody_logs_in_pages_of_others_need_leave_all_the_same(tmp_path: Path) -> None:
    """What is open to this network is not open to every page that is read in it."""
    begin = b"GET /app/ HTTP/1.1\r\nHost: localhost\r\n" + OFFER
    async with applied(tmp_path, APP, cors("https://web.example")) as server:
        for fields, status in (
            (b"Origin: https://web.example\r\n", 101),
            (b"Origin: https://evil.example\r\n", 403),
            (b"Origin: http://localhost\r\nOrigin: https://evil.example\r\n", 403),
        ):
            assert (await server.ask(begin + fields)).startswith(b"HTTP/1.1 %d " % status)
