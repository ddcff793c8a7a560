"""What a server has that nobody wrote: the elements that others imply, and what it uses where an attribute is absent."""

from collections.abc import Mapping
from typing import Any

from zconnect.config.configuration import Configuration
from zconnect.config.effective import Asked
from zconnect.config.schema import Element
from zconnect.errors import Unavailable
from zconnect.server.endpoint import HttpEndpoint, SslOptions, TcpOptions, own_or_default
from zconnect.server.headers import HeadersElement
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.samesite import SameSite
from zconnect.services.webapplication import WebApplication
from zconnect.trust.keystore import DEFAULT_ID, PASSWORD_VARIABLE, KeyStore, located
from zconnect.trust.tls import DEFAULT_SSL, Ssl, SslDefault, default_tls
from zconnect.values import Place

_OF_ENDPOINTS: tuple[tuple[str, type[Element]], ...] = (
    ("http_options", HttpOptions),
    ("tcp_options", TcpOptions),
    ("ssl_options", SslOptions),
    ("headers", HeadersElement),
    ("samesite", SameSite),
)
_KINDS: tuple[tuple[type[Element], str], ...] = (
    *((kind, kind.default_id or "") for _, kind in _OF_ENDPOINTS),
    (KeyStore, DEFAULT_ID),
    (Ssl, DEFAULT_SSL),
)


class Implied:
    """The `elements` that a configuration implies, beside those that it has."""

    def __init__(self, configuration: Configuration, place: Place) -> None:
        self.elements = tuple(kind(id=key) for kind, key in _KINDS if configuration.get(kind, key) is None)
        self._all = Configuration((*configuration.all(Element), *self.elements))
        self._place = place

    def in_use(self, element: Element) -> Mapping[str, Any]:
        """The values of attributes that are absent, by the names of their fields."""
        match element:
            case HttpEndpoint():
                ports = {"http_port": element.port(secure=False), "https_port": element.port(secure=True)}
                return {name: port for name, port in ports.items() if port >= 0} | {
                    name: own_or_default(None, kind, self._all) for name, kind in _OF_ENDPOINTS
                }
            case KeyStore(id="defaultKeyStore"):
                return {"password": Asked(f"env.{PASSWORD_VARIABLE}"), "location": self._location(element)}
            case Ssl():
                keys = element.key_store or (self._all.get(KeyStore, DEFAULT_ID) if element.id == DEFAULT_SSL else None)
                return {"key_store": keys, "trust_store": keys}
            case WebApplication():
                return {"name": element.title, "context_root": element.root or "/"}
            case SslDefault() | SslOptions():
                return {"ssl": default_tls(self._all)}
        return {}

    def _location(self, store: KeyStore) -> str:
        try:
            return store.location or str(located(store, self._place))
        except Unavailable:  # of a type that is no file
            return ""
