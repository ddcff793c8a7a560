"""<openidConnectClient>: all its attributes, those of the relying party included."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, element, ref
from zconnect.errors import Problem
from zconnect.messages import Told, error, warning
from zconnect.roles import Assembly, Offer, ResourcePart
from zconnect.security.authfilter import AuthFilter, flaws
from zconnect.security.possession import NO_PROOFS, BoundToken
from zconnect.security.relyingparty import RESERVED, WITHOUT_TLS, RelyingParty
from zconnect.security.resourcemetadata import ProtectedResource, offer
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

UNSIGNED_REFUSED = error(
    "ZCON0420E",
    "The OpenID Connect client {client} would verify no signature (signatureAlgorithm is none), so that anybody could forge its tokens.",
    'Set signatureAlgorithm to the algorithm of the provider; for a test alone, set allowUnsignedTokens="true".',
)

UNSIGNED_ACCEPTED = warning(
    "CWWKS1741W",
    "The OpenID Connect client {client} verifies no signature (signatureAlgorithm is none): anybody can forge its tokens.",
    "Set signatureAlgorithm to the algorithm of the provider.",
)
NO_AUDIENCES = warning(
    "ZCON0421W",
    "The OpenID Connect client {client} has no audiences, so it also accepts tokens that were issued for no audience at all.",
    "Set the attribute audiences to the name that the provider puts into the aud claim for this server.",
)
SHORT_SKEW = warning(
    "ZCON0422W",
    "clockSkew of the OpenID Connect client {client} is less than a second and counts as none; a number without a unit is milliseconds.",
    "Write a unit, for example 10s.",
)
ANY_AUDIENCE = warning(
    "ZCON0450W",
    "The OpenID Connect client {client} has no audiences, so it also accepts tokens that were issued for no audience at all, "
    "and tokens of which the provider says that they are for others.",
    "Set the attribute audiences to the name that the provider puts into the aud of tokens and of its answers for this server.",
)
NO_KEY_ADDRESS = error(
    "ZCON0458E",
    "jwkEndpointUrl of the OpenID Connect client {client} is {url}, which is no address, so every token is refused.",
    "Write the whole address, beginning with https.",
)
NO_HEADER = error(
    "ZCON0437E",
    "The OpenID Connect client {client} takes tokens from a header of its own alone, so that none can come as Authorization: DPoP.",
    "Leave out headerName, or set dpop to off.",
)
NOT_DESCRIBED = error(
    "CWWKS1524E",
    "The OpenID Connect client {client} got no description of its provider that it could go by from {url}: {reason}.",
    "Correct discoveryEndpointUrl (https, or httpsRequired false) or issuerIdentifier, or see whether the provider is up.",
)
_SUBJECT = "an identity carries the claims of its token anyway"

Algorithm = Literal["none", "RS256", "RS384", "RS512", "HS256", "HS384", "HS512", "ES256", "ES384", "ES512"]


@element
class InboundToken(Element):
    """The attributes that decide about a token which a caller brings."""

    inbound_propagation: Literal["none", "supported", "required"] = attr(
        default="none", guard=True, doc="required: a good token is the only way in; supported: a token is looked at; none: it is ignored"
    )
    client_id: str = attr(default="", doc="The name of this client at the provider, used in messages")
    header_name: str = attr(default="", guard=True, doc="The header that alone may carry the token; without it Authorization does")
    auth_filter: AuthFilter | None = ref(guard=True, doc="The requests that this client is for; without it, all that no other is for")
    issuer_identifier: str = attr(default="", guard=True, doc="The trusted issuer, or several with blanks or commas between them")
    disable_iss_checking: bool = attr(default=False, guard=True, doc="A token must not have an issuer at all")
    audiences: tuple[str, ...] = attr(
        default=(), guard=True, doc="The audiences that this server is; ALL_AUDIENCES accepts any; without it the URL of the server"
    )
    clock_skew: timedelta = attr(default=timedelta(minutes=5), guard=True, doc="How far the issuer's clock may differ")
    token_reuse: bool = attr(default=False, guard=True, doc="A token with a jti may be used more than once")
    signature_algorithm: Algorithm = attr(default="HS256", guard=True, doc="The one algorithm that tokens must be signed with")
    allow_unsigned_tokens: bool = attr(
        default=False, guard=True, doc="Really let signatureAlgorithm none accept tokens that anybody can forge"
    )
    shared_key: Password | None = attr(default=None, guard=True, doc="The key for HS algorithms; without it clientSecret")
    client_secret: Password | None = attr(default=None, guard=True, doc="The client's secret, and the key for HS algorithms")
    jwk_endpoint_url: str = attr(default="", guard=True, doc="Where the provider publishes its signing keys (RFC 7517)")
    jwk_client_id: str = attr(default="", doc="User of the Basic credentials for jwkEndpointUrl")
    jwk_client_secret: Password | None = attr(default=None, doc="Password of the Basic credentials for jwkEndpointUrl")
    json_web_key: str = attr(default="", guard=True, doc="A signing key or key set as JSON")
    trust_store: KeyStore | None = ref(doc="The key store with the certificate of the signer, where no JWK is configured")
    trust_alias_name: str = attr(default="", guard=True, doc="The alias of the signer's certificate in trustStoreRef")
    ssl: Ssl | None = ref(doc="TLS settings for connections to the provider")
    host_name_verification_enabled: bool = attr(default=True, guard=True, doc="The provider's certificate must be for its host")


@element
class TokenSubject(Element):
    """The attributes that decide whom a token stands for."""

    user_identifier: str = attr(default="", guard=True, doc="The claim with the user's name; wins over userIdentityToCreateSubject")
    user_identity_to_create_subject: str = attr(default="sub", guard=True, doc="The claim with the user's name")
    unique_user_identifier: str = attr(default="uniqueSecurityName", guard=True, doc="The claim with the unique name within the realm")
    group_identifier: str = attr(default="groupIds", guard=True, doc="The claim with the user's groups")
    realm_identifier: str = attr(default="realmName", guard=True, doc="The claim with the realm; without it the issuer is the realm")
    realm_name: str = attr(default="", guard=True, doc="The realm of all users; wins over realmIdentifier")
    map_identity_to_registry_user: bool = attr(
        default=False, guard=True, doc="The token gives only the name; the user must be in the registry, which gives the groups"
    )
    access_token_cache_enabled: bool = attr(default=True, doc="Whether validated tokens are remembered")
    access_token_cache_timeout: timedelta = attr(default=timedelta(minutes=5), doc="How long a validated token is remembered at most")
    authn_session_disabled: bool = attr(default=True, doc="With required, no LTPA cookie is set after a good token")
    access_token_in_ltpa_cookie: bool = attr(
        default=False, doc="With supported, the LTPA cookie is set after a good token; the token itself never is in it"
    )
    disable_ltpa_cookie: bool = attr(
        default=False, guard=True, doc="The token is looked at before the LTPA cookie; with required it is in any case"
    )
    include_id_token_in_subject: bool = attr(default=True, doc="Whether the subject keeps the token", unused=_SUBJECT)
    include_custom_cache_key_in_subject: bool = attr(
        default=True, doc="Whether the subject carries a key of its own for the cache", unused=_SUBJECT
    )
    allow_custom_cache_key: bool = attr(default=True, doc="Whether subjects are kept in the cache by a key of their own", unused=_SUBJECT)
    key_management_key_alias: str = attr(
        default="", doc="The alias of the private key, in the key store of sslRef, that opens encrypted tokens; without it they are refused"
    )
    oidcclient_request_parameter_supported: bool = attr(
        default=True, doc="Whether a parameter of the request chooses the client", unused="a caller does not choose who judges its token"
    )


@element
class RemoteValidation(Element):
    """The attributes for asking the provider about a token."""

    validation_method: Literal["introspect", "userinfo"] = attr(
        default="introspect", guard=True, doc="How the provider is asked about a token that is no JSON Web Token"
    )
    validation_endpoint_url: str = attr(default="", guard=True, doc="The address of the provider that is asked about a token")
    jwt_access_token_remote_validation: Literal["none", "allow", "require"] = attr(
        default="none",
        guard=True,
        doc="require: the provider is asked about JSON Web Tokens, too; allow: about those that are not good here; none: about neither",
    )
    introspection_token_type_hint: str = attr(
        default="access_token", doc="The kind of token that the question names", unused="the question names none; providers look everywhere"
    )
    require_exp_claim_for_introspection: bool = attr(default=True, guard=True, doc="The answer must say when the token ends")
    require_iat_claim_for_introspection: bool = attr(default=True, guard=True, doc="The answer must say when the token was issued")
    https_required: bool = attr(default=True, guard=True, doc="The provider is asked by https only")
    validate_access_token_locally: bool = attr(
        default=True, doc="Whether tokens are validated here", unused="Liberty does not read it, either"
    )
    use_system_properties_for_http_client_connections: bool = attr(
        default=False, doc="Whether proxy settings come from the properties of the JVM", unused="there is no JVM"
    )
    discovery_endpoint_url: str = attr(
        default="", guard=True, doc="The address at which the provider describes itself; what it says goes before what is written here"
    )
    discovery_polling_rate: timedelta = attr(default=timedelta(minutes=5), doc="How often the provider's description of itself is read")


@element
class OpenidConnectClient(InboundToken, BoundToken, ProtectedResource, TokenSubject, RemoteValidation, RelyingParty, ResourcePart):
    """Accepts access tokens that a trusted issuer signed, and logs users in at the provider who bring none.

    <openidConnectClient id="tokens" inboundPropagation="required" signatureAlgorithm="RS256"
                         jwkEndpointUrl="https://issuer.example/certs" issuerIdentifier="https://issuer.example"
                         audiences="catalog" groupIdentifier="groups" authFilterRef="withToken"/>
    <authFilter id="withToken">
        <requestHeader name="Authorization" value="Bearer"/>
    </authFilter>
    """

    tag: ClassVar[str] = "openidConnectClient"

    def mistakes(self) -> Iterable[Problem]:
        """Tokens that anybody could forge, or that were meant for others; conditions of its filter that have no meaning."""
        if self.signature_algorithm == "none" and self.judges_tokens:
            message = UNSIGNED_ACCEPTED if self.allow_unsigned_tokens else UNSIGNED_REFUSED
            yield self._about("signatureAlgorithm", message(client=self.name), stops=not self.allow_unsigned_tokens)
        if self.inbound_propagation != "none":
            if not any(audience.strip() for audience in self.audiences):
                message = ANY_AUDIENCE if self.validation_endpoint_url.strip() else NO_AUDIENCES
                yield self._about("audiences", message(client=self.name))
            if self.takes_proofs and self.header_name.strip():
                yield self._about("headerName", NO_HEADER(client=self.name), stops=True)
            if self.dpop_nonce_age and not self.takes_proofs:
                yield self._about("dpopNonceAge", NO_PROOFS(client=self.name))
            if self.asks_by_http:
                yield self._about("validationEndpointUrl", WITHOUT_TLS(client=self.name, url=self.validation_endpoint_url))
            if self.jwk_endpoint_url.strip() and not self.has_key_address:
                yield self._about("jwkEndpointUrl", NO_KEY_ADDRESS(client=self.name, url=self.jwk_endpoint_url))
            if self.discovers_by_http:
                told = NOT_DESCRIBED(client=self.name, url=self.discovery_endpoint_url, reason="it is not asked without TLS")
                yield self._about("discoveryEndpointUrl", told)
            if timedelta(0) < self.clock_skew < timedelta(seconds=1):
                yield self._about("clockSkew", SHORT_SKEW(client=self.name))
        if self.authorization_endpoint_url.strip() and self.inbound_propagation != "required":
            yield from (self._about(name, told) for name, told in self.hindrances(self))
        if self.reserved:
            yield self._about("forwardLoginParameter", RESERVED(client=self.name, names=self.reserved))
        if self.auth_filter:
            yield from flaws(self.auth_filter)

    async def open(self, assembly: Assembly) -> tuple[Offer, ...]:
        """The description of what it guards, where it is named; clients that guard the same have one description."""
        every = assembly.configuration.all(OpenidConnectClient)
        guards = [each for each in every if each.protected_resource == self.protected_resource and each.inbound_propagation != "none"]
        if not self.protected_resource or self not in guards[:1]:
            return ()
        asked = any(each.client_authentication or each.client_authentication_supported for each in assembly.configuration.all(Ssl))
        return (offer(self, guards, certificates=asked or self.certificate_bound_tokens == "required"),)

    def _about(self, name: str, told: Told, *, stops: bool = False) -> Problem:
        held = self.given.get(name.lower())
        return Problem(told, held.where if held else self.where, f"@{name}", stops=stops)

    @property
    def issuers(self) -> frozenset[str]:
        """The trusted issuers: the whole of issuerIdentifier and its parts; else what tokenEndpointUrl implies."""
        return self._issuers(self.token_endpoint_url)

    @property
    def authorization_servers(self) -> tuple[str, ...]:
        """The parts of issuerIdentifier."""
        return tuple(filter(None, re.split(r"[\s,]+", self.issuer_identifier)))

    @property
    def remote_issuers(self) -> frozenset[str]:
        """The issuers that the provider may name when it is asked; without issuerIdentifier what validationEndpointUrl implies."""
        return self._issuers(self.validation_endpoint_url)

    def _issuers(self, address: str) -> frozenset[str]:
        whole = self.issuer_identifier.strip()
        if whole:
            return frozenset({whole, *self.authorization_servers})
        base, slash, _ = address.strip().rpartition("/")
        implied = address.strip() if base.endswith("/") else base
        return frozenset({implied} if slash and implied else ())

    @property
    def has_key_address(self) -> bool:
        """Whether jwkEndpointUrl is an address."""
        return self.jwk_endpoint_url.strip().lower().startswith(("https://", "http://"))

    @property
    def discovers_by_http(self) -> bool:
        """Whether the provider's description would be fetched without TLS though httpsRequired forbids it."""
        return self.https_required and self.discovery_endpoint_url.strip().lower().startswith("http:")

    @property
    def token_header(self) -> bytes:
        """The header that carries the token, in lower case."""
        return self.header_name.strip().lower().encode("latin-1", "xmlcharrefreplace") or b"authorization"

    @property
    def asks_by_http(self) -> bool:
        """Whether the provider would be asked without TLS though httpsRequired forbids it."""
        return self.https_required and self.validation_endpoint_url.strip().lower().startswith("http:")

    @property
    def user_claim(self) -> str:
        """The claim with the user's name."""
        return self.user_identifier.strip() or self.user_identity_to_create_subject.strip() or "sub"

    @property
    def before_cookie(self) -> bool:
        """Whether the token is looked at before the LTPA cookie, which then does not count."""
        return self.inbound_propagation == "required" or self.disable_ltpa_cookie

    @property
    def sends_to_login(self) -> bool:
        """Whether callers without a good token are sent to the provider, as far as is known before it has described itself."""
        urls = self.authorization_endpoint_url, self.discovery_endpoint_url
        return self.inbound_propagation != "required" and any(map(str.strip, urls))

    @property
    def judges_tokens(self) -> bool:
        """Whether there are tokens to judge: those of callers, or ID tokens."""
        return self.inbound_propagation != "none" or self.sends_to_login

    @property
    def gives_cookie(self) -> bool:
        """Whether a good token gets its caller an LTPA cookie."""
        match self.inbound_propagation:
            case "required":
                return not self.authn_session_disabled
            case "supported":
                return self.access_token_in_ltpa_cookie
        return False

    @property
    def name(self) -> str:
        """What the client is called in messages."""
        return self.client_id.strip() or self.id
