"""<basicRegistry> and <quickStartSecurity>: the users and groups that stand in server.xml."""

from collections import Counter
from collections.abc import Iterable, Mapping
from logging import getLogger
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element
from zconnect.messages import error, warning
from zconnect.roles import Assembly, RegistryPart, UserRegistry
from zconnect.security.certificate import common_name
from zconnect.security.federation import is_federated, open_federation
from zconnect.security.hashing import Hashing, open_hashing
from zconnect.security.nobody import Nobody

logger = getLogger(__name__)

NO_REGISTRY = error(
    "CWWKS3005E", "There is no user registry, so nobody can log in with a password or a certificate.", "Configure a basicRegistry."
)
SEVERAL_REGISTRIES = error(
    "CWWKS3006E",
    "There are several user registries ({registries}), so nobody can log in with a password or a certificate.",
    "Leave one of them.",
)
QUICK_START_INCOMPLETE = error(
    "CWWKS0900E", "The element quickStartSecurity lacks userName or userPassword and is not used.", "Give it both."
)
QUICK_START_BESIDE = error(
    "CWWKS0901E",
    "The element quickStartSecurity is not used, because another user registry is configured.",
    "Remove one of the two.",
)
UNUSABLE_USER = error(
    "CWWKS3100E", "A user of the registry {realm} has no name or no password ({name}) and cannot log in.", "Give the user both."
)
DOUBLE_USER = error("CWWKS3104E", "Several users are called {name}; none of them can log in.", "Give each user a name of its own.")
DOUBLE_GROUP = error("CWWKS3105E", "Several groups are called {name}; none of them is used.", "Give each group a name of its own.")
DOUBLE_MEMBER = warning("CWWKS3106W", "The member {name} stands several times in the group {group}.", "Remove the repetition.")
UNKNOWN_MEMBER = warning(
    "CWWKS3107W", "The member {name} of the group {group} is not a user of the registry.", "Correct the name or add the user."
)
CERTIFICATES_OFF = warning(
    "CWWKS3113W",
    "The registry {realm} maps no certificates to users (certificateMapMode {mode}).",
    "Set certificateMapMode to PRINCIPAL_CN if client certificates shall log in.",
)

_CERTIFICATE_MODE = "PRINCIPAL_CN: the CN of the subject is the user's name; the others map nobody"


@element
class RegistryUser(Element):
    """A user of the registry."""

    tag: ClassVar[str] = "user"
    name: str = attr(doc="The name with which the user logs in")
    password: Password = attr(doc="The password: plain, or encoded by securityUtility")


@element
class Member(Element):
    """A member of a group."""

    tag: ClassVar[str] = "member"
    name: str = attr(doc="The name of a user of this registry")


@element
class RegistryGroup(Element):
    """A group of users; groups do not nest."""

    tag: ClassVar[str] = "group"
    name: str = attr(doc="The name by which roles and levels refer to the group")
    members: tuple[Member, ...] = children(doc="The users who are in the group")


@element
class BasicRegistry(RegistryPart):
    """Users and groups that are written in server.xml.

    <basicRegistry id="basic" realm="shop">
        <user name="alice" password="{xor}PjM2PDpyLDo8LTor"/>
        <group name="buyers">
            <member name="alice"/>
        </group>
    </basicRegistry>
    """

    tag: ClassVar[str] = "basicRegistry"
    realm: str = attr(default="BasicRegistry", guard=True, doc="The name of the registry in access ids and challenges")
    ignore_case_for_authentication: bool = attr(
        default=False, guard=True, doc="A user may type the name in another case; groups and roles are those of the user as written here"
    )
    certificate_map_mode: Literal["PRINCIPAL_CN", "CUSTOM", "NOT_SUPPORTED"] = attr(
        default="PRINCIPAL_CN", guard=True, doc=_CERTIFICATE_MODE
    )
    certificate_mapper_id: str = attr(
        default="", doc="Id of a certificate mapper for the mode CUSTOM", unused="there are no custom certificate mappers"
    )
    users: tuple[RegistryUser, ...] = children(doc="The users, each with a name and a password")
    groups: tuple[RegistryGroup, ...] = children(doc="The groups, each with the users who are in it")

    async def open(self, assembly: Assembly) -> UserRegistry:
        """The users and groups with what is wrong among them announced."""
        users = _unique_users(self)
        groups = {group.name.strip(): _members(group, users) for group in _unique_groups(self)}
        return Users(self, users, groups, await assembly.shared(open_hashing))


@element
class QuickStartSecurity(RegistryPart):
    """A registry of one user.

    <quickStartSecurity userName="admin" userPassword="{xor}PjM2PDpyLDo8LTor"/>
    """

    tag: ClassVar[str] = "quickStartSecurity"
    singleton: ClassVar[bool] = True

    user_name: str = attr(default="", guard=True, doc="The name with which the one user logs in")
    user_password: Password | None = attr(default=None, guard=True, doc="The password of the user: plain, or encoded by securityUtility")

    @property
    def wanted(self) -> bool:
        """Whether server.xml speaks of it at all."""
        return bool(self.user_name.strip() or self.user_password)

    @property
    def complete(self) -> bool:
        """Whether it names a user and a password."""
        return bool(self.user_name.strip() and self.user_password)

    async def open(self, assembly: Assembly) -> UserRegistry:
        """The registry of the one user."""
        one = RegistryUser(name=self.user_name, password=self.user_password or Password(""))
        return await BasicRegistry(realm="QuickStartSecurityRealm", users=(one,)).open(assembly)


def _unique_users(settings: BasicRegistry) -> dict[str, Password]:
    """Passwords by name; of names that stand twice none is left, because one could not tell which is meant."""
    counts = Counter(user.name.strip() for user in settings.users)
    users = {}
    for user in settings.users:
        name = user.name.strip()
        if not name or not (user.password.is_hashed or user.password.text.strip()):
            UNUSABLE_USER.log(logger, realm=settings.realm, name=name or "no name")
        elif counts[name] == 1:
            users[name] = _trimmed(user.password)
    for name in (name for name, count in counts.items() if count > 1 and name):
        DOUBLE_USER.log(logger, name=name)
    return users


def _trimmed(password: Password) -> Password:
    """Blanks round a password that is written in clear do not belong to it."""
    clear = not password.is_hashed and password.encoded == password.text
    return Password(password.text.strip()) if clear else password


def _unique_groups(settings: BasicRegistry) -> Iterable[RegistryGroup]:
    counts = Counter(group.name.strip() for group in settings.groups)
    for name in (name for name, count in counts.items() if count > 1):
        DOUBLE_GROUP.log(logger, name=name)
    return (group for group in settings.groups if counts[group.name.strip()] == 1 and group.name.strip())


def _members(group: RegistryGroup, users: Mapping[str, Password]) -> frozenset[str]:
    counts = Counter(member.name.strip() for member in group.members)
    for name, count in counts.items():
        if count > 1:
            DOUBLE_MEMBER.log(logger, name=name, group=group.name)
        if name not in users:
            UNKNOWN_MEMBER.log(logger, name=name, group=group.name)
    return frozenset(counts)


class Users:
    """The users and groups of one registry (the socket `UserRegistry`)."""

    elsewhere = False

    def __init__(
        self, settings: BasicRegistry, users: Mapping[str, Password], groups: Mapping[str, frozenset[str]], hashing: Hashing
    ) -> None:
        self._settings = settings
        self._users = users
        self._folded = _folded(users) if settings.ignore_case_for_authentication else {}
        self._groups = groups
        self._groups_of = {user: frozenset(name for name, members in groups.items() if user in members) for user in users}
        self._hashing = hashing
        self._decoy = hashing.decoy(users.values())

    @property
    def realm(self) -> str:
        """The name of this registry."""
        return self._settings.realm

    async def check_password(self, user: str, password: str) -> str | None:
        """The user's name if the password is right, else None; an unknown user costs what a known one costs."""
        name = await self.user(user) or self._folded.get(user.casefold())
        known = self._users[name] if name is not None else self._decoy
        right = await self._hashing.check(known, password, self._decoy)
        return name if right else None

    async def user(self, name: str) -> str | None:
        """The user of that name, or None."""
        return name if name in self._users else None

    async def unique_id(self, user: str) -> str:
        """The name again."""
        return user

    async def group(self, name: str) -> str | None:
        """The group of that name, or None."""
        return name if name in self._groups else None

    async def groups_of(self, user: str) -> frozenset[str]:
        """The groups that a user belongs to."""
        return self._groups_of.get(user, frozenset())

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """The user whose name is the CN of a verified client certificate, or None."""
        if self._settings.certificate_map_mode != "PRINCIPAL_CN":
            CERTIFICATES_OFF.log(logger, realm=self.realm, mode=self._settings.certificate_map_mode)
            return None
        name = common_name(certificate)
        return await self.user(name) if name else None


def _folded(users: Iterable[str]) -> dict[str, str]:
    """Users by their name without case; names that then fall together are reached only as they are written."""
    counts = Counter(user.casefold() for user in users)
    return {user.casefold(): user for user in users if counts[user.casefold()] == 1}


async def active_registry(assembly: Assembly) -> UserRegistry:
    """The one user registry of this runtime; where there is not exactly one, a registry that knows nobody."""
    return await assembly.shared(_open_active)


async def _open_active(assembly: Assembly) -> UserRegistry:
    quick_start = assembly.configuration.one(QuickStartSecurity)
    parts = [part for part in assembly.configuration.all(RegistryPart) if not isinstance(part, QuickStartSecurity)]
    if quick_start.wanted and parts:
        QUICK_START_BESIDE.log(logger)
    elif quick_start.complete:
        parts = [quick_start]
    elif quick_start.wanted:
        QUICK_START_INCOMPLETE.log(logger)
    if not parts:
        return Nobody(NO_REGISTRY())  # no word of it at the start: who takes bearer tokens alone needs none
    if is_federated(assembly.configuration, parts):
        return await open_federation(assembly, parts)
    if len(parts) == 1:
        return await assembly.opened(parts[0])
    several = SEVERAL_REGISTRIES(registries=", ".join(f"{part.tag}[{part.id}]" for part in parts))
    several.log(logger)
    return Nobody(several)
