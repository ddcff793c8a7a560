"""What a start finds out when it opens things, told from the configuration and the names of files alone: for `server validate`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from zconnect.config.configuration import Configuration
from zconnect.config.location import nearest_paths
from zconnect.config.names import nearest
from zconnect.config.schema import Element
from zconnect.errors import Problem, Unavailable, Where
from zconnect.messages import Told, warning
from zconnect.roles import BoundSubject, RegistryPart, SecurityRole
from zconnect.runtime.manager import Manager
from zconnect.security.authorization import NOT_IN_REGISTRY, AuthorizationRoles
from zconnect.security.clients import SHARED_FILTER
from zconnect.security.mpjwt import TOO_MANY, MpJwt
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import (
    DOUBLE_GROUP,
    DOUBLE_MEMBER,
    DOUBLE_USER,
    UNKNOWN_MEMBER,
    BasicRegistry,
    Member,
    RegistryGroup,
    RegistryUser,
)
from zconnect.security.saml import SamlWebSso20
from zconnect.security.trustassociation import NOT_LOADED as NOT_LOADED_INTERCEPTOR
from zconnect.security.trustassociation import TrustAssociation, TrustInterceptor
from zconnect.services.apis import ZosConnectApis
from zconnect.services.managed import ManagedResource
from zconnect.services.webapplication import NOT_FOUND, WebApplication
from zconnect.trust.keystore import DEFAULT_ID, NOT_LOADED, KeyStore, candidates, located
from zconnect.values import Place

NO_GROUP = warning(
    "ZCON0814W",
    "The group {name} is not in the user registry, and nobody brings groups of another, so it gives nobody access.",
    "Correct its name, or add it to the registry.",
)
BOUND_TWICE = warning(
    "ZCON0815W", "The {kind} {name} is bound to the role {role} more than once.", "Remove the repetition, or correct its name."
)

_Named = RegistryUser | RegistryGroup | Member | BoundSubject


def foreseen(configuration: Configuration, place: Place) -> Iterator[Problem]:
    """Files, users and groups that are named and not there; clients that share a filter."""
    yield from _shared_filters(configuration.all(OpenidConnectClient))
    yield from _too_many(configuration.all(MpJwt))
    for interceptor in configuration.one(TrustAssociation).interceptors:
        yield from _interceptor(interceptor, place)
    for store in configuration.all(KeyStore):
        yield from _store(store, place)
    for application in configuration.all(WebApplication):
        yield from _application(application, place.config_dir / "apps")
    registries = configuration.all(RegistryPart)
    for registry in registries:
        if isinstance(registry, BasicRegistry):
            yield from _registry(registry)
            if len(registries) == 1:
                yield from _bindings(configuration, registry)
                yield from _groups(configuration, registry)


def _path(element: Element, parent: str = "/server") -> str:
    return f"{parent}/{element.tag}" + ("" if element.singleton else f"[{element.id}]")


def _at(told: Told, element: Element, path: str, name: str, meant: tuple[str, ...] = (), also: tuple[Where, ...] = ()) -> Problem:
    """A problem with an attribute; it stands where the attribute was written."""
    held = element.given.get(name.lower())
    return Problem(told, held.where if held else element.where, f"{path}/@{name}", meant, also)


def _store(store: KeyStore, place: Place) -> Iterator[Problem]:
    """A key store that is not there and will not be made."""
    try:
        path = located(store, place)
    except Unavailable as cause:
        yield Problem(cause.told, store.where, _path(store))
        return
    if path.exists() or (store.id == DEFAULT_ID and not store.read_only):
        return
    location = store.location.strip()
    meant = dict.fromkeys(each for candidate in candidates(location, place) for each in nearest_paths(location, candidate))
    yield _at(NOT_LOADED(location=path, reason="it does not exist"), store, _path(store), "location", tuple(meant))


def _application(application: WebApplication, folder: Path) -> Iterator[Problem]:
    """An application without a module."""
    written = application.location.strip()
    *above, last = application.module.split(".")
    home = folder.joinpath(*above)
    modules = {each.stem: each for each in home.iterdir() if each.suffix == ".py" or each.is_dir()} if home.is_dir() else {}
    if last not in modules:
        found = written.partition(":")[0].removesuffix(".war").rpartition(last)[0]
        meant = tuple(f"{found}{each}{written[len(found) + len(last) :]}" for each in nearest(last, modules))
        told = NOT_FOUND(application=application.title, location=application.location)
        yield _at(told, application, _path(application), "location", meant)


def _interceptor(interceptor: TrustInterceptor, place: Place) -> Iterator[Problem]:
    """A class without a module."""
    files = interceptor.files(place)
    if interceptor.enabled and not any(each.exists() or each.with_suffix("").is_dir() for each in files):
        told = NOT_LOADED_INTERCEPTOR(interceptor=interceptor.id, cause=f"there is no file {' or '.join(map(str, files))}")
        yield _at(told, interceptor, _path(interceptor, "/server/trustAssociation"), "className")


def _shared_filters(clients: Iterable[OpenidConnectClient]) -> Iterator[Problem]:
    """Clients that judge nothing, since another has their filter."""
    first: dict[str, OpenidConnectClient] = {}
    for client in clients:
        if client.auth_filter and first.setdefault(client.auth_filter.id, client) is not client:
            other = first[client.auth_filter.id]
            told = SHARED_FILTER(first=other.id, second=client.id, filter=client.auth_filter.id)
            yield _at(told, client, _path(client), "authFilterRef", also=(other.where,))


def _too_many(elements: Iterable[MpJwt]) -> Iterator[Problem]:
    """Those for the same requests, which none of them then judges."""
    first: dict[str, MpJwt] = {}
    for each in elements:
        other = first.setdefault(each.auth_filter.id if each.auth_filter else "", each)
        if other is not each:
            yield _at(TOO_MANY(ids=f"{other.id}, {each.id}"), each, _path(each), "authFilterRef", also=(other.where,))


def _registry(registry: BasicRegistry) -> Iterator[Problem]:
    """Users and groups that stand twice, and members that are no users."""
    users = [user.name.strip() for user in registry.users]
    yield from _doubles(registry.users, lambda name: DOUBLE_USER(name=name), _path(registry))
    yield from _doubles(registry.groups, lambda name: DOUBLE_GROUP(name=name), _path(registry))
    for group in registry.groups:
        yield from _doubles(group.members, partial(_double_member, group.name), _path(group, _path(registry)))
        for member in group.members:
            name = member.name.strip()
            if name not in users:
                told_member = UNKNOWN_MEMBER(name=name, group=group.name)
                yield _at(told_member, member, _path(member, _path(group, _path(registry))), "name", nearest(name, users))


def _double_member(group: str, name: str) -> Told:
    return DOUBLE_MEMBER(name=name, group=group)


def _double_subject(kind: str, role: str, name: str) -> Told:
    return BOUND_TWICE(kind=kind, name=name, role=role)


def _doubles(elements: Iterable[_Named], told: Callable[[str], Told], parent: str) -> Iterator[Problem]:
    """Elements that are called like one before."""
    first: dict[str, Element] = {}
    for element in elements:
        name = element.name.strip()
        if name and first.setdefault(name, element) is not element:
            yield _at(told(name), element, _path(element, parent), "name", also=(first[name].where,))


def _bindings(configuration: Configuration, registry: BasicRegistry) -> Iterator[Problem]:
    """Users and groups that are bound to roles and that nobody knows."""
    for bound in configuration.all(AuthorizationRoles):
        yield from _roles(bound.roles, registry, _path(bound))
    for application in configuration.all(WebApplication):
        for binding in application.application_bnds:
            yield from _roles(binding.security_roles, registry, _path(binding, _path(application)))


def _roles(roles: Iterable[SecurityRole], registry: BasicRegistry, path: str) -> Iterator[Problem]:
    users, groups = ({each.name.strip() for each in known} for known in (registry.users, registry.groups))
    for role in roles:
        for kind, subjects, known in (("user", role.users, users), ("group", role.groups, groups)):
            yield from _doubles(subjects, partial(_double_subject, kind, role.name), _path(role, path))
            for subject in subjects:
                if subject.name and not subject.access_id.strip() and subject.name not in known:
                    told = NOT_IN_REGISTRY(kind=kind, name=subject.name, role=role.name, realm=registry.realm)
                    yield _at(told, subject, _path(subject, _path(role, path)), "name", nearest(subject.name, sorted(known)))


def _groups(configuration: Configuration, registry: BasicRegistry) -> Iterator[Problem]:
    """Groups with an access level that nobody can be in: where no token or interceptor brings groups of its own."""
    clients = configuration.all(OpenidConnectClient)
    if any(each.enabled for each in configuration.one(TrustAssociation).interceptors) or any(
        each.in_force and each.group_identifier for each in configuration.all(SamlWebSso20)
    ):
        return
    if any(each.judges_tokens and not each.map_identity_to_registry_user for each in clients):
        return
    if not all(each.map_to_user_registry for each in configuration.all(MpJwt)):
        return
    known = [group.name.strip() for group in registry.groups]
    apis = configuration.one(ZosConnectApis)
    resources: list[tuple[Manager | ManagedResource, str]] = [(each, _path(each)) for each in configuration.all(Manager)]
    resources += [(each, _path(each)) for each in configuration.all(Element) if isinstance(each, ManagedResource)]
    resources += [(each, _path(each, _path(apis))) for each in apis.apis]
    for element, path in resources:
        for name, groups in _levels(element).items():
            for group in groups:
                if group not in known:
                    yield _at(NO_GROUP(name=group), element, path, name, nearest(group, known))


def _levels(element: Manager | ManagedResource) -> Mapping[str, Collection[str]]:
    """The groups of an element by the names of the attributes that give them."""
    groups = element.groups
    levels = {"Admin": groups.admin, "Operations": groups.operations, "Invoke": groups.invoke, "Reader": groups.reader}
    everywhere = isinstance(element, Manager)
    return {f"global{level}Group" if everywhere else f"{level.lower()}Group": sorted(names) for level, names in levels.items()}
