"""What an application sees of a call."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from tests.services.conftest import asking, body_of
from zconnect.errors import Refused
from zconnect.services.asgi import Application, ASGIApp
from zconnect.values import Call, Headers, Identity, Kind, Peer, Request, Resource

ALICE = Identity("alice", "realm", "alice-id", frozenset({"callers", "admins"}), "BEARER", "ALICE", {"iss": "me"})


def calling(request: Request, identity: Identity | None = ALICE) -> Call:
    return Call(request, identity, Resource(Kind.API, "catalog"), "")


async def scope_of(request: Request, identity: Identity | None = ALICE, root: str = "/catalog") -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.append(scope)
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    response = await Application(cast(ASGIApp, app), "catalog", root, {"pool": 1}).invoke(calling(request, identity))
    assert response == (204, (), b"")
    return found[0]


async def test_the_scope_is_what_asgi_says() -> None:
    """Every key of ASGI 3, HTTP 2.4."""
    scope = await scope_of(asking("/catalog/a b/ä", "x=%20", x_a="1"))
    for key in ("user", "auth"):
        del scope[key]
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/catalog/a b/ä",
        "raw_path": b"/catalog/a%20b/%C3%A4",
        "query_string": b"x=%20",
        "root_path": "/catalog",
        "headers": [(b"host", b"localhost"), (b"x-a", b"1")],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.2", 9080),
        "state": {"pool": 1, "identity": ALICE},
        "extensions": {},
    }


@pytest.mark.parametrize(
    ("authority", "scheme", "server"),
    [
        ("front.test:8443", "https", ("front.test", 8443)),
        ("front.test", "https", ("front.test", 443)),
        ("[2001:db8::1]", "http", ("[2001:db8::1]", 80)),
        ("[2001:db8::1]:81", "http", ("[2001:db8::1]", 81)),
        ("", "http", ("127.0.0.2", 9080)),
    ],
)
async def test_without_host_the_server_is_what_was_called(authority: str, scheme: str, server: tuple[str, int]) -> None:
    """HTTP/2 has no Host, and applications make their addresses of this instead."""
    request = asking("/catalog")._replace(headers=Headers([]), authority=authority, scheme=scheme, version="2.0")
    assert (await scope_of(request))["server"] == server


@pytest.mark.parametrize("path", ["/WEB-INF/web.xml", "/META-INF/x", "/web-inf", "/Web-Inf/"])
async def test_what_an_archive_keeps_to_itself_is_not_there(path: str) -> None:
    """In any case of letters, and the application does not hear of it."""
    call = calling(asking(f"/catalog{path}"))._replace(subpath=path)
    with pytest.raises(Refused) as refused:
        await Application(cast(ASGIApp, None), "catalog", "/catalog", {}).invoke(call)
    assert refused.value.status == 404
    assert refused.value.body


async def test_names_that_begin_alike_are_the_application_s() -> None:
    """And those that stand deeper."""
    for path in ("/web-information", "/x/WEB-INF/y"):
        call = calling(asking(f"/catalog{path}"))._replace(subpath=path)
        assert (await Application(cast(ASGIApp, _empty), "catalog", "/catalog", {}).invoke(call)).status == 204


async def _empty(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


async def test_the_caller_is_where_starlette_looks() -> None:
    """With the fields of our Identity beside."""
    scope = await scope_of(asking("/catalog"))
    user = scope["user"]
    assert (user.is_authenticated, user.display_name, user.identity) == (True, "alice", "user:realm/alice-id")
    assert (user.realm, user.unique_id, user.mechanism, user.mapped_user) == ("realm", "alice-id", "BEARER", "ALICE")
    assert user.groups == {"callers", "admins"}
    assert user.claims == {"iss": "me"}
    assert scope["auth"].scopes == ["authenticated", "admins", "callers"]
    with pytest.raises(AttributeError):
        _ = user.password


async def test_nobody_is_a_user_without_a_name() -> None:
    """Where requireAuth is false."""
    scope = await scope_of(asking("/catalog"), None)
    user = scope["user"]
    assert (user.is_authenticated, user.display_name, user.identity, user.groups, scope["auth"].scopes) == (False, "", "", frozenset(), [])
    assert scope["state"]["identity"] is None


def certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


async def test_tls_is_told_by_the_extension() -> None:
    """With the client's certificate as PEM."""
    peer = Peer("127.0.0.1", 1, "127.0.0.1", 9443, True, (certificate(),), "TLSv1.3", "TLS_AES_128_GCM_SHA256")
    tls = (await scope_of(asking("/catalog", secure=True)._replace(peer=peer)))["extensions"]["tls"]
    assert tls["tls_version"] == 0x0304
    assert tls["client_cert_chain"][0].startswith("-----BEGIN CERTIFICATE-----")


async def test_a_starlette_application_works_as_it_is() -> None:
    """Routes below the root path, url_for, requires, request.state."""

    @requires("callers")
    async def item(request: StarletteRequest) -> JSONResponse:
        body = await request.body()
        caller = request.state.identity
        return JSONResponse([request.user.display_name, caller.realm, str(request.url_for("item", id="9")), body.decode()])

    app = Starlette(routes=[Mount("/v1", routes=[Route("/items/{id}", item, name="item")])])
    service = Application(app, "catalog", "/catalog", {})
    response = await service.invoke(calling(asking("/catalog/v1/items/4")))
    assert (response.status, await body_of(response)) == (200, b'["alice","realm","http://localhost/catalog/v1/items/9",""]')
    assert (await service.invoke(calling(asking("/catalog/v1/items/4"), None))).status == 403
    assert (await service.invoke(calling(asking("/catalog/nowhere")))).status == 404


async def test_work_after_the_answer_is_waited_for_at_the_end() -> None:
    """Background work of an application belongs to it until it is closed."""
    done = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x"})
        await asyncio.sleep(0.01)
        done.set()

    service = Application(cast(ASGIApp, app), "catalog", "", {})
    assert await body_of(await service.invoke(calling(asking("/")))) == b"x"
    assert not done.is_set()
    await service.close()
    assert done.is_set()


async def test_an_application_cannot_end_the_server() -> None:
    """sys.exit in a request is a failure of the request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise SystemExit(1)

    with pytest.raises(RuntimeError, match="end the server"):
        await Application(cast(ASGIApp, app), "catalog", "", {}).invoke(calling(asking("/")))


async def test_an_application_cannot_pass_off_a_failure_as_the_end() -> None:
    """What is cut short by StopAsyncIteration (anext without a default) is no whole answer."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": ()})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(0)
        raise StopAsyncIteration

    with pytest.raises(RuntimeError, match="StopAsyncIteration"):
        await body_of(await Application(cast(ASGIApp, app), "catalog", "", {}).invoke(calling(asking("/"))))
