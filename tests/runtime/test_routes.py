"""Which operation a path means."""

import pytest

from tests.runtime.conftest import Assemble, Echo, asking
from zconnect.runtime.manager import Manager

ROUTES = (
    ("/a", "a"),
    ("/a/b", "a"),
    ("/a/exact", "exact"),
    ("/a/exact/more", "a"),
    ("/ab", ""),
    ("/a/deep/x", "deep"),
    ("/a/deeper", "a"),
    ("/start", "start"),
    ("/starting", "start"),
    ("/", ""),
)


@pytest.mark.parametrize(("path", "name"), ROUTES)
async def test_exact_before_the_longest_beginning(assemble: Assemble, path: str, name: str) -> None:
    """An exact path wins, then the longest beginning; a folder's pattern also stands for the folder itself."""
    runtime = await assemble(
        Echo(id="a", path="/a/*"), Echo(id="exact", path="/a/exact"), Echo(id="deep", path="/a/deep/*"), Echo(id="start", path="/start*")
    )
    assert runtime.routes.match(asking(path)).resource.name == name


async def test_without_zos_connect_an_unknown_path_is_not_found(assemble: Assemble) -> None:
    """As Liberty answers where no application has the context root."""
    runtime = await assemble()
    assert (await runtime.handle(asking("/nowhere"))).status == 404


async def test_with_zos_connect_an_unknown_path_is_guarded(assemble: Assemble) -> None:
    """Who may not come in is not told what exists."""
    runtime = await assemble(Manager(require_secure=False), features=("zosconnect:zosConnect-2.0",))
    assert (await runtime.handle(asking("/nowhere"))).status in {401, 403}
