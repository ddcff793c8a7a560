"""<webAppSecurity>: how callers log in when no token has done so."""

from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, element

_FORM = "there are no login forms"
_BODY = "no body is kept: after a login the browser asks by GET"


@element
class WebAppSecurity(Element):
    """How callers log in to applications and APIs.

    <webAppSecurity allowFailOverToBasicAuth="true"/>
    """

    tag: ClassVar[str] = "webAppSecurity"
    singleton: ClassVar[bool] = True

    allow_fail_over_to_basic_auth: bool = attr(
        default=False, guard=True, doc="Without a certificate that the registry knows, user and password will do"
    )
    allow_authentication_fail_over_to_auth_method: Literal["BASIC", "FORM", "APP_DEFINED"] | None = attr(
        default=None, guard=True, doc="What will do without a certificate that the registry knows; APP_DEFINED: what the application wants"
    )
    override_http_auth_method: Literal["BASIC", "FORM", "CLIENT_CERT"] | None = attr(
        default=None, guard=True, doc="How callers log in to every application, whatever the application wants"
    )
    display_authentication_realm: bool = attr(default=False, doc="Name the registry's realm in the Basic challenge")
    use_authentication_data_for_unprotected_resource: bool = attr(
        default=True, doc="Find out who calls an unprotected resource where the caller says so"
    )
    sso_cookie_name: str = attr(default="LtpaToken2", guard=True, doc="The name of the single sign-on cookie")
    use_only_custom_cookie_name: bool = attr(default=False, guard=True, doc="A cookie of the usual name is not read")
    single_signon_enabled: bool = attr(default=True, guard=True, doc="The cookie is set after a login; one that comes is read in any case")
    sso_requires_ssl: bool = attr(
        name="ssoRequiresSSL", default=False, guard=True, doc="The cookie is set over https only, and for https only"
    )
    http_only_cookies: bool = attr(default=True, guard=True, doc="Scripts of a page cannot read the cookie")
    same_site_cookie: Literal["Strict", "Lax", "None", "Disabled"] = attr(
        default="Disabled", guard=True, doc="The attribute SameSite of the cookie; None makes it Secure as well"
    )
    sso_domain_names: str = attr(default="", guard=True, doc="The domains that the cookie may be for, with | between them")
    sso_use_domain_from_url: bool = attr(
        name="ssoUseDomainFromURL",
        default=False,
        guard=True,
        doc="The cookie is for the domain that the caller named, where none is listed",
    )
    track_logged_out_sso_cookies: bool = attr(
        name="trackLoggedOutSSOCookies", default=False, guard=True, doc="A cookie whose caller has logged out is refused"
    )
    partitioned_cookie: Literal["defer", "true", "false"] = attr(
        default="defer", doc="Whether a cookie with SameSite=None gets the attribute Partitioned"
    )
    web_always_login: bool = attr(
        default=False, doc="Whether a program may log in although somebody is logged in", unused="programs do not log in here"
    )
    logout_on_http_session_expire: bool = attr(
        default=False, doc="Whether the caller is logged out when the session ends", unused="there are no sessions"
    )
    was_req_url_redirect_domain_names: str = attr(
        name="wasReqURLRedirectDomainNames",
        default="",
        guard=True,
        doc="The domains, with | between them, to which a login at a provider may lead back beside the host that the provider calls",
    )
    preserve_fully_qualified_referrer_url: bool = attr(
        default=False, doc="Whether the way back after a login keeps scheme and host", unused=_FORM
    )
    include_path_in_was_req_url: bool = attr(
        name="includePathInWASReqURL", default=False, doc="Whether the cookie with the way back is for its path only", unused=_FORM
    )
    post_param_save_method: Literal["Cookie", "Session", "None"] = attr(
        default="Cookie", doc="Where the body of a request is kept during the login", unused=_BODY
    )
    post_param_cookie_size: int = attr(default=16384, doc="How many bytes of it a cookie may hold", unused=_BODY)
    login_form_url: str = attr(name="loginFormURL", default="", doc="The login form of applications that have none", unused=_FORM)
    login_error_url: str = attr(
        name="loginErrorURL", default="", doc="The page after a failed login for applications that have none", unused=_FORM
    )
    context_root_for_form_authentication_mechanism: str = attr(default="", doc="The context root of the login form", unused=_FORM)
    allow_logout_page_redirect_to_any_host: bool = attr(default=False, doc="Whether a logout may lead to any host", unused=_FORM)
    logout_page_redirect_domain_names: str = attr(default="", doc="The domains to which a logout may lead", unused=_FORM)
    basic_authentication_mechanism_realm_name: str = attr(
        default="defaultRealm", doc="The realm in the challenge of Jakarta Security", unused="there is no Jakarta Security"
    )

    @property
    def redirect_domains(self) -> tuple[str, ...]:
        """The domains of wasReqURLRedirectDomainNames."""
        return tuple(name for each in self.was_req_url_redirect_domain_names.split("|") if (name := each.strip().lstrip(".").lower()))
