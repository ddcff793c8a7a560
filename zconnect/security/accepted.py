"""Elements of Liberty about tokens that are accepted, and announced with the reason why they have no effect."""

from datetime import timedelta
from typing import ClassVar

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, element


@element
class JwtConsumer(Element):
    """Tokens that Java code has judged."""

    tag: ClassVar[str] = "jwtConsumer"
    unused: ClassVar[str | None] = "it serves Java code that asks for it by its id"
    issuer: str = attr(default="", doc="The issuer that tokens must have")
    audiences: tuple[str, ...] = attr(default=(), doc="The audiences of which a token must have one")
    signature_algorithm: str = attr(default="RS256", doc="The algorithm that tokens must be signed with")
    shared_key: Password | None = attr(default=None, doc="The key for HS algorithms")
    clock_skew: timedelta = attr(default=timedelta(minutes=5), doc="How far the issuer's clock may differ")
    ssl_ref: str = attr(default="", doc="The TLS settings of connections to the issuer")
    host_name_verification_enabled: bool = attr(default=True, doc="Whether the issuer's certificate must be for its host")
    key_management_key_alias: str = attr(default="", doc="The alias of the key that opens encrypted tokens")
    use_system_properties_for_http_client_connections: bool = attr(default=False, doc="Whether proxies are those of the JVM")
    jwk_enabled: bool = attr(default=False, doc="Whether keys are fetched as JSON Web Keys")
    jwk_endpoint_url: str = attr(default="", doc="Where the issuer publishes its keys")
    trust_store_ref: str = attr(default="", doc="The key store with the certificate that verifies tokens")
    trusted_alias: str = attr(default="", doc="The alias of that certificate")


ELEMENTS: tuple[type[Element], ...] = (JwtConsumer,)
