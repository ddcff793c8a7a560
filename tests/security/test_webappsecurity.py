"""<webAppSecurity>: names and defaults of its attributes."""

from typing import Any

from zconnect.config.schema import METADATA, camel
from zconnect.security.webappsecurity import WebAppSecurity

# reference 3.5
DEFAULTS: dict[str, Any] = {
    "allowFailOverToBasicAuth": False,
    "allowAuthenticationFailOverToAuthMethod": None,
    "overrideHttpAuthMethod": None,
    "displayAuthenticationRealm": False,
    "ssoCookieName": "LtpaToken2",
    "useOnlyCustomCookieName": False,
    "singleSignonEnabled": True,
    "ssoRequiresSSL": False,
    "httpOnlyCookies": True,
    "sameSiteCookie": "Disabled",
    "ssoUseDomainFromURL": False,
    "useAuthenticationDataForUnprotectedResource": True,
    "webAlwaysLogin": False,
    "logoutOnHttpSessionExpire": False,
    "trackLoggedOutSSOCookies": False,
    "preserveFullyQualifiedReferrerUrl": False,
    "includePathInWASReqURL": False,
    "postParamSaveMethod": "Cookie",
    "postParamCookieSize": 16384,
    "allowLogoutPageRedirectToAnyHost": False,
    "basicAuthenticationMechanismRealmName": "defaultRealm",
}
UNSET = ("ssoDomainNames", "wasReqURLRedirectDomainNames", "loginFormURL", "loginErrorURL", "logoutPageRedirectDomainNames")


def test_every_attribute_is_known_with_its_default() -> None:
    """A configuration that says nothing means the same here as there."""
    found = {
        each.metadata[METADATA].name or camel(each.name): each.default
        for each in WebAppSecurity._fields.values()
        if METADATA in each.metadata
    }
    assert {name: found[name] for name in DEFAULTS} == DEFAULTS
    assert all(found[name] == "" for name in (*UNSET, "contextRootForFormAuthenticationMechanism"))
