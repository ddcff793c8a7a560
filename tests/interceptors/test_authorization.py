"""Who passes the authorization interceptor."""

from collections.abc import Awaitable, Callable

import pytest

from tests.interceptors.conftest import OK, asking
from zconnect.interceptors.authorization import AuthorizationInterceptor
from zconnect.interceptors.chain import Chain
from zconnect.values import Access, Call, Groups, Identity, Kind, Resource

GROUPS = Groups(*(frozenset({name}) for name in ("admins", "operators", "callers", "readers")))
Open = Callable[..., Awaitable[Chain]]

# The table of z/OS Connect: level, and who passes.
TABLE = {
    Access.ADMIN: {"admins"},
    Access.OPERATIONS: {"admins", "operators"},
    Access.INVOKE: {"admins", "callers"},
    Access.READER: {"admins", "operators", "readers"},
}


async def status(chain: Chain, access: Access, groups: Groups, *member: str) -> int:
    identity = Identity("alice", "realm", "alice", frozenset(member))
    return (await chain.around(Call(asking(), identity, Resource(Kind.API, "catalog", "", access, groups), ""), OK)).status


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize("group", ["admins", "operators", "callers", "readers", "others"])
async def test_a_level_is_held_by_its_groups(opened: Open, access: Access, group: str) -> None:
    """Administrators hold every level, operators do not call."""
    chain = await opened((AuthorizationInterceptor(id="a"),))
    assert await status(chain, access, GROUPS, group) == (200 if group in TABLE[access] else 403)


@pytest.mark.parametrize("access", Access)
async def test_a_level_without_groups_is_held_by_nobody(opened: Open, access: Access) -> None:
    """Nothing is permitted by absence."""
    assert await status(await opened((AuthorizationInterceptor(id="a"),)), access, Groups(), "admins") == 403


async def test_who_has_not_logged_in_holds_no_level(opened: Open, told: Callable[[str], int]) -> None:
    """The answer carries the number of the message; the log has both messages."""
    chain = await opened((AuthorizationInterceptor(id="a"),))
    response = await chain.around(Call(asking(), None, Resource(Kind.API, "catalog", groups=GROUPS), ""), OK)
    assert (response.status, response.body) == (403, b'{"errorMessage": "BAQR0409W: Forbidden"}')
    assert (told("BAQR0409W: The user UNAUTHENTICATED"), told("BAQR0406W")) == (1, 1)


async def test_groups_are_compared_as_they_are_spelt(opened: Open) -> None:
    """Callers is not callers."""
    assert await status(await opened((AuthorizationInterceptor(id="a"),)), Access.INVOKE, GROUPS, "Callers", "callers ") == 403
