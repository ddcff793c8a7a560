"""What a server has that nobody wrote: the elements it implies, and the values it uses where an attribute is absent."""

from collections.abc import Iterator
from typing import Any

from zconnect.config.configuration import Configuration
from zconnect.config.load import Loaded
from zconnect.config.schema import Element
from zconnect.server.endpoint import HttpEndpoint, endpoints_of
from zconnect.server.httpoptions import HttpOptions
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

_IMPLIED: tuple[tuple[type[Element], str], ...] = (
    (HttpOptions, "defaultHttpOptions"),
    (KeyStore, "defaultKeyStore"),
    (Ssl, "defaultSSLConfig"),
)


def implied(configuration: Configuration) -> Iterator[Element]:
    """The elements of fixed ids that the server uses although they are not in its configuration."""
    yield from (endpoint for endpoint in endpoints_of(configuration) if endpoint not in configuration.all(HttpEndpoint))
    yield from (kind(id=key) for kind, key in _IMPLIED if configuration.get(kind, key) is None)


def in_use(element: Element, loaded: Loaded) -> dict[str, Any]:
    """The values of attributes that were not written, as the server has them in the end; references as `->` and key."""
    match element:
        case HttpEndpoint():
            ports = {"httpPort": element.port(secure=False), "httpsPort": element.port(secure=True)}
            return {
                "host": element.host,
                "httpOptionsRef": "->httpOptions[defaultHttpOptions]",
                **{name: port for name, port in ports.items() if port >= 0},
            }
        case KeyStore(id="defaultKeyStore"):
            return {"location": loaded.variables.known("${server.output.dir}/resources/security/key.p12")}
        case Ssl(id="defaultSSLConfig"):
            return {"keyStoreRef": "->keyStore[defaultKeyStore]"}
    return {}
