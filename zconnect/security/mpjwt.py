"""<mpJwt>: tokens of MicroProfile JWT, by the settings of a bearer client that they come to."""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Final, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, element, ref
from zconnect.errors import Problem
from zconnect.messages import error, warning
from zconnect.security.authfilter import AuthFilter, flaws
from zconnect.security.oidc import OpenidConnectClient
from zconnect.trust.keystore import KeyStore
from zconnect.trust.tls import Ssl

NO_AUDIENCES = warning(
    "ZCON0545W",
    "The mpJwt {id} has no audiences, so it accepts tokens for no audience and for the address of this server, and no others.",
    "Set the attribute audiences to what the issuer puts into the aud claim for this server; ALL_AUDIENCES accepts any.",
)
NO_ISSUER = error(
    "ZCON0546E",
    "The mpJwt {id} has no issuer, so it accepts no token; the properties of MicroProfile Config are not read.",
    "Set the attribute issuer to the iss claim of the tokens.",
)

NO_KEY = error(
    "ZCON0549E",
    "The mpJwt {id} has nothing that verifies {algorithm}, so it accepts no token.",
    "Set jwksUri, or keyName to an alias in the trust store of sslRef; for HS algorithms set sharedKey.",
)
TOO_MANY = error(
    "CWWKS5521E",
    "Too many MicroProfile JWT services [{ids}] are qualified to handle the request, so that none does.",
    "Give each mpJwt a filter (authFilterRef), and let no two accept the same requests.",
)

MP_JWT: Final = "MP-JWT"  # the auth-method of applications that want such tokens

_EVERY_ISSUER = "ALL_ISSUERS"


def _named(text: str) -> None:
    if _EVERY_ISSUER in (each.strip() for each in text.split(",")):
        raise ValueError(f"{_EVERY_ISSUER} would trust whoever the token names; name the issuers")


def _address(text: str) -> None:
    if text and not text.lower().startswith(("https://", "http://")):
        raise ValueError("it is no address; write the whole of it, beginning with https")


def _name(text: str) -> None:
    if not text.strip():
        raise ValueError("a name must be written")


@element
class MpJwt(Element):
    """Judges the tokens of callers as MicroProfile JWT wants it: before cookies and all other ways to log in but interceptors.

    <mpJwt id="tokens" issuer="https://issuer.example" jwksUri="https://issuer.example/certs" audiences="catalog" authFilterRef="api"/>
    <authFilter id="api">
        <requestUrl urlPattern="/api"/>
    </authFilter>
    """

    tag: ClassVar[str] = "mpJwt"
    issuer: str = attr(
        default="", guard=True, check=_named, doc="The trusted issuer, or several with commas between them; without it no token is good"
    )
    audiences: tuple[str, ...] = attr(
        default=(), guard=True, doc="The audiences that this server is; ALL_AUDIENCES accepts any; without it the URL of the server"
    )
    jwks_uri: str = attr(default="", guard=True, check=_address, doc="Where the issuer publishes its signing keys (RFC 7517)")
    key_name: str = attr(
        default="", guard=True, doc="Without jwksUri: the alias of the signer's certificate in the trust store of the TLS settings"
    )
    signature_algorithm: Literal["RS256", "RS384", "RS512", "HS256", "HS384", "HS512", "ES256", "ES384", "ES512"] = attr(
        default="RS256", guard=True, doc="The one algorithm that tokens must be signed with"
    )
    allowed_signature_algorithms: tuple[str, ...] = attr(
        default=("RS256",), doc="The algorithms among which a token may choose", unused="a token does not choose: signatureAlgorithm is one"
    )
    shared_key: Password | None = attr(default=None, guard=True, doc="The key for HS algorithms")
    clock_skew: timedelta = attr(default=timedelta(minutes=5), guard=True, doc="How far the issuer's clock may differ")
    token_age: timedelta = attr(default=timedelta(0), guard=True, doc="How long ago a token may have been issued (iat); 0 is no limit")
    token_reuse: bool = attr(default=True, guard=True, doc="A token with a jti may be used more than once")
    ssl: Ssl | None = ref(doc="TLS settings for connections to the issuer, with the key stores of keyName and keyManagementKeyAlias")
    host_name_verification_enabled: bool = attr(default=True, guard=True, doc="The issuer's certificate must be for its host")
    use_system_properties_for_http_client_connections: bool = attr(
        default=False, doc="Whether proxy settings come from the properties of the JVM", unused="there is no JVM"
    )
    key_management_key_alias: str = attr(
        default="", doc="The alias of the private key, in the key store of sslRef, that opens encrypted tokens; without it they are refused"
    )
    key_management_key_algorithm: str = attr(
        default="", doc="The algorithm by which the key of an encrypted token is encrypted", unused="RSA-OAEP and RSA-OAEP-256 are accepted"
    )
    auth_filter: AuthFilter | None = ref(guard=True, doc="The requests that it is for; without it, all that no other mpJwt is for")
    ignore_application_auth_method: bool = attr(
        default=True, guard=True, doc="It is for all resources; false: for applications alone whose web.xml has the auth-method MP-JWT"
    )
    token_header: Literal["Authorization", "Cookie"] = attr(default="Authorization", guard=True, doc="The header that carries the token")
    cookie_name: str = attr(default="Bearer", guard=True, check=_name, doc="The cookie that is the token, where tokenHeader is Cookie")
    authorization_header_scheme: str = attr(default="Bearer ", guard=True, doc="What stands before the token in Authorization")
    user_name_attribute: str = attr(default="upn", guard=True, check=_name, doc="The claim with the user's name")
    group_name_attribute: str = attr(default="groups", guard=True, check=_name, doc="The claim with the user's groups")
    map_to_user_registry: bool = attr(
        default=False, guard=True, doc="The token gives only the name; the user must be in the registry, which gives the groups"
    )

    def mistakes(self) -> Iterable[Problem]:
        """No audiences, no issuer, no key, conditions of its filter that have no meaning."""
        if not any(audience.strip() for audience in self.audiences):
            yield self.mistake(NO_AUDIENCES(id=self.id), "audiences")
        if not self._has("issuer"):
            yield self.mistake(NO_ISSUER(id=self.id), "issuer")
        if not any(map(self._has, ("sharedKey",) if self.signature_algorithm.startswith("HS") else ("jwksUri", "keyName"))):
            yield self.mistake(NO_KEY(id=self.id, algorithm=self.signature_algorithm))
        if self.auth_filter:
            yield from flaws(self.auth_filter)

    def _has(self, name: str) -> bool:
        """Whether a text was written, also one that is no good and is told already."""
        held = self.given.get(name.lower())
        return held is not None and bool(str(held.value).strip())

    def client(self, trust_store: KeyStore | None) -> OpenidConnectClient:
        """What the judge of bearer tokens reads; `trust_store` is where the certificate of keyName is."""
        return OpenidConnectClient(
            id=self.id,
            client_id=f"{self.tag}[{self.id}]",
            inbound_propagation="required",
            issuer_identifier=self.issuer,
            audiences=self.audiences,
            jwk_endpoint_url=self.jwks_uri,
            trust_store=trust_store,
            trust_alias_name=self.key_name,
            signature_algorithm=self.signature_algorithm,
            shared_key=self.shared_key,
            clock_skew=self.clock_skew,
            token_reuse=self.token_reuse,
            ssl=self.ssl,
            host_name_verification_enabled=self.host_name_verification_enabled,
            key_management_key_alias=self.key_management_key_alias,
            user_identifier=self.user_name_attribute,
            unique_user_identifier=self.user_name_attribute,
            group_identifier=self.group_name_attribute,
            realm_identifier="realm",
            map_identity_to_registry_user=self.map_to_user_registry,
        )
