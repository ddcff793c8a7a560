"""Configuration → Runtime: opens every part once, links them into operations, and closes them in reverse order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from zconnect.config.configuration import Configuration
from zconnect.errors import ConfigurationError, Problem
from zconnect.interceptors.chain import open_chain
from zconnect.roles import Assembly, Login, Managed, Offer, Part, Protection, ResourcePart, Store
from zconnect.runtime.deadline import Deadlines, open_deadlines
from zconnect.runtime.handle import Runtime
from zconnect.runtime.manager import Manager
from zconnect.runtime.memory import Memory
from zconnect.runtime.operation import Operation
from zconnect.runtime.routes import SAME_PATH, Routes
from zconnect.runtime.unmatched import unmatched_offer
from zconnect.security.authorization import bindings_of
from zconnect.security.callback import callback_offers
from zconnect.security.gate import open_gate
from zconnect.security.signon import open_sign_on
from zconnect.values import Groups, Kind, Place, Resource

T = TypeVar("T")

ACCESS_ROLE = "zosConnectAccess"
ACCESS_BINDINGS = "zos.connect.access.roles"


class Opening:
    """What the parts of one runtime share while they are opened (the socket `Assembly`)."""

    def __init__(self, configuration: Configuration, place: Place, memory: Memory, held: AsyncExitStack) -> None:
        self.configuration = configuration
        self.place = place
        self.kept = memory.kept
        self.store: Store = memory.store
        self._held = held
        self._made: dict[object, asyncio.Future[Any]] = {}
        self.watched: set[Path] = set()

    async def opened(self, part: Part[T]) -> T:
        return await self._once(id(part), lambda: part.open(self))

    async def shared(self, opener: Callable[[Assembly], Awaitable[T]]) -> T:
        return await self._once(opener, lambda: opener(self))

    async def _once(self, key: object, make: Callable[[], Awaitable[T]]) -> T:
        if key not in self._made:
            self._made[key] = asyncio.ensure_future(make())
        return await self._made[key]  # type: ignore[no-any-return]  # the key fixes the type

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        self._held.push_async_callback(close)

    def watch(self, path: Path) -> None:
        self.watched.add(path)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._held.push_async_callback(_cancelled, task)


async def _cancelled(task: "asyncio.Future[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def assembled(configuration: Configuration, place: Place, memory: Memory) -> AsyncIterator[Runtime]:
    """The runtime of a configuration, while it is open; raises `Unavailable` or `ConfigurationError`, having undone what it did."""
    async with AsyncExitStack() as held:
        assembly = Opening(configuration, place, memory, held)
        offers = [offer for part in configuration.all(ResourcePart) for offer in await assembly.opened(part)]
        offers += await callback_offers(assembly)
        _refuse_doubles(offers)
        deadlines = open_deadlines(assembly, configuration.one(Manager).async_request_timeout)
        operations = [await _operation(offer, assembly, deadlines) for offer in offers]
        unmatched = await _operation(unmatched_offer(configuration), assembly, deadlines)
        sign_on = await assembly.shared(open_sign_on)
        memory.settle()
        yield Runtime(configuration, assembly, Routes(operations, unmatched), sign_on, assembly.watched)


def _refuse_doubles(offers: list[Offer]) -> None:
    """Two owners of one path would make it a matter of chance who guards it."""
    owners: dict[str, Offer] = {}
    problems = []
    for offer in offers:
        first = owners.setdefault(offer.pattern, offer)
        if first is not offer:
            problems.append(Problem(SAME_PATH(first=first.name, second=offer.name, pattern=offer.pattern), stops=True))
    if problems:
        raise ConfigurationError(problems)


async def _operation(offer: Offer, assembly: Assembly, deadlines: Deadlines) -> Operation:
    manager = assembly.configuration.one(Manager)
    managed = isinstance(offer.protection, Managed)
    constraints = None if isinstance(offer.protection, Managed | Protection) else offer.protection
    protections = constraints.every() if constraints else (_protection(offer, manager, assembly.configuration),)
    gates = {protection: await open_gate(protection, assembly) for protection in protections}
    return Operation(
        offer=offer,
        resource=Resource(offer.kind, offer.name, groups=_effective(offer.groups, manager.groups)),
        service=deadlines.limited(offer.service) if managed and offer.kind is not Kind.UNKNOWN else offer.service,
        chain=await open_chain(
            manager.global_interceptors if managed and offer.run_global_interceptors else None,
            offer.interceptors if managed else None,
            assembly,
        ),
        gate=gates[protections[0]],
        gates=gates,
        constraints=constraints,
    )


def _protection(offer: Offer, manager: Manager, configuration: Configuration) -> Protection:
    if isinstance(offer.protection, Protection):
        return offer.protection
    assert isinstance(offer.protection, Managed)  # for the type checker: constraints were taken by the caller
    own = offer.protection
    authenticated = manager.require_auth if own.require_auth is None else own.require_auth
    return Protection(
        secure=manager.require_secure if own.require_secure is None else own.require_secure,
        roles=(ACCESS_ROLE,) if authenticated else None,
        bindings=bindings_of(configuration, ACCESS_BINDINGS),
        application=ACCESS_BINDINGS,
        login=Login("CLIENT-CERT"),
    )


def _effective(own: Groups, everywhere: Groups) -> Groups:
    """A resource's groups where it names some, else the global ones, level by level."""
    return Groups(
        admin=own.admin or everywhere.admin,
        operations=own.operations or everywhere.operations,
        invoke=own.invoke or everywhere.invoke,
        reader=own.reader or everywhere.reader,
    )
