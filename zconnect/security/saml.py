"""<samlWebSso20>: all its attributes, those of a login in the browser included, which a resource server has no use for."""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import Problem
from zconnect.messages import error, warning
from zconnect.security.authfilter import AuthFilter, flaws
from zconnect.trust.keystore import KeyStore

UNSIGNED = error(
    "ZCON0513E",
    "The SAML provider {provider} would believe assertions that nobody has signed (wantAssertionsSigned is false).",
    "Remove wantAssertionsSigned, and let the identity provider sign its assertions.",
)
GROUPS = error(
    "ZCON0514E",
    "The SAML provider {provider} would give callers who are not in the user registry its groups (mapToUserRegistry is Group).",
    "Use User, or No with groupIdentifier and bindings by access-id.",
)
NO_LOGIN = warning(
    "ZCON0515W",
    "The SAML provider {provider} has no effect, because this server logs nobody in at an identity provider.",
    'Set inboundPropagation="required" for assertions that callers bring.',
)
SHA1 = warning(
    "ZCON0516W",
    "The SAML provider {provider} is to accept signatures with SHA1, which anybody with some means can forge; they are refused.",
    "Let the identity provider sign with SHA256 or better.",
)
ANY_AUDIENCE = warning(
    "ZCON0517W",
    "The SAML provider {provider} accepts assertions for any audience, also those that were issued for other servers.",
    "Set audiences to the name that the identity provider has for this server.",
)
NO_METADATA = warning(
    "CWWKS5207W",
    "The inboundPropagation of the SAML provider {provider} is required, so idpMetadata is ignored: it trusts no certificate and no issuer "
    "for standing there.",
    "Put the certificates that sign into a pkixTrustEngine (trustAnchor or x509Certificate), and the issuer into its trustedIssuers.",
)

_LOGIN = "this server logs nobody in at an identity provider; it takes the assertions that callers bring"
_ENCRYPTED = "encrypted assertions are refused"
_SUBJECT = "an identity carries the attributes of its assertion anyway"


@element
class CertificateFile(Element):
    """A certificate that assertions may be signed with, or an authority that has issued it."""

    tag: ClassVar[str] = "x509Certificate"
    path: Location = attr(guard=True, doc="The file (PEM or DER); a relative name begins in the folder of the server")


@element
class RevocationList(Element):
    """Certificates that an authority has taken back."""

    tag: ClassVar[str] = "crl"
    path: Location = attr(guard=True, doc="The file (PEM or DER); a relative name begins in the folder of the server")


@element
class PkixTrustEngine(Element):
    """Who may sign assertions: the certificates of a key store and of files, and what the authorities among them have issued."""

    tag: ClassVar[str] = "pkixTrustEngine"

    trust_anchor: KeyStore | None = ref(
        name="trustAnchor", guard=True, doc="The key store with the certificates; without it, and without x509Certificate, the default one"
    )
    trusted_issuers: tuple[str, ...] = attr(
        default=(), guard=True, doc="The issuers that are trusted; without it, or with ALL_ISSUERS, all that those certificates vouch for"
    )
    certificates: tuple[CertificateFile, ...] = children(guard=True, doc="Certificates in files of their own")
    revocations: tuple[RevocationList, ...] = children(guard=True, doc="Lists of certificates that were taken back")


@element
class InboundAssertion(Element):
    """The attributes that decide about an assertion which a caller brings, and whom it stands for."""

    enabled: bool = attr(default=True, guard=True, doc="Whether the provider is used at all")
    inbound_propagation: Literal["none", "required"] = attr(
        default="none", guard=True, doc="required: a good assertion is the only way in; none: the provider is for logins in the browser"
    )
    auth_filter: AuthFilter | None = ref(guard=True, doc="The requests that this provider is for; without it all")
    header_name: tuple[str, ...] = attr(
        default=("Saml", "saml", "SAML"), guard=True, doc="The headers that may carry the assertion, and its schemes in Authorization"
    )
    audiences: tuple[str, ...] = attr(default=("ANY",), guard=True, doc="The audiences that this server is; ANY accepts all")
    clock_skew: timedelta = attr(default=timedelta(minutes=5), guard=True, doc="How far the identity provider's clock may differ")
    signature_method_algorithm: Literal["SHA256", "SHA384", "SHA512", "SHA1"] = attr(
        default="SHA256", guard=True, doc="The weakest hash that a signature may be made with; SHA1 counts as SHA256"
    )
    want_assertions_signed: bool = attr(default=True, guard=True, doc="Assertions must be signed; without it the server does not start")
    token_reuse: bool = attr(default=False, guard=True, doc="An assertion may be used more than once, unless it says OneTimeUse")
    pkix_trust_engines: tuple[PkixTrustEngine, ...] = children(guard=True, doc="Who may sign assertions")
    user_identifier: str = attr(default="", guard=True, doc="The attribute with the user's name; without it the NameID")
    user_unique_identifier: str = attr(default="", guard=True, doc="The attribute with the unique name; without it the user's name")
    group_identifier: str = attr(default="", guard=True, doc="The attribute with the user's groups; without it there are none")
    realm_identifier: str = attr(default="issuer", guard=True, doc="The attribute with the realm; issuer is the issuer of the assertion")
    realm_name: str = attr(default="", guard=True, doc="The realm of all users; wins over realmIdentifier")
    map_to_user_registry: Literal["No", "User", "Group"] = attr(
        default="No", guard=True, doc="User: the user must be in the registry, which gives the groups; with Group the server does not start"
    )
    disable_ltpa_cookie: bool = attr(default=True, doc="Callers get no single sign-on cookie")


@element
class BrowserLogin(Element):
    """The attributes for logins in the browser."""

    idp_metadata: str = attr(default="", doc="The file in which the identity provider describes itself; with inboundPropagation ignored")
    key_store_ref: str = attr(default="", doc="The key store with the key that opens encrypted assertions", unused=_ENCRYPTED)
    key_alias: str = attr(default="", doc="The alias of that key", unused=_ENCRYPTED)
    key_password: Password | None = attr(default=None, doc="The password of that key", unused=_ENCRYPTED)
    include_token_in_subject: bool = attr(default=True, doc="Whether the subject keeps the assertion", unused=_SUBJECT)
    allow_custom_cache_key: bool = attr(default=True, doc="Whether subjects are kept by a key of their own", unused=_SUBJECT)
    token_replay_timeout: timedelta = attr(
        default=timedelta(minutes=30), doc="How long a used assertion is remembered", unused="it is remembered until it ends"
    )
    https_required: bool = attr(default=True, doc="Whether the addresses for logins are https alone", unused=_LOGIN)
    authn_requests_signed: bool = attr(default=True, doc="Whether requests to the identity provider are signed", unused=_LOGIN)
    force_authn: bool = attr(default=False, doc="Whether the user must log in anew", unused=_LOGIN)
    is_passive: bool = attr(default=False, doc="Whether the identity provider may ask the user", unused=_LOGIN)
    allow_create: bool | None = attr(default=None, doc="Whether the identity provider may make an account", unused=_LOGIN)
    authn_context_class_ref: tuple[str, ...] = attr(default=(), doc="The ways to log in that are asked for", unused=_LOGIN)
    authn_context_comparison_type: str = attr(default="exact", doc="How those ways are compared", unused=_LOGIN)
    name_id_format: str = attr(name="nameIDFormat", default="email", doc="The format of the NameID that is asked for", unused=_LOGIN)
    customize_name_id_format: str = attr(name="customizeNameIDFormat", default="", doc="A format of one's own for it", unused=_LOGIN)
    authn_request_time: timedelta = attr(default=timedelta(minutes=10), doc="How long a login may take", unused=_LOGIN)
    create_session: bool = attr(default=True, doc="Whether an HTTP session is made at a login", unused=_LOGIN)
    re_authn_on_assertion_expire: bool = attr(default=False, doc="Whether the user must log in anew at its end", unused=_LOGIN)
    re_authn_cushion: timedelta = attr(default=timedelta(0), doc="How long before the end that is", unused=_LOGIN)
    session_not_on_or_after: timedelta = attr(default=timedelta(minutes=120), doc="How long a session lasts at most", unused=_LOGIN)
    target_page_url: str = attr(default="", doc="The page to which a login leads without a request", unused=_LOGIN)
    use_relay_state_for_target: bool = attr(default=True, doc="Whether RelayState says to which page a login leads", unused=_LOGIN)
    login_page_url: str = attr(name="loginPageURL", default="", doc="The page where users log in", unused=_LOGIN)
    error_page_url: str = attr(name="errorPageURL", default="", doc="The page after a failed login", unused=_LOGIN)
    sp_cookie_name: str = attr(default="", doc="The name of the cookie of a login", unused=_LOGIN)
    sp_host_and_port: str = attr(default="", doc="The address of this server for the identity provider", unused=_LOGIN)
    sp_logout: bool = attr(default=False, doc="Whether a logout here is one at the identity provider", unused=_LOGIN)
    post_logout_redirect_url: str = attr(default="", doc="The page to which a logout leads", unused=_LOGIN)
    disable_initial_request_cookie: bool = attr(default=False, doc="Whether a login keeps what was asked for in a cookie", unused=_LOGIN)
    servlet_request_logout_performs_saml_logout: bool = attr(
        name="servletRequestLogoutPerformsSamlLogout", default=False, doc="Whether a program's logout is one there", unused=_LOGIN
    )


@element
class SamlWebSso20(InboundAssertion, BrowserLogin):
    """Accepts SAML 2.0 assertions that a trusted identity provider has signed. It needs `pip install 'zconnect[saml]'`.

    <samlWebSso20 id="partners" inboundPropagation="required" audiences="https://catalog.example" groupIdentifier="groups">
        <pkixTrustEngine trustAnchor="identityProvider" trustedIssuers="https://idp.example"/>
    </samlWebSso20>
    <keyStore id="identityProvider" location="idp.pem"/>
    """

    tag: ClassVar[str] = "samlWebSso20"

    @property
    def in_force(self) -> bool:
        """Whether it looks at assertions."""
        return self.enabled and self.inbound_propagation == "required"

    def mistakes(self) -> Iterable[Problem]:
        """What would let callers in without proof; what has no effect; conditions of its filter that have no meaning."""
        if self.enabled and not self.in_force:
            yield self.mistake(NO_LOGIN(provider=self.id), "inboundPropagation")
        if self.in_force:
            if not self.want_assertions_signed:
                yield self.mistake(UNSIGNED(provider=self.id), "wantAssertionsSigned", stops=True)
            if self.map_to_user_registry == "Group":
                yield self.mistake(GROUPS(provider=self.id), "mapToUserRegistry", stops=True)
            if self.signature_method_algorithm == "SHA1":
                yield self.mistake(SHA1(provider=self.id), "signatureMethodAlgorithm")
            if not any(self.audiences) or "ANY" in self.audiences:
                yield self.mistake(ANY_AUDIENCE(provider=self.id), "audiences")
            if self.idp_metadata.strip():
                yield self.mistake(NO_METADATA(provider=self.id), "idpMetadata")
        if self.auth_filter:
            yield from flaws(self.auth_filter)
