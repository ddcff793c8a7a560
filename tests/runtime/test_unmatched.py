"""What a path gets that nobody answers for."""

import pytest

from tests.runtime.conftest import Assemble, asking
from zconnect.runtime.manager import Manager
from zconnect.runtime.unmatched import HttpDispatcher

CLOSE = (b"connection", b"close")


@pytest.mark.parametrize("path", ["/", "/index.html"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_the_server_says_that_it_runs(assemble: Assemble, path: str, method: str) -> None:
    """For every method, as Liberty does, and for the last time on that connection."""
    runtime = await assemble()
    answer = await runtime.handle(asking(path, method))
    assert answer.status == 200
    assert ((b"cache-control", b"max-age=604800") in answer.headers) == (path == "/")
    assert CLOSE in answer.headers


@pytest.mark.parametrize("path", ["/", "/nowhere", "/favicon.ico"])
async def test_without_welcome_every_such_path_is_missing(assemble: Assemble, path: str) -> None:
    """enableWelcomePage="false"; a text of the administrator's own."""
    runtime = await assemble(HttpDispatcher(enable_welcome_page=False, app_or_context_root_missing_message="<p>Not here</p>"))
    answer = await runtime.handle(asking(path))
    assert (answer.status, answer.body) == (404, b"<p>Not here</p>")
    assert CLOSE in answer.headers


async def test_the_page_does_not_repeat_the_path(assemble: Assemble) -> None:
    """Nothing of the request comes back as HTML."""
    runtime = await assemble()
    answer = await runtime.handle(asking("/<script>"))
    assert isinstance(answer.body, bytes)
    assert b"script" not in answer.body


@pytest.mark.parametrize("path", ["/", "/nowhere"])
async def test_where_z_os_connect_guards_there_is_no_page(assemble: Assemble, path: str) -> None:
    """An unknown path asks for a login like the rest, and says so in JSON."""
    closed = await assemble(Manager(require_secure=False), features=("zosconnect:zosconnect-2.0",))
    assert (await closed.handle(asking(path))).status in {401, 403}
    opened = await assemble(Manager(require_secure=False, require_auth=False), features=("zosconnect:zosconnect-2.0",))
    assert (await opened.handle(asking(path))).body == b'{"errorMessage": "ZCON0702E: Not Found"}'


@pytest.mark.parametrize(
    ("entries", "bad"),
    [
        (("none",), []),
        (("10.1.*.*", "::1"), []),
        (("*",), ["*"]),
        (("10.1.1.1", "proxy.test"), ["proxy.test"]),
        (("0177.0.0.1",), ["0177.0.0.1"]),
    ],
)
def test_origins_that_name_nobody_are_told(entries: tuple[str, ...], bad: list[str]) -> None:
    """And nobody is believed for them; CWWKT0038W."""
    dispatcher = HttpDispatcher(trusted_header_origin=entries, trusted_sensitive_header_origin=entries)
    told = [problem.told for problem in dispatcher.mistakes()]
    assert [(each.message.number, each.parameters["entry"]) for each in told] == [("CWWKT0038W", entry) for entry in bad] * 2
    assert dispatcher.origins == dispatcher.sensitive_origins == tuple(entry for entry in entries if entry not in {"none", *bad})
