"""An operation knows the path below its resource."""

import pytest

from tests.runtime.conftest import Assemble, Echo, asking

PATHS = (("/echo", b""), ("/echo/", b"/"), ("/echo/a/b", b"/a/b"))


@pytest.mark.parametrize(("path", "below"), PATHS)
async def test_the_service_sees_the_path_below_the_resource(assemble: Assemble, path: str, below: bytes) -> None:
    """The context root is not part of it."""
    runtime = await assemble(Echo(id="a"))
    assert (await runtime.handle(asking(path))).body == below
