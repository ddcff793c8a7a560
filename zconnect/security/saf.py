"""<safRegistry>, <safCredentials>, <safAuthorization>, <safRoleMapper>: the elements of z/OS, over what <zconnect_saf> says."""

from dataclasses import dataclass, field
from logging import getLogger
from typing import ClassVar, Literal

from cryptography import x509

from zconnect.config.schema import Element, attr, element
from zconnect.errors import Refused
from zconnect.messages import error, warning
from zconnect.roles import Assembly, Protection, RegistryPart, UserRegistry
from zconnect.security.authorization import ANY_ROLE, Roles
from zconnect.security.hashing import Hashing, open_hashing
from zconnect.security.safdatabase import Database, profile_name
from zconnect.security.safelements import SafDatabase
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NO_DATABASE = error(
    "ZCON0498E",
    "There is no SAF here, and no zconnect_saf stands in for it, so nobody is in the registry and nobody holds a role.",
    "Write the users, groups and profiles into configDropins/defaults/saf.xml (element zconnect_saf).",
)
NO_APPLICATION = error(
    "CWWKS2907E",
    "The login of {user} did not succeed, because the user has no READ access to {prefix} in the class APPL.",
    "Permit it in zconnect_saf: a profile of the class APPL with the name of profilePrefix in safCredentials.",
)
NOT_PERMITTED = warning(
    "ZCON0499W",
    "ICH408I USER({user}) {profile} CL(EJBROLE) INSUFFICIENT ACCESS AUTHORITY, ACCESS INTENT(READ).",
    "If the user should have access, permit it in zconnect_saf to him or to a group of his.",
)

_ANGEL = "there are no authorized services here"


@element
class SafRegistry(RegistryPart):
    """The users and groups of SAF: on z/OS those of RACF, here those of zconnect_saf.

    <safRegistry id="saf" realm="PLEX1"/>
    """

    tag: ClassVar[str] = "safRegistry"
    realm: str = attr(default="", guard=True, doc="The name of the registry in access ids and challenges; else that of zconnect_saf")
    enable_failover: bool = attr(default=True, doc="Whether unauthorized services are used where authorized ones fail", unused=_ANGEL)
    include_saf_groups: bool = attr(default=False, doc="Whether groups without a GID count", unused="every group counts here")
    report_password_expired: bool = attr(default=False, doc="Whether an expired password is told", unused="passwords do not expire here")
    report_user_revoked: bool = attr(default=False, doc="Whether callers learn that a user is revoked", unused="no caller learns it")

    async def open(self, assembly: Assembly) -> UserRegistry:
        """The registry over zconnect_saf."""
        return SafUsers(self, await assembly.shared(open_saf), await assembly.shared(open_hashing))


@element
class SafCredentials(Element):
    """How callers become users of SAF.

    <safCredentials profilePrefix="BBGZDFLT" unauthenticatedUser="WSGUEST" mapDistributedIdentities="true"/>
    """

    tag: ClassVar[str] = "safCredentials"
    singleton: ClassVar[bool] = True
    profile_prefix: str = attr(
        default="BBGZDFLT", guard=True, doc="The profile of the class APPL that users need, and the beginning of those of roles"
    )
    unauthenticated_user: str = attr(default="WSGUEST", guard=True, doc="The user who stands for callers who have not logged in")
    map_distributed_identities: bool = attr(
        default=False, guard=True, doc="Callers of other registries and of tokens become the users of SAF that RACMAP says"
    )
    suppress_auth_failure_messages: bool = attr(default=True, doc="Whether RACF keeps quiet", unused="racRouteLog says what is logged")


@element
class SafAuthorization(Element):
    """Roles are held by whom a profile of the class EJBROLE gives READ; bindings elsewhere no longer count.

    <safAuthorization id="saf" racRouteLog="ASIS"/>
    """

    tag: ClassVar[str] = "safAuthorization"
    rac_route_log: Literal["ASIS", "NOFAIL", "NONE", "NOSTAT"] = attr(
        default="NONE", doc="Whether refusals are logged as ICH408I: with ASIS"
    )
    role_mapper: str = attr(default="", doc="The program that names profiles", unused="safRoleMapper names them")
    enable_delegation: bool = attr(default=False, doc="Whether run-as is by APPLDATA of profiles", unused="nothing runs as somebody else")
    report_authorization_check_details: bool = attr(default=False, doc="Whether programs learn why", unused="no program asks")


@element
class SafRoleMapper(Element):
    """How the profile of a role is called.

    <safRoleMapper profilePattern="%profilePrefix%.%resource%.%role%" toUpperCase="false"/>
    """

    tag: ClassVar[str] = "safRoleMapper"
    singleton: ClassVar[bool] = True
    profile_pattern: str = attr(
        default="%profilePrefix%.%resource%.%role%",
        guard=True,
        doc="The name, with %profilePrefix%, %resource% (the application) and %role% in it; blanks and generic letters become #",
    )
    to_upper_case: bool = attr(default=False, guard=True, doc="Whether the name is in capitals")


class Saf:
    """The rules of one server."""

    def __init__(self, assembly: Assembly) -> None:
        configuration = assembly.configuration
        settings = configuration.one(SafDatabase)
        registries = configuration.all(SafRegistry)
        self._credentials = configuration.one(SafCredentials)
        self._mapper = configuration.one(SafRoleMapper)
        authorization = configuration.all(SafAuthorization)
        self.decides = bool(authorization)
        self.logs = any(each.rac_route_log == "ASIS" for each in authorization)
        self.database = Database(settings)
        self.realm = next((each.realm for each in registries if each.realm), "") or settings.realm or "SAFRegistry"
        self.present = bool(registries)
        if (registries or authorization) and not settings.users:
            NO_DATABASE.log(logger)

    def admits(self, user: str) -> bool:
        """Whether a user may log in to this server: he is not revoked and has READ to the APPL profile of the prefix."""
        prefix = self._credentials.profile_prefix.strip()
        if not self.database.able(user):
            return False
        if self.database.permits(user, "APPL", prefix.upper()):
            return True
        NO_APPLICATION.log(logger, user=user, prefix=prefix)
        return False

    def user_of(self, identity: Identity) -> str | None:
        """The user of SAF whom a caller is: one of this registry himself, another one by RACMAP."""
        if self.present and identity.realm == self.realm:
            return identity.user if self.admits(identity.user) else None
        if not self._credentials.map_distributed_identities:
            return None
        names = dict.fromkeys((identity.unique_id, identity.user))
        user = next((user for name in names if (user := self.database.mapped(name, identity.realm))), None)
        return user if user and self.admits(user) else None

    def mapped(self, identity: Identity) -> Identity:
        """The caller with the user and groups of SAF that stand for him, where he is of another registry."""
        if self.present and identity.realm == self.realm:
            return identity
        user = self.user_of(identity)
        return identity._replace(mapped_user=user, groups=self.database.groups_of(user)) if user else identity

    @property
    def maps(self) -> bool:
        """Whether callers of other registries stand for users of SAF."""
        return self._credentials.map_distributed_identities

    def roles(self, protection: Protection) -> "SafRoles":
        """Who passes a protection whose `roles` are not None."""
        required = protection.roles or ()
        named = [each for each in required if each != ANY_ROLE]
        resource, mapper = protection.application, self._mapper
        prefix = self._credentials.profile_prefix.strip()
        profiles = tuple(profile_name(mapper.profile_pattern, prefix, resource, role, mapper.to_upper_case) for role in named)
        guest = self._credentials.unauthenticated_user.strip().upper()
        everyone = any(self.database.permits(guest, "EJBROLE", profile) for profile in profiles)
        return SafRoles(required, resource, everyone=everyone, all_authenticated=ANY_ROLE in required, saf=self, profiles=profiles)


@dataclass(frozen=True, slots=True)
class SafRoles(Roles):
    """Who passes one protection by the profiles of its roles."""

    saf: Saf = field(kw_only=True)
    profiles: tuple[str, ...] = ()

    def hold(self, identity: Identity) -> bool:
        """Whether a caller who has logged in has READ to the profile of any role."""
        if self.all_authenticated:
            return True
        user = self.saf.user_of(identity)
        return user is not None and any(self.saf.database.permits(user, "EJBROLE", each) for each in self.profiles)

    def denied(self, identity: Identity, request: Request) -> Refused:
        """The answer (403), and what RACF would have written."""
        if self.saf.logs:
            user = self.saf.user_of(identity) or identity.user
            for profile in self.profiles:
                NOT_PERMITTED.log(logger, user=user, profile=profile)
        return Roles.denied(self, identity, request)


class SafUsers:
    """The users and groups of SAF (the socket `UserRegistry`); names are in capitals, and typed in any letter case."""

    elsewhere = False

    def __init__(self, settings: SafRegistry, saf: Saf, hashing: Hashing) -> None:
        self._settings = settings
        self._saf = saf
        self._hashing = hashing
        self._decoy = hashing.decoy(each.password for each in saf.database.users.values() if each.password)

    @property
    def realm(self) -> str:
        """The name of this registry."""
        return self._settings.realm or self._saf.realm

    async def check_password(self, user: str, password: str) -> str | None:
        """The user's name if the password is right and he may use this server; an unknown user costs what a known one costs."""
        name = user.upper()
        known = self._saf.database.users.get(name)
        stored = known.password if known and known.password else None
        usable = stored is not None and (stored.is_hashed or bool(stored.text.strip()))
        right = await self._hashing.check(stored if stored and usable else self._decoy, password, self._decoy)
        return name if right and usable and self._saf.admits(name) else None

    async def user(self, name: str) -> str | None:
        """The user of that name who may use this server, or None."""
        return name.upper() if self._saf.admits(name.upper()) else None

    async def unique_id(self, user: str) -> str:
        """The name again."""
        return user

    async def group(self, name: str) -> str | None:
        """The group of that name, or None."""
        return name.upper() if name.upper() in self._saf.database.groups else None

    async def groups_of(self, user: str) -> frozenset[str]:
        """The groups that a user belongs to."""
        return self._saf.database.groups_of(user)

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """The user whom RACDCERT maps a verified client certificate to, or None."""
        user = self._saf.database.user_of(x509.load_der_x509_certificate(certificate))
        return user if user and self._saf.admits(user) else None


async def open_saf(assembly: Assembly) -> Saf:
    """The rules of this server."""
    return Saf(assembly)
