"""What this room asks of <httpEndpoint>, which stands on a higher floor: the port for https and the names of the server."""

import socket
from typing import Protocol, runtime_checkable

from zconnect.config.configuration import Configuration
from zconnect.config.schema import Element

_DEFAULT_ID = "defaultHttpEndpoint"
_DEFAULT_HTTPS_PORT = 9443


@runtime_checkable
class Endpoint(Protocol):
    """The attributes of an endpoint that matter here; `host` is None where it is not written."""

    id: str
    enabled: bool
    host: str | None

    def port(self, secure: bool) -> int:
        """The port for http or https, -1 for none."""
        ...


def _endpoints(configuration: Configuration) -> list[Endpoint]:
    return [element for element in configuration.all(Element) if element.tag == "httpEndpoint" and isinstance(element, Endpoint)]


def https_port(configuration: Configuration) -> int | None:
    """The https port of the first enabled endpoint that has one; the default endpoint exists unless it is written otherwise."""
    endpoints = _endpoints(configuration)
    ports = [endpoint.port(True) for endpoint in endpoints if endpoint.enabled]
    implied = [] if any(endpoint.id == _DEFAULT_ID for endpoint in endpoints) else [_DEFAULT_HTTPS_PORT]
    return next((port for port in (*implied, *ports) if port > 0), None)


def server_names(configuration: Configuration) -> frozenset[str]:
    """The names that this server has by its own knowledge: localhost, the machine's, and what its endpoints are bound to."""
    bound = {endpoint.host for endpoint in _endpoints(configuration)}
    return frozenset(name for name in {"localhost", socket.gethostname(), *bound} if name and name != "*")
