"""Which realms callers may have whom other servers vouch for, as far as the configuration alone shows it."""

from collections.abc import Iterator

from zconnect.config.configuration import Configuration
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.saml import SamlWebSso20


def known_realms(configuration: Configuration) -> frozenset[str]:
    """Issuers that are trusted, and what `realmName` says instead of them; a realm that a claim names is not among them."""
    return frozenset(each for each in _realms(configuration) if each)


def _realms(configuration: Configuration) -> Iterator[str]:
    for client in configuration.all(OpenidConnectClient):
        yield client.realm_name.strip()
        yield from client.issuers | client.remote_issuers
    for provider in configuration.all(SamlWebSso20):
        yield provider.realm_name.strip()
        yield from (issuer.strip() for each in provider.pkix_trust_engines for issuer in each.trusted_issuers)
