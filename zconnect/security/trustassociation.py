"""<trustAssociation>: classes of the server's owner that say who calls (Liberty's trust association interceptors).

    <trustAssociation>
        <interceptors id="gateway" className="gateway.SignedHeader" libraryRef="gateway">
            <properties header="X-Gateway-User" key="{xor}Lz4sLCgwLTs="/>
        </interceptors>
    </trustAssociation>
    <library id="gateway"><folder dir="lib"/></library>

with `lib/gateway.py`:

    class SignedHeader:
        def __init__(self, properties, store):
            self.header = properties["header"].lower().encode()

        async def identify(self, request):
            value = request.headers.get(self.header)
            return None if value is None else user_of(value)

What the class is, and what its answers do, says `zconnect.roles.TrustAssociationInterceptor`. `identify` shares the loop with all
requests: blocking work goes to `asyncio.to_thread`.
"""

import asyncio
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import MISSING
from functools import partial
from logging import getLogger
from pathlib import Path
from types import TracebackType
from typing import ClassVar, NamedTuple, Protocol

from zconnect.config.schema import Element, Properties, attr, children, element, ref
from zconnect.errors import ConfigurationError, Problem, Refused
from zconnect.messages import Sparing, error, warning
from zconnect.roles import Assembly, Store, TrustAssociationInterceptor, UserRegistry
from zconnect.security.registry import active_registry
from zconnect.security.subject import NOT_IN_REGISTRY
from zconnect.trust.library import Library
from zconnect.trust.modules import Modules, attempted, place_of
from zconnect.values import Identity, Place, Request

logger = getLogger(__name__)

NOT_LOADED = error(
    "CWWKS1203E",
    "The trust association interceptor {interceptor} could not be loaded: {cause}. The server does not run without it.",
    'Correct className (MODULE.CLASS) or libraryRef, or the class; to do without it, set enabled="false".',
)
FAILED = error(
    "CWWKS9109E",
    "The trust association interceptor {interceptor} has failed, so the request is refused: {cause}.",
    "Correct the class; a refusal that is meant is zconnect.errors.Refused.",
)
NEVER_ASKED = warning(
    "ZCON0490W",
    "The trust association interceptor {interceptor} is asked neither before the single sign-on cookie nor after it, so it is never asked.",
    "Set invokeBeforeSSO or invokeAfterSSO to true.",
)

MECHANISM = "TAI"


@element
class InterceptorProperties(Properties):
    """What an interceptor is told: attributes of any name; values may be encoded as passwords are."""

    tag: ClassVar[str] = "properties"


@element
class TrustInterceptor(Element):
    """A Python class that says who calls.

    <interceptors id="gateway" className="gateway.SignedHeader" libraryRef="gateway" invokeBeforeSSO="true">
        <properties header="X-Gateway-User" key="{xor}Lz4sLCgwLTs="/>
    </interceptors>
    <library id="gateway">
        <folder dir="lib"/>
    </library>
    """

    tag: ClassVar[str] = "interceptors"

    enabled: bool = attr(default=True, guard=True, doc="Whether it is used at all")
    class_name: str = attr(guard=True, doc="MODULE.CLASS in the library; without a dot, module and class have one name")
    library: Library = ref(default=MISSING, guard=True, doc="Where its module is")
    invoke_before_sso: bool = attr(
        name="invokeBeforeSSO",
        default=False,
        guard=True,
        doc="It is asked before the single sign-on cookie and before tokens that are required",
    )
    invoke_after_sso: bool = attr(
        name="invokeAfterSSO", default=True, guard=True, doc="It is asked after the cookie, where it was not asked before it"
    )
    properties: tuple[InterceptorProperties, ...] = children(guard=True, doc="What it is told when it is made")

    def mistakes(self) -> Iterable[Problem]:
        """One that nobody asks."""
        if self.enabled and not (self.invoke_before_sso or self.invoke_after_sso):
            yield self.mistake(NEVER_ASKED(interceptor=self.id), "invokeAfterSSO")

    @property
    def module(self) -> str:
        """The module of the class."""
        above, _, name = self.class_name.strip().rpartition(".")
        return above or name

    def files(self, place: Place) -> tuple[Path, ...]:
        """Where the module may be, as a file; it may be a folder as well."""
        return tuple(folder / f"{self.module.replace('.', '/')}.py" for folder in self.library.folders(place))


@element
class TrustAssociation(Element):
    """Lets classes of the server's owner say who calls; the first whose answer is not None decides.

    <trustAssociation failOverToAppAuthType="true">
        <interceptors id="gateway" className="gateway.SignedHeader" libraryRef="gateway"/>
    </trustAssociation>
    <library id="gateway">
        <folder dir="lib"/>
    </library>
    """

    tag: ClassVar[str] = "trustAssociation"
    singleton: ClassVar[bool] = True

    interceptors: tuple[TrustInterceptor, ...] = ref(default=(), guard=True, doc="The interceptors, in the order in which they are asked")
    invoke_for_unprotected_uri: bool = attr(
        name="invokeForUnprotectedURI", default=False, guard=True, doc="They are asked where nobody has to log in, too"
    )
    fail_over_to_app_auth_type: bool = attr(
        default=False,
        guard=True,
        doc="Whom an interceptor or a SAML provider refuses may log in in another way; one that fails still refuses",
    )
    disable_ltpa_cookie: bool = attr(default=False, guard=True, doc="Their callers get no single sign-on cookie")
    initialize_at_first_request: bool = attr(
        default=False, doc="Whether classes are loaded at the first request", unused="they are loaded at the start, so that mistakes show"
    )
    continue_after_unprotected_uri: bool = attr(
        name="continueAfterUnprotectedURI",
        default=False,
        doc="Whether a login goes on after an unprotected resource",
        unused="the answer of an interceptor counts wherever it is asked",
    )

    @property
    def stages(self) -> tuple[tuple[TrustInterceptor, ...], tuple[TrustInterceptor, ...]]:
        """The interceptors that are asked before the single sign-on cookie, and those after it."""
        enabled = [each for each in self.interceptors if each.enabled]
        before = tuple(each for each in enabled if each.invoke_before_sso)
        return before, tuple(each for each in enabled if each.invoke_after_sso and not each.invoke_before_sso)

    @property
    def gives_cookie(self) -> bool:
        """Whether somebody may get a single sign-on cookie."""
        return not self.disable_ltpa_cookie and any(each.enabled for each in self.interceptors)


class _Named(NamedTuple):
    name: str
    interceptor: TrustAssociationInterceptor


class _Telling:
    """Says which interceptor it was that failed; the gate refuses the request."""

    def __init__(self, name: str, sparing: Sparing, now: float) -> None:
        self._name = name
        self._sparing = sparing
        self._now = now

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(cause, Exception) and not isinstance(cause, Refused):
            told = FAILED(interceptor=self._name, cause=f"{type(cause).__name__}: {cause} ({place_of(cause)})")
            self._sparing.log(told, logger, self._now)


class Association:
    """The interceptors of one stage as a way to log in."""

    def __init__(self, interceptors: Sequence[_Named], registry: UserRegistry, *, gives_cookie: bool) -> None:
        self.gives_cookie = gives_cookie
        self._interceptors = interceptors
        self._registry = registry
        self._sparing = Sparing()

    async def identify(self, request: Request) -> Identity | None:
        """Whom the first interceptor that answers vouches for; None where none does, or the registry does not know its user."""
        await asyncio.sleep(0)  # foreign code may need a current task
        for name, interceptor in self._interceptors:
            with _Telling(name, self._sparing, request.arrived):
                answer = _checked(await interceptor.identify(request))
            if isinstance(answer, str):
                return await self._registered(name, answer, request.arrived)
            if answer is not None:
                return answer
        return None

    async def _registered(self, name: str, user: str, now: float) -> Identity | None:
        known = await self._registry.user(user)
        if known is None:
            self._sparing.log(NOT_IN_REGISTRY(user=user, client=name, realm=self._registry.realm), logger, now)
            return None
        groups = await self._registry.groups_of(known)
        return Identity(known, self._registry.realm, await self._registry.unique_id(known), groups, MECHANISM)


def _checked(answer: object) -> Identity | str | None:
    """The answer of foreign code, if it is one."""
    if isinstance(answer, Identity) and _is_whole(answer):
        return answer._replace(mechanism=MECHANISM)
    if answer is None or (isinstance(answer, str) and answer.strip()):
        return answer
    raise TypeError("its answer is no user, no identity and not None")


def _is_whole(answer: Identity) -> bool:
    names = (answer.user, answer.realm, answer.unique_id)
    texts = all(isinstance(each, str) and each.strip() for each in names)
    return texts and isinstance(answer.groups, frozenset) and all(isinstance(each, str) for each in answer.groups)


class Way(Protocol):
    """One way to log in; whether it gets a caller the single sign-on cookie."""

    @property
    def gives_cookie(self) -> bool: ...

    async def identify(self, request: Request) -> Identity | None:
        """The caller; None: the request has nothing of this kind, or nothing good. Raises `Refused` where no other way may be tried."""


class Associations(NamedTuple):
    """What is asked before and after the single sign-on cookie; a stage without interceptors is empty."""

    before: tuple[Way, ...]
    after: tuple[Way, ...]


NO_ASSOCIATIONS = Associations((), ())


async def open_associations(assembly: Assembly) -> Associations:
    """The interceptors of this runtime; raises `ConfigurationError` where some cannot be made."""
    settings = assembly.configuration.one(TrustAssociation)
    made = {each: await _opened(each, assembly) for each in settings.interceptors if each.enabled}
    problems = [each for each in made.values() if isinstance(each, Problem)]
    if problems:
        raise ConfigurationError(problems)
    working = {each: named for each, named in made.items() if isinstance(named, _Named)}
    registry = await active_registry(assembly)
    stages = ([working[each] for each in stage] for stage in settings.stages)
    gives = not settings.disable_ltpa_cookie
    return Associations(*((Association(stage, registry, gives_cookie=gives),) if stage else () for stage in stages))


async def _opened(settings: TrustInterceptor, assembly: Assembly) -> _Named | Problem:
    modules = Modules(*settings.library.folders(assembly.place))
    made = await attempted(partial(_made, settings, modules, assembly.store))
    for file in modules.files().union(settings.files(assembly.place)):
        assembly.watch(file)

    async def close() -> None:
        modules.forget()

    assembly.closing(close)
    if isinstance(made, BaseException):
        cause = f"{type(made).__name__}: {made} ({place_of(made)})".replace(f"{modules.name}.", "")
        told = NOT_LOADED(interceptor=settings.id, cause=cause)
        return settings.mistake(told, "className", stops=True).below(f"/server/trustAssociation/interceptors[{settings.id}]")
    return _Named(settings.id, made)


def _made(settings: TrustInterceptor, modules: Modules, store: Store) -> TrustAssociationInterceptor:
    kind = modules.find(settings.module, settings.class_name.strip().rpartition(".")[2])
    if not isinstance(kind, type) or not inspect.iscoroutinefunction(getattr(kind, "identify", None)):
        raise TypeError(f"{settings.class_name} is no class with `async def identify(self, request)`")
    properties = {name: value.text for each in settings.properties for name, value in each.values}
    made: TrustAssociationInterceptor = kind(properties, store)
    return made
