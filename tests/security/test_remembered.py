"""What is remembered of callers, and what is not any more once it was forgotten."""

import asyncio
import base64
import weakref
from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.roles import Assembly, Protection, SecurityRole, SpecialSubject, UserRegistry
from zconnect.runtime.memory import Memory
from zconnect.security.authcache import LoginCache, remembered
from zconnect.security.gate import open_gate
from zconnect.security.ltpa import Ltpa
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser, active_registry
from zconnect.security.remembered import Memories, Remembered, remembered_in
from zconnect.trust.ltpakeys import made
from zconnect.values import Identity

from .support import NOW, assembly, request
from .tokens import ISSUER, SECRET, token

REGISTRY = BasicRegistry(realm="Local", users=(RegistryUser(name="alice", password=Password("a")),))
GUARDED = Protection(
    secure=False, roles=("R",), bindings=(SecurityRole(name="R", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),)),)
)
CLIENT: dict[str, Any] = {
    "id": "c1",
    "shared_key": Password(SECRET),
    "issuer_identifier": ISSUER,
    "inbound_propagation": "supported",
    "access_token_in_ltpa_cookie": True,
}
BASIC = ("Authorization", "Basic " + base64.b64encode(b"alice:a").decode())
BEARER = ("Authorization", f"Bearer {token(sub='elsewhere')}")


async def admitted(opened: Assembly, *headers: tuple[str, str]) -> tuple[str | int, tuple[str, str]]:
    """Who gets in or the status, and the cookie to come back with."""
    gate = await open_gate(GUARDED, opened)
    try:
        identity, fields = await gate.admit(request(headers=headers))
    except Refused as refusal:
        return refusal.status, ("Cookie", "")
    cookies = [value.decode().partition(";")[0] for name, value in fields if name == b"set-cookie"]
    return identity.user if identity else "", ("Cookie", cookies[0] if cookies else "")


def sign(opened: Assembly) -> None:
    file = Ltpa().file(opened.place)
    file.parent.mkdir(parents=True)
    file.write_bytes(made("WebAS"))


async def test_a_cookie_that_only_the_memory_vouches_for() -> None:
    """A caller of another realm is known by it until logins are forgotten; the next cookie is as good as the first was."""
    async with assembly(REGISTRY, OpenidConnectClient(**CLIENT)) as opened:
        sign(opened)
        for _ in range(2):
            user, cookie = await admitted(opened, BEARER)
            assert user == "elsewhere"
            assert (await admitted(opened, cookie))[0] == "elsewhere"
            remembered_in(opened).forget(Memories.LOGINS)
            assert (await admitted(opened, cookie))[0] == 401


async def test_a_login_by_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry is asked again."""
    async with assembly(REGISTRY) as opened:
        sign(opened)
        registry: UserRegistry = await active_registry(opened)
        asked: list[str] = []
        check = registry.check_password

        async def counted(user: str, password: str) -> str | None:
            asked.append(user)
            return await check(user, password)

        monkeypatch.setattr(registry, "check_password", counted)
        for memories, count in ((None, 1), (Memories.TOKENS, 1), (Memories.LOGINS, 2)):
            if memories:
                remembered_in(opened).forget(memories)
            assert (await admitted(opened, BASIC))[0] == "alice"
            assert len(asked) == count


async def test_a_login_that_is_under_way_is_not_remembered() -> None:
    """What it found may be what was to be forgotten."""
    cache = LoginCache(10, 60)
    entered, gate = asyncio.Event(), asyncio.Event()
    identity = Identity("alice", "Local", "alice", frozenset(), "BASIC")

    async def slow() -> Identity:
        entered.set()
        await gate.wait()
        return identity

    async def nobody() -> None:
        return None

    under_way = asyncio.ensure_future(remembered(cache, b"x", NOW, slow))
    await entered.wait()
    cache.clear()
    gate.set()
    assert await under_way == identity
    assert await remembered(cache, b"x", NOW, nobody) is None


def test_the_caches_of_a_runtime_leave_with_it() -> None:
    """Nothing here keeps them alive; those of all others are cleared."""
    memory = Memory()
    found = remembered_in(memory)
    here, gone = LoginCache(1, 60), LoginCache(1, 60)
    for cache in (here, gone):
        found.add(cache, *Memories)
        cache.put(cache.digest(b"x"), Identity("alice", "Local", "alice", frozenset(), "BASIC"), NOW)
    reference = weakref.ref(gone)
    del gone, cache
    assert reference() is None
    found.forget(Memories.TOKENS)
    assert here.get(here.digest(b"x"), NOW) is None
    assert isinstance(found, Remembered)
    assert remembered_in(memory) is found
