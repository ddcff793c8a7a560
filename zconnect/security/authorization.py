"""<authorization-roles> and the decision whether a caller holds a role."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from logging import getLogger
from typing import ClassVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, children, element
from zconnect.errors import Refused
from zconnect.messages import Told, error, info, warning
from zconnect.roles import BoundSubject, Protection, SecurityRole, UserRegistry
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NOT_GRANTED = error(
    "CWWKS9104A",
    "User {user} is not granted access to {application} for {uri}: none of the required roles {roles} is held.",
    "If the user should have access, bind the user or one of its groups to one of these roles.",
)
GROUPS_ARE_ROLES = info(
    "CWWKS2104I",
    "{application} has no role bindings; a role is held by the members of the group of its name.",
)
NO_ACCESS_ID = warning(
    "ZCON0403W",
    "The access-id {access_id} bound to the role {role} has no effect, because it is not of the form {kind}:REALM/NAME.",
    "Write it as {kind}:REALM/NAME.",
)
NOT_IN_REGISTRY = warning(
    "ZCON0404W",
    "The {kind} {name} bound to the role {role} is not in the user registry {realm}, so the binding has no effect.",
    "Add it to the registry, or bind a caller of another realm with access-id.",
)
NOT_ASKED = warning(
    "ZCON0485W",
    "Whether the {kind} {name}, which is bound to the role {role}, is in the user registry cannot be told now: {reason} "
    "The binding has no effect until it can.",
    "See the reason; the registry is asked again every minute.",
)

_PAGE = ((b"content-type", b"text/html;charset=ISO-8859-1"),)
ANY_ROLE = "**"


@element
class AuthorizationRoles(Element):
    """Role bindings of a part of the server, named by id.

    <authorization-roles id="zos.connect.access.roles">
        <security-role name="zosConnectAccess">
            <group name="buyers"/>
            <user name="batch" access-id="user:https://issuer.example/batch"/>
        </security-role>
    </authorization-roles>
    """

    tag: ClassVar[str] = "authorization-roles"
    roles: tuple[SecurityRole, ...] = children(guard=True, doc="The roles and who holds them")


def bindings_of(configuration: Configuration, name: str) -> tuple[SecurityRole, ...]:
    """The bindings that `authorization-roles` of this id makes; none is an empty tuple."""
    element = configuration.get(AuthorizationRoles, name)
    return element.roles if element else ()


def forbidden(reason: str, told: Told | None = None) -> Refused:
    """Liberty's 403 page: `Error 403: REASON`."""
    return Refused(403, told or reason, headers=_PAGE, body=f"Error 403: {reason}".encode())


@dataclass(frozen=True, slots=True)
class Roles:
    """Who passes one protection; realm and name are compared apart, each exactly.

    `users` and `groups` are names by realm; `any_realm` are groups of any realm (the rule for applications without
    bindings).
    """

    required: tuple[str, ...]
    application: str
    everyone: bool = False
    all_authenticated: bool = False
    users: frozenset[tuple[str, str]] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    any_realm: frozenset[str] = frozenset()

    def hold(self, identity: Identity) -> bool:
        """Whether a caller who has logged in may pass."""
        if self.all_authenticated or (identity.realm, identity.unique_id) in self.users:
            return True
        bound = self.groups.get(identity.realm)
        if bound is not None and not bound.isdisjoint(identity.groups):
            return True
        return bool(self.any_realm) and not self.any_realm.isdisjoint(identity.groups)

    def denied(self, identity: Identity, request: Request) -> Refused:
        """The answer (403) to a caller who may not pass."""
        told = NOT_GRANTED(user=identity.user, application=self.application, uri=request.path, roles=f"[{', '.join(self.required)}]")
        told.log(logger)
        return forbidden("AuthorizationFailed", told)


async def open_roles(protection: Protection, registry: UserRegistry, realms: Collection[str] = (), *, announce: bool = True) -> Roles:
    """Who passes a protection whose `roles` are not None; `announce` tells of bindings without effect.

    `realms` are those, beside the registry's, of which it is known where they end in an access id.

    Without it `Refused` is raised where the registry does not answer.
    """
    required = protection.roles or ()
    application = protection.application
    if not protection.bindings:
        names = frozenset(required) - {ANY_ROLE}
        if names:
            GROUPS_ARE_ROLES.log(logger, application=application or "The server")
        return Roles(required, application, all_authenticated=ANY_ROLE in required, any_realm=names)
    known = {registry.realm, *realms}
    bound = [role for role in protection.bindings if role.name in required]
    special = {subject.type for role in bound for subject in role.special_subjects}
    groups = [found for role in bound for found in await _access_ids("group", role.groups, role, registry, known, announce)]
    return Roles(
        required,
        application,
        everyone="EVERYONE" in special,
        all_authenticated=ANY_ROLE in required or "ALL_AUTHENTICATED_USERS" in special,
        users=frozenset([found for role in bound for found in await _access_ids("user", role.users, role, registry, known, announce)]),
        groups={realm: frozenset(name for other, name in groups if other == realm) for realm, _ in groups},
    )


async def _access_ids(
    kind: str, subjects: Iterable[BoundSubject], role: SecurityRole, registry: UserRegistry, realms: Collection[str], announce: bool
) -> list[tuple[str, str]]:
    """The bound subjects as pairs of realm and name; those that cannot be found bind nobody."""
    found = []
    for subject in subjects:
        access_id = subject.access_id.strip()
        pair = split_access_id(kind, access_id, realms) if access_id else None
        try:
            if not access_id:
                pair = await _registered(kind, subject.name, registry)
            elif pair and pair[0] == registry.realm and registry.elsewhere:
                pair = await _registered(kind, pair[1], registry) or pair
            told = NO_ACCESS_ID(access_id=access_id, role=role.name, kind=kind)
            if not access_id:
                told = NOT_IN_REGISTRY(kind=kind, name=subject.name, role=role.name, realm=registry.realm)
        except Refused as refusal:
            if not announce:
                raise
            told = NOT_ASKED(kind=kind, name=subject.name or access_id, role=role.name, reason=refusal.reason)
            pair = None
        if pair:
            found.append(pair)
        elif announce:
            told.log(logger)
    return found


async def _registered(kind: str, name: str, registry: UserRegistry) -> tuple[str, str] | None:
    """Realm and unique id of a user or group; groups are compared by their names."""
    if kind == "group":
        group = await registry.group(name)
        return (registry.realm, group) if group else None
    user = await registry.user(name)
    return (registry.realm, await registry.unique_id(user)) if user else None


def split_access_id(kind: str, access_id: str, realms: Iterable[str]) -> tuple[str, str] | None:
    """Realm and name of `KIND:REALM/NAME`, or None where it is something else.

    A realm may hold slashes (an issuer does), a name may, too: the longest of the known realms ends where it ends, any other one at the
    last slash.
    """
    known, _, rest = access_id.partition(":")
    if known != kind:
        return None
    realm = max((each for each in realms if rest.startswith(f"{each}/")), key=len, default=rest.rpartition("/")[0])
    name = rest[len(realm) + 1 :]
    return (realm, name) if realm and name else None
