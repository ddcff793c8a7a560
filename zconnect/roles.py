"""The sockets of the house: what a registry, an interceptor and a service are, and the elements that become one.

A `Part` is an element that becomes a working object when the runtime is assembled. Parts are siblings: they meet only
through the protocols and shared elements of this file.
"""

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import Problem, Refused
from zconnect.values import Call, Groups, Identity, Kind, Outcome, Place, Request, Resource, Response

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Store(Protocol):
    """What all processes of the server share, and the next start finds: values by space and key, each until its end.

    `since` is when the server was started, `secret` is known to its processes alone; times are seconds since the epoch. Every call may
    raise `Unavailable`.
    """

    since: float
    secret: bytes

    def replace(self, space: str, key: bytes, before: bytes | None, value: bytes, until: float, now: float) -> bool:
        """Put a value in the place of the one before, None for none; False where another was there or faster."""

    def read(self, space: str, key: bytes, now: float) -> bytes | None:
        """The value of a key that has not ended."""

    def count(self, space: str, now: float) -> int:
        """How many keys there are."""


class Assembly(Protocol):
    """What a part may ask for while it is opened; all that it opens is closed with the runtime, in reverse order.

    `configuration` is the whole one, `place` the directories of the server, `store` what all its processes share.
    """

    configuration: Configuration
    place: Place
    store: Store

    async def opened(self, part: "Part[T]") -> T:
        """The working object of a part, opened at the first asking and the same one ever after."""

    async def shared(self, opener: Callable[["Assembly"], Awaitable[T]]) -> T:
        """The one result of `opener` in this runtime, made at the first asking."""

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What outlives this runtime: the one thing of that key in the life of the process, made at the first asking."""

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have `close` called when the runtime is closed."""

    def watch(self, path: Path) -> None:
        """Have a new runtime made when this file (or what a folder directly holds) changes."""

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the requests until it ends or the runtime is closed."""


@element
class Part(Element, Generic[T_co]):
    """An element that becomes a working object."""

    async def open(self, assembly: Assembly) -> T_co:
        """Make the working object; raises `Unavailable` where something outside is missing."""
        raise NotImplementedError


class UserRegistry(Protocol):
    """The users and groups that the server knows by itself; every name it returns is spelt as the registry spells it."""

    elsewhere: bool  # another server keeps them: they may come and go, and every method may raise `Refused`

    @property
    def realm(self) -> str:
        """The name of this registry."""

    async def check_password(self, user: str, password: str) -> str | None:
        """The user's name if the password is right, else None; an unknown user costs what a known one costs."""

    async def user(self, name: str) -> str | None:
        """The user of that name, or None."""

    async def unique_id(self, user: str) -> str:
        """What stands for a user in access ids: the name again, or what the registry has beside it."""

    async def group(self, name: str) -> str | None:
        """The group of that name, or None."""

    async def groups_of(self, user: str) -> frozenset[str]:
        """The groups that a user belongs to."""

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """The user whom a verified client certificate (DER) stands for, or None."""


class Interceptor:
    """Something that watches calls, and may forbid them before they begin; what it inherits from here costs a call nothing.

    `sequence` is its place among the others, ascending.
    """

    sequence: int

    async def pre_invoke(self, call: Call) -> None:
        """Before the call; raises `Refused` to forbid it."""

    async def post_invoke(self, call: Call, outcome: Outcome) -> None:
        """After the call; happens for every `pre_invoke` that was begun."""

    async def early_failure(self, request: Request, identity: Identity | None, resource: Resource, refusal: Refused) -> None:
        """A request was refused before it became a call."""


class TrustAssociationInterceptor(Protocol):
    """A class of a server's owner that knows callers by something in their requests, such as a header of a gateway."""

    def __init__(self, properties: Mapping[str, str], store: Store) -> None:
        """Made once for a runtime; whatever is raised stops the start. A space of `store` is to be its own."""

    async def identify(self, request: Request) -> Identity | str | None:
        """Who calls: a user of the registry by name, or anybody with realm and groups; None: the request is not for this interceptor.

        `Refused` ends the request with its status and header fields; anything else that is raised, and any other answer, with 500.
        """


class Service(Protocol):
    """Something that answers calls."""

    async def invoke(self, call: Call) -> Response:
        """The answer; raises `Refused` where there is none."""


@element
class RegistryPart(Part[UserRegistry]):
    """An element that is a user registry."""


@element
class InterceptorPart(Part[Interceptor]):
    """An element that is an interceptor."""

    sequence: int = attr(
        default=0, minimum=0, maximum=2**31 - 1, doc="Its place among the interceptors: lower runs earlier, and later on the way back"
    )


@element
class Interceptors(Element):
    """A list of interceptors, to be named by `globalInterceptorsRef` or `interceptorsRef`."""

    tag: ClassVar[str] = "zosconnect_zosConnectInterceptors"
    interceptors: tuple[InterceptorPart, ...] = ref(name="interceptorRef", default=(), guard=True, doc="The interceptors of this list")


@element
class ProviderPart(Part[Service]):
    """An element that a `serviceRef` may name: a kind of back end."""

    def refusals(self) -> Iterable[Problem]:
        """What its opening would refuse and can be told without one; only a service that uses it is stopped by that."""
        return ()


@element
class BoundSubject(Element):
    """A user or group in a role binding."""

    name: str = attr(default="", guard=True, doc="The name in the user registry")
    access_id: str = attr(
        name="access-id",
        default="",
        guard=True,
        doc="Full access id, for example user:REALM/NAME; needed for names of other realms, such as those of tokens",
    )


@element
class BoundUser(BoundSubject):
    """A user who holds a role."""

    tag: ClassVar[str] = "user"


@element
class BoundGroup(BoundSubject):
    """A group whose members hold a role."""

    tag: ClassVar[str] = "group"


@element
class SpecialSubject(Element):
    """A role holder that is no single user or group.

    <authorization-roles id="zos.connect.access.roles">
        <security-role name="zosConnectAccess">
            <special-subject type="ALL_AUTHENTICATED_USERS"/>
        </security-role>
    </authorization-roles>
    """

    tag: ClassVar[str] = "special-subject"
    type: Literal["EVERYONE", "ALL_AUTHENTICATED_USERS"] = attr(
        guard=True, doc="EVERYONE needs no login; ALL_AUTHENTICATED_USERS is anybody who has logged in"
    )


@element
class SecurityRole(Element):
    """Who holds a role."""

    tag: ClassVar[str] = "security-role"
    name: str = attr(guard=True, doc="The name of the role, as the application or the server asks for it")
    users: tuple[BoundUser, ...] = children(guard=True, doc="The users who hold the role")
    groups: tuple[BoundGroup, ...] = children(guard=True, doc="The groups whose members hold the role")
    special_subjects: tuple[SpecialSubject, ...] = children(guard=True, doc="EVERYONE or ALL_AUTHENTICATED_USERS, where they hold the role")


class Login(NamedTuple):
    """How an application wants its callers to log in when no token or cookie has done so (web.xml: login-config)."""

    method: Literal["BASIC", "CLIENT-CERT", "FORM", "MP-JWT", ""] = "BASIC"
    realm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protection:
    """What a caller must satisfy to reach a resource; each is its own key, told apart by identity.

    `roles`: None — nobody has to log in; empty — nobody may pass; else any one of them is enough (`**` is anybody who
    has logged in). `bindings` say who holds a role, `application` names their owner in messages; without any binding a
    role is held by the group of its name. `secure`: plain http is sent to https with 302. `anonymous`: without roles,
    credentials of the caller are not even looked at.
    """

    secure: bool
    roles: tuple[str, ...] | None
    bindings: tuple[SecurityRole, ...] = ()
    application: str = ""
    login: Login = Login()
    anonymous: bool = False


class Constraints(Protocol):
    """Protection that depends on the request (security constraints of web.xml)."""

    def every(self) -> tuple[Protection, ...]:
        """All protections that `of` may return."""

    def of(self, method: str, path: str) -> Protection:
        """The protection of a request; `path` is below the context root and begins with a slash."""


# Why the groups of two levels of access have no effect here, while an extension may have a use for them.
NOT_ASKED = "only requests of administration ask for this level, and there are none"


class Managed(NamedTuple):
    """Protection by the rules of `zosconnect_zosConnectManager`, whose values hold where these are None."""

    require_auth: bool | None = None
    require_secure: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a part answers for: where, as what, how guarded, by which service.

    `pattern` is a path, or a path that ends in `*` and stands for all that begins so (`/catalog/*` means `/catalog`,
    too). `groups` and `interceptors` are the resource's own; they count only under `Managed`.
    """

    pattern: str
    kind: Kind
    name: str
    service: Service
    protection: Managed | Protection | Constraints
    groups: Groups = Groups()
    interceptors: Interceptors | None = None
    run_global_interceptors: bool = True


@element
class ResourcePart(Part[tuple[Offer, ...]]):
    """An element that answers requests under one or more paths."""
