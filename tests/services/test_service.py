"""Services at their paths and at the address that every service has."""

import json
from collections.abc import Callable
from typing import ClassVar

import pytest

from tests.services.conftest import Assemble, asking, body_of
from zconnect.config.schema import element
from zconnect.interceptors.authorization import AuthorizationInterceptor
from zconnect.roles import Assembly, Interceptors, ProviderPart, Service
from zconnect.runtime.manager import Manager
from zconnect.server.endpoint import DEFAULT_ENDPOINT, HttpEndpoint
from zconnect.services.service import ZosConnectService
from zconnect.values import Call, Response


@element
class Mirror(ProviderPart):
    """A provider that shows what it gets."""

    tag: ClassVar[str] = "usr_mirror"

    async def open(self, assembly: Assembly) -> Service:
        """Itself."""
        return self

    async def invoke(self, call: Call) -> Response:
        """Method, rest of the path, query, and what the resource is called."""
        request, resource = call.request, call.resource
        return Response(200, (), json.dumps([request.method, call.subpath, request.query, resource.kind.value, resource.name]).encode())


MIRROR = Mirror(id="m")


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/exact", "a=b", ["GET", "", "a=b", "SERVICE", "stock"]),
        ("GET", "/below/x", "", ["GET", "/x", "", "SERVICE", "stock"]),
        ("GET", "/below", "", ["GET", "", "", "SERVICE", "stock"]),
        ("GET", "/begins-so", "", ["GET", "", "", "SERVICE", "stock"]),
        ("POST", "/zosConnect/services/stock", "action=invoke", ["POST", "", "", "SERVICE", "stock"]),
        ("PUT", "/zosConnect/services/stock", "a=b&action=invoke&c", ["PUT", "", "a=b&c", "SERVICE", "stock"]),
        ("GET", "/zosConnect/services/stock", "action=invoke", 405),
        ("GET", "/zosConnect/services/stock", "", 404),
        ("GET", "/zosConnect/services/stock", "action=getStatistics", 404),
        ("POST", "/zosConnect/services/stock", "action=invoke2", 404),
        ("POST", "/zosConnect/services/stock/x", "action=invoke", 404),
        ("POST", "/zosConnect/services/other", "action=invoke", 404),
    ],
)
async def test_a_service_answers_at_its_paths(assemble: Assemble, method: str, path: str, query: str, expected: object) -> None:
    """invokeURI with and without a wildcard, and action=invoke."""
    element = ZosConnectService(id="s", service_name="stock", service=MIRROR, invoke_uri=("/exact", "/below/*", "/begins*"))
    runtime = await assemble(element)
    response = await runtime.handle(asking(path, query, method))
    found = json.loads(await body_of(response)) if response.status == 200 else response.status
    assert found == expected


async def test_a_service_without_a_provider_answers_503(assemble: Assemble, told: Callable[[str], int]) -> None:
    """And the log says what is missing."""
    runtime = await assemble(ZosConnectService(id="stock", invoke_uri=("/stock",)))
    assert (await runtime.handle(asking("/stock"))).status == 503
    assert told("ZCON0673E") == 1


async def test_a_service_may_say_what_the_manager_does_not(assemble: Assemble) -> None:
    """requireAuth, requireSecure and interceptors of its own."""
    lists = Interceptors(id="l", interceptors=(AuthorizationInterceptor(id="i"),))
    runtime = await assemble(
        Manager(),
        HttpEndpoint(id=DEFAULT_ENDPOINT),
        ZosConnectService(id="a", service=MIRROR, invoke_uri=("/open",), require_auth=False, require_secure=False),
        ZosConnectService(id="b", service=MIRROR, invoke_uri=("/plain",), require_secure=False),
        ZosConnectService(id="c", service=MIRROR, invoke_uri=("/secure",), require_auth=False),
        ZosConnectService(id="d", service=MIRROR, invoke_uri=("/own",), require_auth=False, require_secure=False, interceptors=lists),
    )
    statuses = [(await runtime.handle(asking(path))).status for path in ("/open", "/plain", "/secure", "/own")]
    assert statuses[0] == 200
    assert statuses[1] in (401, 403)
    assert statuses[2:] == [302, 403]


@pytest.mark.parametrize("everywhere", [True, False])
async def test_global_interceptors_may_be_left_out(assemble: Assemble, everywhere: bool) -> None:
    """runGlobalInterceptors."""
    lists = Interceptors(id="l", interceptors=(AuthorizationInterceptor(id="i"),))
    manager = Manager(require_auth=False, require_secure=False, global_interceptors=lists)
    runtime = await assemble(manager, ZosConnectService(id="a", service=MIRROR, invoke_uri=("/a",), run_global_interceptors=everywhere))
    assert (await runtime.handle(asking("/a"))).status == (403 if everywhere else 200)


@pytest.mark.parametrize("uri", ["stock", "/a*b", "*", "/*/x"])
def test_a_path_begins_with_a_slash_and_has_its_star_at_the_end(uri: str) -> None:
    """invokeURI."""
    check = ZosConnectService.__dataclass_fields__["invoke_uri"].metadata["zconnect"].check
    for good in ("/a", "/a*", "/a/*", "/*"):
        check(good)
    with pytest.raises(ValueError, match="is not a path"):
        check(uri)
