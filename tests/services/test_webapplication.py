"""Applications behind the guard, loaded from files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.conftest import Assemble, asking, body_of
from zconnect.errors import ConfigurationError
from zconnect.interceptors.authorization import AuthorizationInterceptor
from zconnect.roles import BoundUser, Interceptors, SecurityRole, SpecialSubject
from zconnect.runtime.manager import Manager
from zconnect.services.apis import ZosConnectApi, ZosConnectApis
from zconnect.services.webapplication import ApplicationBnd, WebApplication, WebExt

Write = Callable[[str, str], Path]
Told = Callable[[str], int]

HELLO = """
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": f"{scope['root_path']} {scope['path']}".encode()})
"""
WEB_XML = """<web-app><security-constraint><web-resource-collection><url-pattern>/staff</url-pattern></web-resource-collection>
    <auth-constraint><role-name>staff</role-name></auth-constraint></security-constraint></web-app>"""
STAFF = ApplicationBnd(security_roles=(SecurityRole(name="staff", users=(BoundUser(name="alice"),)),))


@pytest.mark.parametrize(
    ("element", "root"),
    [
        (WebApplication(id="a", location="catalog"), "/catalog"),
        (WebApplication(id="a", location="catalog.war"), "/catalog"),
        (WebApplication(id="a", location="catalog:app", name="n"), "/n"),
        (WebApplication(id="a", location="catalog:app", context_root="v1/x/"), "/v1/x"),
        (WebApplication(id="a", location="catalog:app", context_root="/"), ""),
        (WebApplication(id="a", location="catalog:app", web_exts=(WebExt(context_root="ext"),)), "/ext"),
    ],
    ids=["module", "war", "name", "context-root", "root", "web-ext"],
)
async def test_an_application_answers_below_its_context_root(
    assemble: Assemble, write: Write, told: Told, element: WebApplication, root: str
) -> None:
    """The path stays whole, root_path says how much of it is the root."""
    write("catalog.py", HELLO)
    runtime = await assemble(element)
    for path in (f"{root}/items", root or "/"):
        response = await runtime.handle(asking(path))
        assert (response.status, await body_of(response)) == (200, f"{root} {path}".encode())
    assert told("CWWKZ0001I") == 1


async def test_without_a_descriptor_the_manager_guards(assemble: Assemble, write: Write, told: Told) -> None:
    """Nothing is open by omission: a login is asked for, and bindings without web.xml are told of."""
    write("catalog.py", HELLO)
    runtime = await assemble(Manager(require_secure=False), WebApplication(id="a", location="catalog", application_bnds=(STAFF,)))
    assert (await runtime.handle(asking("/catalog/items"))).status in (401, 403)
    assert told("ZCON0603W") == 1


@pytest.mark.parametrize("place_of_it", ["catalog.web.xml", "catalog/WEB-INF/web.xml"])
async def test_with_a_descriptor_its_constraints_guard(assemble: Assemble, write: Write, place_of_it: str) -> None:
    """What it does not speak of is open; the manager has no say."""
    write("catalog.py", HELLO)
    write(place_of_it, WEB_XML)
    runtime = await assemble(Manager(), WebApplication(id="a", location="catalog", application_bnds=(STAFF,)))
    assert (await runtime.handle(asking("/catalog/open"))).status == 200
    assert (await runtime.handle(asking("/catalog/STAFF"))).status == 401


async def test_everyone_needs_no_login(assemble: Assemble, write: Write) -> None:
    """special-subject."""
    write("catalog.py", HELLO)
    write("catalog.web.xml", WEB_XML)
    everyone = ApplicationBnd(security_roles=(SecurityRole(name="staff", special_subjects=(SpecialSubject(type="EVERYONE"),)),))
    runtime = await assemble(WebApplication(id="a", location="catalog", application_bnds=(everyone,)))
    assert (await runtime.handle(asking("/catalog/staff"))).status == 200


async def test_two_descriptors_stop_the_start(assemble: Assemble, write: Write) -> None:
    """The server does not choose."""
    write("catalog.py", HELLO)
    write("catalog.web.xml", WEB_XML)
    write("catalog/WEB-INF/web.xml", WEB_XML)
    with pytest.raises(ConfigurationError, match="ZCON0602E"):
        await assemble(WebApplication(id="a", location="catalog"))


@pytest.mark.parametrize(
    ("source", "number", "word"),
    [
        ("import nowhere", "CWWKZ0002E", "nowhere"),
        ("x = 1\n1 / 0", "CWWKZ0002E", "catalog.py:2"),
        ("(", "CWWKZ0002E", "catalog.py:1"),
        ("app = 5", "CWWKZ0002E", "not an ASGI application"),
        ("other = 5", "CWWKZ0002E", "app"),
        ("raise SystemExit(1)", "CWWKZ0002E", "SystemExit"),
        (None, "CWWKZ0014W", "catalog"),
        (
            "async def app(scope, receive, send):\n    await send({'type': 'lifespan.startup.failed', 'message': 'no database'})",
            "CWWKZ0002E",
            "no database",
        ),
    ],
    ids=["import", "exception", "syntax", "no-callable", "no-object", "exit", "missing", "lifespan"],
)
async def test_an_application_that_does_not_start_answers_503(
    assemble: Assemble, write: Write, told: Told, caplog: pytest.LogCaptureFixture, source: str | None, number: str, word: str
) -> None:
    """The server starts all the same, other applications work, and the log says why."""
    if source is not None:
        write("catalog.py", source)
    write("other.py", HELLO)
    runtime = await assemble(WebApplication(id="a", location="catalog"), WebApplication(id="b", location="other"))
    response = await runtime.handle(asking("/catalog/items"))
    assert (response.status, await body_of(response)) == (503, b'{"errorMessage": "ZCON0601E: Service Unavailable"}')
    assert (await runtime.handle(asking("/other"))).status == 200
    assert told(number) == 1
    assert word in "".join(record.getMessage() for record in caplog.records if number in record.getMessage())


async def test_an_application_that_is_not_to_start_has_no_paths(assemble: Assemble, write: Write) -> None:
    """autoStart."""
    write("catalog.py", HELLO)
    runtime = await assemble(WebApplication(id="a", location="catalog", auto_start=False))
    assert (await runtime.handle(asking("/catalog"))).status == 404


async def test_a_new_runtime_has_new_code(assemble: Assemble, write: Write) -> None:
    """While the old one goes on with the old."""
    write("catalog.py", HELLO)
    old = await assemble(WebApplication(id="a", location="catalog"))
    write("catalog.py", HELLO.replace('"status": 200', '"status": 202'))
    new = await assemble(WebApplication(id="a", location="catalog"))
    assert [(await each.handle(asking("/catalog"))).status for each in (old, new)] == [200, 202]


async def test_the_files_of_an_application_are_watched_and_its_data_is_not(assemble: Assemble, write: Write) -> None:
    """Modules, and the places where a descriptor could appear."""
    write("helpers.py", "")
    write("catalog.py", "import helpers\n" + "".join(f"{line[4:]}\n" for line in HELLO.splitlines()))
    runtime = await assemble(WebApplication(id="a", location="catalog"))
    watched = {path.name for path in runtime.assembly.watched}  # type: ignore[attr-defined]
    assert watched == {"helpers.py", "catalog.py", "catalog.web.xml", "web.xml"}


async def test_lifespan_state_reaches_the_requests(assemble: Assemble, write: Write) -> None:
    """A Starlette application as users write them."""
    write(
        "catalog.py",
        """
        from contextlib import asynccontextmanager
        from starlette.applications import Starlette
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        @asynccontextmanager
        async def lifespan(app):
            yield {"pool": "there"}

        async def show(request):
            return JSONResponse([request.state.pool, request.state.identity, request.user.display_name])

        app = Starlette(routes=[Route("/show", show)], lifespan=lifespan)
        """,
    )
    runtime = await assemble(WebApplication(id="a", location="catalog"))
    assert json.loads(await body_of(await runtime.handle(asking("/catalog/show")))) == ["there", None, ""]


async def test_an_api_may_have_rules_of_its_own(assemble: Assemble, write: Write, told: Told) -> None:
    """zosConnectAPI of the same name: interceptors, groups, requireAuth."""
    write("catalog.py", HELLO)
    lists = Interceptors(id="l", interceptors=(AuthorizationInterceptor(id="i"),))
    apis = ZosConnectApis(apis=(ZosConnectApi(name="catalog", interceptors=lists), ZosConnectApi(name="catalogue")))
    runtime = await assemble(apis, WebApplication(id="a", location="catalog"), WebApplication(id="b", location="catalog", name="b"))
    assert (await runtime.handle(asking("/catalog/items"))).status == 403
    assert (await runtime.handle(asking("/b/items"))).status == 200
    assert told("ZCON0661W") == 1
