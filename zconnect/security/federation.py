"""<federatedRepository>: several registries that are one to the rest of the server."""

import time
from collections.abc import Awaitable, Callable, Sequence
from logging import getLogger
from typing import ClassVar, TypeVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, children, element
from zconnect.errors import Refused
from zconnect.messages import Sparing, error
from zconnect.roles import Assembly, RegistryPart, UserRegistry
from zconnect.security.ldap import LdapRegistry
from zconnect.security.ldapplan import plain
from zconnect.security.nobody import Nobody
from zconnect.security.oidc import OpenidConnectClient

logger = getLogger(__name__)
T = TypeVar("T")

SEVERAL = error(
    "CWIML4538E",
    "The user registry operation could not be completed. Several registries of the realm {realm} know the name {name}, so it is nobody's.",
    "Give users and groups names that no other registry has, or leave a registry out of participatingBaseEntry.",
)
NOT_FOUND = error(
    "CWIML4537E",
    "The login operation could not be completed. No registry of the realm {realm} has the user {name} with this password.",
    "Give a user and a password that a registry has. Names with | or $ in a basicRegistry log in only where nothing federates it.",
)
NO_MEMBER = error(
    "ZCON0494E",
    "No participatingBaseEntry of federatedRepository names a registry, so nobody can log in with a password or a certificate.",
    "Name the baseDN of an ldapRegistry, or o=REALM for the realm of another registry.",
)
_UNUSED = "names are those of the registries"
_PAGES = "nothing is searched in pages for callers"
# Liberty's federation looks for users of a basicRegistry by an expression in which these mean something else (recorded case 10c).
_EXPRESSION = frozenset("|$")
_FEDERATING = frozenset({"federatedregistry", "ldapregistry", "openidconnectclient"})
_WRITTEN = frozenset({"basicRegistry", "quickStartSecurity"})


@element
class ParticipatingBaseEntry(Element):
    """A registry that takes part."""

    tag: ClassVar[str] = "participatingBaseEntry"
    name: str = attr(guard=True, doc="The baseDN of an ldapRegistry, or o=REALM for the realm of another registry")


@element
class PrimaryRealm(Element):
    """The realm that all registries are to the rest of the server."""

    tag: ClassVar[str] = "primaryRealm"
    name: str = attr(guard=True, doc="The name of the realm in access ids and challenges")
    allow_op_if_repo_down: bool = attr(
        default=False, guard=True, doc="Whether the users of one registry may log in while another one does not answer"
    )
    delimiter: str = attr(default="/", doc="What divides a name from its realm", unused="callers do not name realms")
    participating_base_entries: tuple[ParticipatingBaseEntry, ...] = children(guard=True, doc="The registries that take part; else all do")


@element
class FederatedRepository(Element):
    """Several registries as one; with an ldapRegistry they are federated without it, under the realm of the first.

    <federatedRepository>
        <primaryRealm name="bank" allowOpIfRepoDown="true">
            <participatingBaseEntry name="dc=bank,dc=example"/>
            <participatingBaseEntry name="o=local"/>
        </primaryRealm>
    </federatedRepository>
    """

    tag: ClassVar[str] = "federatedRepository"
    singleton: ClassVar[bool] = True
    max_search_results: int = attr(default=4500, doc="How many results a search has", unused=_PAGES)
    search_timeout: str = attr(default="10m", doc="How long a search may take", unused="searchTimeout of each ldapRegistry says it")
    page_cache_size: int = attr(default=1000, doc="How many pages are kept", unused=_PAGES)
    page_cache_timeout: str = attr(default="30s", doc="How long pages are kept", unused=_PAGES)
    failed_login_delay_min: str = attr(
        default="0s", doc="How long a failed login is held back", unused="unknown users cost what known ones cost"
    )
    failed_login_delay_max: str = attr(
        default="5s", doc="How long a failed login is held back", unused="unknown users cost what known ones cost"
    )
    primary_realms: tuple[PrimaryRealm, ...] = children(guard=True, doc="The realm of all registries")


class Federation:
    """Several registries as one (the socket `UserRegistry`); a name that two of them know is nobody's.

    Where one does not answer, nobody is looked for in the others either, unless `although_down`: else whoever brings a directory down
    could pass for its users.
    """

    def __init__(self, realm: str, members: Sequence[UserRegistry], although_down: bool) -> None:
        self.realm = realm
        self.elsewhere = any(each.elsewhere for each in members)
        self._members = members
        self._although_down = although_down
        self._sparing = Sparing()

    async def check_password(self, user: str, password: str) -> str | None:
        """The user's name if the one registry that knows him accepts the password; for an unknown one all are asked."""
        known = await self._answers(lambda each: each.user(user)) if len(self._members) > 1 else []
        asked = [known[0][0]] if len(known) == 1 else self._members
        right = await self._answers(lambda each: each.check_password(user, password), asked)
        if len(known) > 1:
            self._several(user)
        elif len(right) == 1 and (right[0][0].elsewhere or not _EXPRESSION.intersection(user)):
            return await self._alone(*right[0])
        self._sparing.log(NOT_FOUND(realm=self.realm, name=user), logger, time.time())
        return None

    async def user(self, name: str) -> str | None:
        """The user of that name in the one registry that has him, or None."""
        found = await self._one(name, lambda each: each.user(name))
        return await self._alone(*found) if found else None

    async def unique_id(self, user: str) -> str:
        """As his registry has it."""
        found = await self._one(user, lambda each: each.user(user))
        return await found[0].unique_id(user) if found else user

    async def group(self, name: str) -> str | None:
        """The group of that name in the one registry that has it, or None."""
        found = await self._one(name, lambda each: each.group(name))
        return found[1] if found else None

    async def groups_of(self, user: str) -> frozenset[str]:
        """The groups of his registry that a user belongs to, without those whose names another registry has, too."""
        found = await self._one(user, lambda each: each.user(user))
        if found is None:
            return frozenset()
        names = await found[0].groups_of(user)
        return frozenset([name for name in names if await self.group(name) == name])

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """The user whom one registry finds for a verified client certificate, or None."""
        found = await self._one("of a certificate", lambda each: each.user_of_certificate(certificate))
        return await self._alone(*found) if found else None

    async def _alone(self, registry: UserRegistry, name: str) -> str | None:
        """A name that a registry gave, if no other one knows it."""
        if len(self._members) == 1:
            return name
        found = await self._one(name, lambda each: each.user(name))
        return name if found and found[0] is registry else None

    async def _one(self, name: str, ask: Callable[[UserRegistry], Awaitable[T | None]]) -> tuple[UserRegistry, T] | None:
        found = await self._answers(ask)
        if len(found) > 1:
            self._several(name)
        return found[0] if len(found) == 1 else None

    async def _answers(
        self, ask: Callable[[UserRegistry], Awaitable[T | None]], asked: Sequence[UserRegistry] = ()
    ) -> list[tuple[UserRegistry, T]]:
        """What the registries know, each with the registry."""
        found: list[tuple[UserRegistry, T]] = []
        for each in asked or self._members:
            try:
                answer = await ask(each)
            except Refused:
                if not self._although_down:
                    raise
                continue
            if answer is not None:
                found.append((each, answer))
        return found

    def _several(self, name: str) -> None:
        self._sparing.log(SEVERAL(realm=self.realm, name=name), logger, time.time())


def is_federated(configuration: Configuration, parts: Sequence[RegistryPart]) -> bool:
    """Whether registries are one: Liberty's federation comes with the features for directories and for OpenID Connect.

    A registry alone that is elsewhere is itself, unless it gets another realm; that of SAF always, because its users are users of SAF.
    """
    if configuration.one(FederatedRepository).primary_realms:
        return len(parts) > 1 or parts[0].tag != "safRegistry"
    features = {feature.partition("-")[0] for feature in configuration.features}
    wanted = features & _FEDERATING or any(map(configuration.all, (LdapRegistry, OpenidConnectClient)))
    return bool(wanted) and (len(parts) > 1 or parts[0].tag in _WRITTEN)


async def open_federation(assembly: Assembly, parts: Sequence[RegistryPart]) -> UserRegistry:
    """The registries that take part, under the primary realm or that of the first; one that does not take part is never asked."""
    realm = next(iter(assembly.configuration.one(FederatedRepository).primary_realms), None)
    entries = {plain(each.name) for each in realm.participating_base_entries} if realm else set()
    members = []
    for part in parts:
        member = await assembly.opened(part)
        base = part.base_dn if isinstance(part, LdapRegistry) else f"o={member.realm}"
        if not entries or plain(base) in entries:
            members.append(member)
    if not members:
        NO_MEMBER.log(logger)
        return Nobody(NO_MEMBER())
    return Federation(realm.name if realm else members[0].realm, members, bool(realm and realm.allow_op_if_repo_down))
