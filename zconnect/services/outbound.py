"""Elements of z/OS Connect for API requesters, which call other servers' APIs; accepted, and announced with the reason."""

from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element
from zconnect.services.accepted import Archived, Archives

_WHY = "API requesters are not supported yet"

_Assertion = Literal["OFF", "ASSERT_SURROGATE", "ASSERT_ONLY"]


@element
class ApiRequester(Archived):
    """What holds for one API requester."""

    tag: ClassVar[str] = "apiRequester"
    unused: ClassVar[str | None] = _WHY
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized")
    connection_ref: str = attr(default="", doc="The connection by which the API is called")


@element
class ApiRequesters(Archives):
    """API requesters: z/OS applications that call APIs."""

    tag: ClassVar[str] = "zosconnect_apiRequesters"
    singleton: ClassVar[bool] = True
    unused: ClassVar[str | None] = _WHY
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized")
    require_auth: bool | None = attr(default=None, doc="Whether callers must log in")
    require_secure: bool | None = attr(default=None, doc="Whether plain http is refused")
    requesters: tuple[ApiRequester, ...] = children(doc="What holds for single API requesters")


@element
class EndpointConnection(Element):
    """Where an API is that z/OS applications call."""

    tag: ClassVar[str] = "zosconnect_endpointConnection"
    unused: ClassVar[str | None] = _WHY
    host: str = attr(default="", doc="The host of the API, with its scheme")
    port: str = attr(default="", doc="The port of the API")
    domain_base_path: str = attr(default="", doc="A path in front of all others")
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take")
    receive_timeout: timedelta | None = attr(default=None, doc="How long the endpoint may be silent")
    authentication_config_ref: tuple[str, ...] = attr(default=(), doc="How this server authenticates there")
    basic_auth_ref: str = attr(default="", doc="Credentials; authenticationConfigRef replaces it")
    ssl_certs_ref: str = attr(default="", doc="The TLS settings of the connection")
    proxy_config_ref: str = attr(default="", doc="The proxy on the way to the API")


@element
class AuthData(Element):
    """Credentials for another server."""

    tag: ClassVar[str] = "zosconnect_authData"
    unused: ClassVar[str | None] = _WHY
    user: str = attr(default="", doc="The user that the other server knows")
    password: Password | None = attr(default=None, doc="The password of that user")


@element
class OAuthConfig(Element):
    """How an OAuth token is got."""

    tag: ClassVar[str] = "zosconnect_oAuthConfig"
    unused: ClassVar[str | None] = _WHY
    grant_type: Literal["password", "client_credentials"] | None = attr(default=None, doc="The OAuth grant by which tokens are got")
    auth_server_ref: str = attr(default="", doc="The authorization server that issues them")
    token_retry_check_level: int | None = attr(default=None, doc="When a call is tried again with a new token")
    scope: str = attr(default="", doc="The scopes that are asked for")


@element
class AuthorizationServer(Element):
    """A server that issues tokens."""

    tag: ClassVar[str] = "zosconnect_authorizationServer"
    unused: ClassVar[str | None] = _WHY
    token_endpoint: str = attr(default="", doc="The address at which tokens are got")
    basic_auth_ref: str = attr(default="", doc="The user and password for it")
    ssl_certs_ref: str = attr(default="", doc="The TLS settings of the connection")
    proxy_config_ref: str = attr(default="", doc="The proxy on the way to it")


@element
class TokenRequest(Element):
    """How a token is asked for."""

    tag: ClassVar[str] = "tokenRequest"
    unused: ClassVar[str | None] = _WHY
    credential_location: str = attr(default="", doc="Whether the credentials stand in a header or in the body")
    header: str = attr(default="", doc="The header with the credentials")
    request_method: str = attr(default="", doc="The HTTP method of the request")
    request_body: str = attr(default="", doc="The body, with places for the credentials")


@element
class TokenResponse(Element):
    """Where a token stands in the answer."""

    tag: ClassVar[str] = "tokenResponse"
    unused: ClassVar[str | None] = _WHY
    token_location: str = attr(default="", doc="Whether the token stands in a header or in the body")
    header: str = attr(default="", doc="The name of the header with the token")
    response_format: str = attr(default="", doc="Whether the body is text or JSON")
    token_path: str = attr(default="", doc="The path to the token in JSON")


@element
class AuthToken(Element):
    """A token of any kind, got from a server."""

    tag: ClassVar[str] = "zosconnect_authToken"
    unused: ClassVar[str | None] = _WHY
    auth_server_ref: str = attr(default="", doc="The server that issues the token")
    header: str = attr(default="Authorization", doc="The header that carries the token")
    use_bearer_scheme: bool = attr(default=True, doc="Whether the word Bearer stands before the token")
    requests: tuple[TokenRequest, ...] = children(doc="How the token is asked for")
    responses: tuple[TokenResponse, ...] = children(doc="Where it stands in the answer")


@element
class Claims(Element):
    """Claims of a token that is made here."""

    tag: ClassVar[str] = "claims"
    unused: ClassVar[str | None] = _WHY


@element
class AuthTokenLocal(Element):
    """A token that is made here."""

    tag: ClassVar[str] = "zosconnect_authTokenLocal"
    unused: ClassVar[str | None] = _WHY
    token_generator_ref: str = attr(default="", doc="The jwtBuilder that makes the token")
    header: str = attr(default="Authorization", doc="The header that carries the token")
    refresh_time: timedelta | None = attr(default=None, doc="How long before its end a token is made anew")
    claims: tuple[Claims, ...] = children(doc="The claims that the token gets")


@element
class ProxyConfig(Element):
    """A proxy on the way to other servers."""

    tag: ClassVar[str] = "zosconnect_proxyConfig"
    unused: ClassVar[str | None] = _WHY
    host: str = attr(default="", doc="The host of the proxy")
    port: str = attr(default="", doc="The port of the proxy")
    type: str = attr(default="", doc="The kind of the proxy, such as HTTP")


ELEMENTS: tuple[type[Element], ...] = (
    ApiRequesters,
    EndpointConnection,
    AuthData,
    OAuthConfig,
    AuthorizationServer,
    AuthToken,
    AuthTokenLocal,
    ProxyConfig,
)
