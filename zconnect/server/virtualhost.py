"""<virtualHost>: under which names the server answers at all; everything it serves belongs to default_host."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from zconnect.config.configuration import Configuration
from zconnect.config.datatypes import Unlike
from zconnect.config.schema import Element, attr, element, ref
from zconnect.errors import Problem
from zconnect.messages import warning
from zconnect.runtime.unmatched import missing_page
from zconnect.server.endpoint import HttpEndpoint
from zconnect.values import Request, Response

ALWAYS_THERE = warning("CWWKT0024W", "The virtual host default_host cannot be switched off.", "Leave out its enabled.")
NO_ALIAS = warning("CWWKT0025W", "The virtual host {id} has no hostAlias, so no request is for it.", "Give it one, as host:port.")
TAKEN = warning(
    "CWWKT0027W", "The virtual host {id} is not reached by its hostAlias {alias}, because {first} has the same.", "Give it to one of them."
)

DEFAULT_HOST = "default_host"

_ALIAS = re.compile(r"(\*|\[[0-9A-Fa-f:.]+\]|[^\s/:?#@\[\]]+)(?::(\*|[0-9]{1,5}))?")


def _alias(text: str) -> None:
    if text and not _ALIAS.fullmatch(text):
        _, scheme, rest = text.partition("://")
        found = _ALIAS.match(rest if scheme else text)
        raise Unlike("it is no name of a host with a port", (found[0],) if found else ())


@element
class VirtualHost(Element):
    """Names under which the server answers.

    <virtualHost id="shop" hostAlias="shop.example:9443"/>
    """

    tag: ClassVar[str] = "virtualHost"

    enabled: bool = attr(default=True, doc="The virtual host is there; default_host always is")
    host_alias: tuple[str, ...] = attr(
        default=(), guard=True, check=_alias, doc="Its names, as host:port; * stands for any host or any port"
    )
    allow_from_endpoints: tuple[HttpEndpoint, ...] = ref(
        name="allowFromEndpointRef", default=(), guard=True, doc="The endpoints through which it is reached; without it all"
    )

    def mistakes(self) -> Iterable[Problem]:
        """One that cannot be reached, and one that cannot be switched off."""
        if self.id == DEFAULT_HOST and not self.enabled:
            yield self.mistake(ALWAYS_THERE(), "enabled")
        if self.id != DEFAULT_HOST and self.enabled and not any(self.host_alias):
            yield self.mistake(NO_ALIAS(id=self.id))


def strangers(configuration: Configuration, endpoint: HttpEndpoint) -> Callable[[Request], Response | None] | None:
    """What answers requests for names that default_host does not have with 404; None where it has them all."""
    hosts = _hosts(configuration)
    own = next((host for host in hosts if host.id == DEFAULT_HOST), VirtualHost(id=DEFAULT_HOST))
    missing = missing_page(configuration)
    if own.allow_from_endpoints and endpoint not in own.allow_from_endpoints:
        return lambda request: missing
    claimed = frozenset(_key(alias) for host in hosts if host is not own for alias in host.host_alias)
    aliases = frozenset(_key(alias) for alias in own.host_alias)
    if not claimed and not aliases:
        return None

    def answer(request: Request) -> Response | None:
        name, port = _key(request.authority)
        forms = ((name, port), (name, "*"), ("*", port), ("*", "*"))
        for form in forms:
            if form in aliases:
                return None
            if form in claimed:
                return missing
        return missing if aliases else None

    return answer


def _hosts(configuration: Configuration) -> list[VirtualHost]:
    return [host for host in configuration.all(VirtualHost) if host.enabled or host.id == DEFAULT_HOST]


def shared_aliases(configuration: Configuration) -> Iterator[Problem]:
    """The names that an earlier host has as well, or default_host, which goes before all."""
    owners: dict[tuple[str, str], VirtualHost] = {}
    for host in sorted(_hosts(configuration), key=lambda host: host.id != DEFAULT_HOST):
        for alias in filter(None, host.host_alias):
            first = owners.setdefault(_key(alias), host)
            if first is not host:
                told = host.mistake(TAKEN(id=host.id, alias=alias, first=first.id), "hostAlias", alias)
                yield told.below(f"/server/{host.tag}[{host.id}]")._replace(also=(first.where,))


def _key(authority: str) -> tuple[str, str]:
    """Host and port in one spelling; 80 is assumed where no port is written."""
    host, colon, port = authority.strip().lower().rpartition(":")
    return (host, port) if colon and not port.endswith("]") else (authority.strip().lower(), "80")
