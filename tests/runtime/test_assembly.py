"""A configuration becomes a runtime whose parts are opened once and closed in reverse order."""

import pytest

from tests.runtime.conftest import Assemble, Echo, asking
from zconnect.errors import ConfigurationError
from zconnect.roles import Assembly
from zconnect.runtime.manager import Manager
from zconnect.server.endpoint import DEFAULT_ENDPOINT, HttpEndpoint


async def test_two_owners_of_one_path_stop_the_start(assemble: Assemble) -> None:
    """It would be a matter of chance who guards the path."""
    with pytest.raises(ConfigurationError) as refused:
        await assemble(Echo(id="a"), Echo(id="b"))
    assert "a and b both answer for the path /echo/*" in str(refused.value)


async def test_a_shared_thing_is_made_once(assemble: Assemble) -> None:
    """Whoever asks for it gets the same one."""
    runtime = await assemble()

    async def opener(assembly: Assembly) -> object:
        return object()

    assert await runtime.assembly.shared(opener) is await runtime.assembly.shared(opener)


async def test_a_managed_resource_asks_for_a_login_by_default(assemble: Assemble) -> None:
    """Nothing is open by omission."""
    runtime = await assemble(Echo(id="a", managed=True), Manager(require_secure=False))
    assert (await runtime.handle(asking("/echo/x"))).status in {401, 403}


async def test_a_managed_resource_is_sent_to_https_by_default(assemble: Assemble) -> None:
    """requireSecure is true where nothing is said."""
    runtime = await assemble(Echo(id="a", managed=True), HttpEndpoint(id=DEFAULT_ENDPOINT))
    assert (await runtime.handle(asking("/echo/x"))).status == 302


async def test_require_auth_false_lets_anybody_in(assemble: Assemble) -> None:
    """The manager's word counts where the resource says nothing."""
    runtime = await assemble(Echo(id="a", managed=True), Manager(require_secure=False, require_auth=False))
    assert (await runtime.handle(asking("/echo/x"))) == (200, (), b"/x")
