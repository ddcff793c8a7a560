"""What this room asks of elements of a higher floor: ports and names of the server (<httpEndpoint>), and how many processes it has."""

import socket
from typing import Protocol, runtime_checkable

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element


@runtime_checkable
class Endpoint(Protocol):
    """The attributes of an endpoint that matter here."""

    enabled: bool
    host: str

    def port(self, secure: bool) -> int:
        """The port for http or https, -1 for none."""
        ...


@runtime_checkable
class Processes(Protocol):
    """What matters here of <zconnect_workers>."""

    @property
    def number(self) -> int: ...


def processes(configuration: Configuration) -> int:
    """How many processes answer requests."""
    return next((each.number for each in configuration.all(Element) if each.tag == "zconnect_workers" and isinstance(each, Processes)), 1)


def _endpoints(configuration: Configuration) -> list[Endpoint]:
    return [element for element in configuration.all(Element) if element.tag == "httpEndpoint" and isinstance(element, Endpoint)]


def https_port(configuration: Configuration) -> int | None:
    """The https port of the first enabled endpoint that has one."""
    return next((port for each in _endpoints(configuration) if each.enabled and (port := each.port(True)) > 0), None)


def port_pairs(configuration: Configuration) -> list[tuple[int, int]]:
    """The http and https ports of each enabled endpoint that has both."""
    pairs = [(each.port(False), each.port(True)) for each in _endpoints(configuration) if each.enabled]
    return [pair for pair in pairs if min(pair) > 0]


def server_names(configuration: Configuration) -> frozenset[str]:
    """The names that this server has by its own knowledge: localhost, the machine's, and what its endpoints are bound to."""
    bound = {endpoint.host for endpoint in _endpoints(configuration)}
    return frozenset(name for name in {"localhost", socket.gethostname(), *bound} if name and name != "*")
