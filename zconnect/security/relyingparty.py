"""The attributes of <openidConnectClient> by which users are logged in at a provider, and what keeps a client from doing it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal, Protocol

from zconnect.config.schema import Element, attr, element
from zconnect.messages import Told, error, warning

NO_LOGIN = error(
    "CWWKS1534E",
    "The OpenID Connect client {client} requires a login at the provider, but authorizationEndpointUrl is not set.",
    "Set inboundPropagation to required, or send a good access token.",
)
NOT_LOGGING_IN = error(
    "ZCON0460E",
    "The OpenID Connect client {client} logs nobody in at the provider, because {reason}; without a token callers are refused.",
    "Correct the attribute, or set inboundPropagation to required.",
)
NO_OPENID = error(
    "CWWKS1713E",
    "The OpenID Connect client {client} logs nobody in at the provider, because its scope, {scope}, is without openid.",
    "Add openid to the attribute scope.",
)
WITHOUT_TLS = error(
    "CWWKS1703E",
    "The OpenID Connect client {client} does not use {url}, because httpsRequired is true, and refuses whatever needs it.",
    "Use https; for a provider on the same machine set httpsRequired to false.",
)
RESERVED = warning(
    "CWWKS1783W",
    "The OpenID Connect client {client} does not pass on {names} of forwardLoginParameter, because a login sets these parameters itself.",
    "Take them out of the list.",
)

_SESSION = "there are no login sessions beside the single sign-on cookie, which ends as ltpa says"
_ID_TOKEN = "who the user is comes from the ID token alone"
_KEYS = "a client shows who it is by its secret"
_OF_REQUEST = "scope response_type client_id redirect_uri state nonce acr_values prompt resource"
_SENT = frozenset(f"{_OF_REQUEST} code_challenge code_challenge_method response_mode request request_uri".split())
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")


def _check_origin(text: str) -> None:
    if text.strip() and not _ORIGIN.fullmatch(text.strip()):
        raise ValueError("it is not of the form https://host:port")


@element
class OidcClientWebapp(Element):
    """The path below which providers send users back: CONTEXTPATH/redirect/ID, with the id of the openidConnectClient.

    <oidcClientWebapp contextPath="/login"/>
    <openidConnectClient id="shop" clientId="shop" clientSecret="{xor}PjM2PDpyLDo8LTor" signatureAlgorithm="RS256"
                         authorizationEndpointUrl="https://issuer.example/authorize" tokenEndpointUrl="https://issuer.example/token"
                         jwkEndpointUrl="https://issuer.example/certs" issuerIdentifier="https://issuer.example"/>
    """

    tag: ClassVar[str] = "oidcClientWebapp"
    singleton: ClassVar[bool] = True

    context_path: str = attr(default="/oidcclient", guard=True, doc="The beginning of the path")

    @property
    def path(self) -> str:
        """That with one slash before it and none behind."""
        return f"/{self.context_path.strip().strip('/')}"


class Rest(Protocol):
    """What else of a client decides whether it can log users in (`oidc.OpenidConnectClient`)."""

    @property
    def name(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def https_required(self) -> bool: ...
    @property
    def disable_ltpa_cookie(self) -> bool: ...


@element
class RelyingParty(Element):
    """The attributes for logging users in at the provider."""

    authorization_endpoint_url: str = attr(
        default="", guard=True, doc="The address of the provider where users log in; callers without a token are sent there"
    )
    token_endpoint_url: str = attr(
        default="",
        guard=True,
        doc="The address of the provider for codes of logins; without issuerIdentifier, all of it before the last slash is the issuer",
    )
    token_endpoint_auth_method: Literal["basic", "post", "private_key_jwt"] = attr(
        default="post",
        doc="How clientId and clientSecret reach the provider: in Authorization or in the form; private_key_jwt: not at all",
    )
    token_endpoint_auth_signing_algorithm: str = attr(
        default="RS256", doc="The algorithm of the signature for private_key_jwt", unused=_KEYS
    )
    key_alias_name: str = attr(default="", doc="The alias of the key for private_key_jwt", unused=_KEYS)
    scope: str = attr(default="openid profile", doc="The scopes that are asked for at a login; openid must be among them")
    redirect_to_rp_host_and_port: str = attr(
        name="redirectToRPHostAndPort",
        default="",
        guard=True,
        check=_check_origin,
        doc="Scheme, host and port to which the provider sends the user back; without it those that the user has asked, by https",
    )
    redirect_junction_path: str = attr(default="", doc="A path in front of that to which the provider sends the user back")
    is_client_side_redirect_supported: bool = attr(
        default=True, doc="A script in the browser leads to the provider, so that the part of the address behind # is kept; false: 302"
    )
    nonce_enabled: bool = attr(default=True, guard=True, doc="A login carries a nonce, which the ID token must repeat")
    pkce_code_challenge_method: Literal["disabled", "plain", "S256"] = attr(
        default="S256", guard=True, doc="Whether the code of a login is bound to it (RFC 7636); plain counts as S256"
    )
    authentication_time_limit: timedelta = attr(default=timedelta(seconds=420), guard=True, doc="How long a login at the provider may take")
    grant_type: str = attr(default="authorization_code", doc="The OAuth grant by which a login is made; with another one there is none")
    response_type: str = attr(default="", doc="The OAuth response type by which a login is made; with any but code there is none")
    prompt: str = attr(default="", doc="The OpenID prompt: whether the provider asks anew")
    auth_context_class_reference: str = attr(
        default="", doc="The OpenID acr_values that a login asks for; without it those of the request, if it has that parameter"
    )
    forward_login_parameter: tuple[str, ...] = attr(default=(), doc="The parameters of a request that are passed on to the provider")
    resource: tuple[str, ...] = attr(default=(), doc="The OAuth parameter resource that a login sends")
    token_request_origin_header: str = attr(default="", doc="The header Origin of requests for tokens")
    initial_state_cache_capacity: int = attr(
        default=3000, doc="How many logins under way there is room for at first", unused="browsers keep the state of their logins"
    )
    create_session: bool = attr(default=True, doc="Whether an HTTP session is made at a login", unused=_SESSION)
    re_authn_on_access_token_expire: bool = attr(
        default=True, doc="Whether the user must log in anew when the access token ends", unused=_SESSION
    )
    re_authn_cushion: timedelta = attr(default=timedelta(0), doc="How long before the end of the token that is", unused=_SESSION)
    user_info_endpoint_url: str = attr(default="", doc="The address of the provider with the data of a user", unused=_ID_TOKEN)
    user_info_endpoint_enabled: bool = attr(default=False, doc="Whether that data is read after a login", unused=_ID_TOKEN)
    use_access_token_as_id_token: bool = attr(default=False, doc="Whether the access token stands for the ID token", unused=_ID_TOKEN)
    token_order_to_fetch_caller_claims: str = attr(
        default="IDToken", doc="The tokens in which claims of the user are looked for, in order", unused=_ID_TOKEN
    )

    @property
    def forwarded(self) -> tuple[str, ...]:
        """The parameters that are passed on to the provider."""
        return tuple(name for each in self.forward_login_parameter if (name := each.strip()) and name not in _SENT)

    @property
    def reserved(self) -> str:
        """Those that are not, with commas between them."""
        return ", ".join(name for each in self.forward_login_parameter if (name := each.strip()) in _SENT)

    def hindrances(self, rest: Rest) -> Iterator[tuple[str, Told]]:
        """Why the client logs nobody in all the same: attributes, and what is wrong with them."""
        for name, applies, reason in (
            ("clientId", not rest.client_id.strip(), "it has no clientId"),
            ("tokenEndpointUrl", not self.token_endpoint_url.strip(), "it has no tokenEndpointUrl"),
            ("disableLtpaCookie", rest.disable_ltpa_cookie, "nobody would be known again afterwards (disableLtpaCookie)"),
            ("grantType", self.grant_type.strip() != "authorization_code", "grantType is not authorization_code, the only safe one"),
            ("responseType", self.response_type.strip() not in {"", "code"}, "responseType is not code, the only safe one"),
            ("tokenEndpointAuthMethod", self.token_endpoint_auth_method == "private_key_jwt", "private_key_jwt is not known here"),
        ):
            if applies:
                yield name, NOT_LOGGING_IN(client=rest.name, reason=reason)
        if "openid" not in self.scope.split():
            yield "scope", NO_OPENID(client=rest.name, scope=self.scope)
        for name, url in (
            ("authorizationEndpointUrl", self.authorization_endpoint_url.strip()),
            ("tokenEndpointUrl", self.token_endpoint_url.strip()),
            ("redirectToRPHostAndPort", self.redirect_to_rp_host_and_port.strip()),
        ):
            if rest.https_required and url and not url.lower().startswith("https:"):
                yield name, WITHOUT_TLS(client=rest.name, url=url)
