"""<openidConnectClient>: names and defaults of its attributes."""

from datetime import timedelta
from typing import Any

import pytest

from zconnect.config.schema import METADATA, camel
from zconnect.security.oidc import OpenidConnectClient

# The defaults that a real server reported (recorded configuration case 11-oidc-defaults); durations in milliseconds.
DEFAULTS: dict[str, Any] = {
    "accessTokenCacheEnabled": True,
    "accessTokenCacheTimeout": 300000,
    "accessTokenInLtpaCookie": False,
    "allowCustomCacheKey": True,
    "authenticationTimeLimit": 420000,
    "authnSessionDisabled": True,
    "clockSkew": 300000,
    "createSession": True,
    "disableIssChecking": False,
    "disableLtpaCookie": False,
    "discoveryPollingRate": 300000,
    "grantType": "authorization_code",
    "groupIdentifier": "groupIds",
    "hostNameVerificationEnabled": True,
    "httpsRequired": True,
    "inboundPropagation": "none",
    "includeCustomCacheKeyInSubject": True,
    "includeIdTokenInSubject": True,
    "initialStateCacheCapacity": 3000,
    "introspectionTokenTypeHint": "access_token",
    "isClientSideRedirectSupported": True,
    "jwtAccessTokenRemoteValidation": "none",
    "mapIdentityToRegistryUser": False,
    "nonceEnabled": True,
    "oidcclientRequestParameterSupported": True,
    "pkceCodeChallengeMethod": "S256",
    "reAuthnCushion": 0,
    "reAuthnOnAccessTokenExpire": True,
    "realmIdentifier": "realmName",
    "requireExpClaimForIntrospection": True,
    "requireIatClaimForIntrospection": True,
    "scope": "openid profile",
    "signatureAlgorithm": "HS256",
    "tokenEndpointAuthMethod": "post",
    "tokenEndpointAuthSigningAlgorithm": "RS256",
    "tokenOrderToFetchCallerClaims": "IDToken",
    "tokenReuse": False,
    "uniqueUserIdentifier": "uniqueSecurityName",
    "useAccessTokenAsIdToken": False,
    "useSystemPropertiesForHttpClientConnections": False,
    "userIdentityToCreateSubject": "sub",
    "userInfoEndpointEnabled": False,
    "validateAccessTokenLocally": True,
    "validationMethod": "introspect",
}
OTHERS = (
    "authFilterRef headerName issuerIdentifier audiences sharedKey clientSecret clientId trustStoreRef trustAliasName jwkEndpointUrl "
    "jwkClientId jwkClientSecret jsonWebKey userIdentifier realmName validationEndpointUrl sslRef keyManagementKeyAlias prompt resource "
    "redirectToRPHostAndPort redirectJunctionPath authorizationEndpointUrl tokenEndpointUrl userInfoEndpointUrl responseType keyAliasName "
    "authContextClassReference forwardLoginParameter tokenRequestOriginHeader discoveryEndpointUrl"
)


def attributes() -> dict[str, Any]:
    """Default by attribute name."""
    found = {}
    for each in OpenidConnectClient._fields.values():
        about = each.metadata.get(METADATA)
        if about is not None:
            suffix = "Ref" if about.form == "ref" else ""
            found[about.name or camel(each.name) + suffix] = each.default
    return found


def test_every_default_is_that_of_the_real_server() -> None:
    """A configuration that says nothing means the same here as there, but for nonce and PKCE of logins (SECURITY.md, 142)."""
    found = {name: value // timedelta(milliseconds=1) if isinstance(value, timedelta) else value for name, value in attributes().items()}
    assert {name: found.get(name) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("name", OTHERS.split())
def test_every_attribute_is_known(name: str) -> None:
    """One that has no effect is accepted with the reason, not reported as unknown."""
    assert name in attributes()


# reference 2.1.1 and 2.5, recorded case 30
@pytest.mark.parametrize(
    ("issuer", "endpoint", "issuers"),
    [
        ("https://a", "", {"https://a"}),
        ("https://a, https://b", "", {"https://a", "https://b", "https://a, https://b"}),
        (" https://a  https://b ", "", {"https://a", "https://b", "https://a  https://b"}),
        ("https://a;https://b", "", {"https://a;https://b"}),
        ("https://a,", "https://op/token", {"https://a", "https://a,"}),
        ("", "https://op/oidc/token", {"https://op/oidc"}),
        ("", "https://op", {"https://op"}),
        ("", "op", set()),
        ("", "", set()),
    ],
)
def test_trusted_issuers(issuer: str, endpoint: str, issuers: set[str]) -> None:
    """The whole text and its parts; without it, what comes before the last slash of the token endpoint."""
    assert OpenidConnectClient(issuer_identifier=issuer, token_endpoint_url=endpoint).issuers == issuers
