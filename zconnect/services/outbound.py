"""Elements of z/OS Connect for API requesters, which call other servers' APIs; accepted, and announced with the reason."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children

_WHY = "API requesters are not supported yet"

_Assertion = Literal["OFF", "ASSERT_SURROGATE", "ASSERT_ONLY"]


@dataclass(frozen=True, kw_only=True)
class ApiRequester(Element):
    """What holds for one API requester."""

    tag: ClassVar[str] = "apiRequester"
    name: str = attr(default="", doc="Name of the API requester", unused=_WHY)
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized", unused=_WHY)
    admin_group: tuple[str, ...] = attr(default=(), doc="Groups with the Admin level", unused=_WHY)
    operations_group: tuple[str, ...] = attr(default=(), doc="Groups with the Operations level", unused=_WHY)
    invoke_group: tuple[str, ...] = attr(default=(), doc="Groups with the Invoke level", unused=_WHY)
    reader_group: tuple[str, ...] = attr(default=(), doc="Groups with the Reader level", unused=_WHY)
    interceptors_ref: str = attr(default="", doc="Interceptors of the API requester", unused=_WHY)
    run_global_interceptors: bool | None = attr(default=None, doc="Run the global interceptors, too", unused=_WHY)
    require_auth: bool | None = attr(default=None, doc="Callers must log in", unused=_WHY)
    require_secure: bool | None = attr(default=None, doc="Plain http is refused", unused=_WHY)
    connection_ref: str = attr(default="", doc="The endpoint connection", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class ApiRequesters(Element):
    """API requesters: z/OS applications that call APIs."""

    tag: ClassVar[str] = "zosconnect_apiRequesters"
    singleton: ClassVar[bool] = True
    location: str = attr(default="", doc="Folder of the archives", unused=_WHY)
    update_trigger: Literal["polled", "mbean", "disabled"] = attr(default="polled", doc="How changed archives are noticed", unused=_WHY)
    polling_rate: timedelta | None = attr(default=None, doc="How often archives are looked at", unused=_WHY)
    id_assertion: _Assertion = attr(default="OFF", doc="Whether the asserted id is authorized", unused=_WHY)
    require_auth: bool | None = attr(default=None, doc="Callers must log in", unused=_WHY)
    require_secure: bool | None = attr(default=None, doc="Plain http is refused", unused=_WHY)
    requesters: tuple[ApiRequester, ...] = children(doc="What holds for single API requesters", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class EndpointConnection(Element):
    """Where an API is that z/OS applications call."""

    tag: ClassVar[str] = "zosconnect_endpointConnection"
    host: str = attr(default="", doc="Host, with its scheme", unused=_WHY)
    port: str = attr(default="", doc="Port", unused=_WHY)
    domain_base_path: str = attr(default="", doc="A path before all others", unused=_WHY)
    connection_timeout: timedelta | None = attr(default=None, doc="How long a connection may take", unused=_WHY)
    receive_timeout: timedelta | None = attr(default=None, doc="How long the endpoint may be silent", unused=_WHY)
    authentication_config_ref: tuple[str, ...] = attr(default=(), doc="How this server authenticates there", unused=_WHY)
    basic_auth_ref: str = attr(default="", doc="Credentials; authenticationConfigRef replaces it", unused=_WHY)
    ssl_certs_ref: str = attr(default="", doc="TLS settings", unused=_WHY)
    proxy_config_ref: str = attr(default="", doc="The proxy on the way", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class AuthData(Element):
    """Credentials for another server."""

    tag: ClassVar[str] = "zosconnect_authData"
    user: str = attr(default="", doc="User", unused=_WHY)
    password: Password | None = attr(default=None, doc="Password", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class OAuthConfig(Element):
    """How an OAuth token is got."""

    tag: ClassVar[str] = "zosconnect_oAuthConfig"
    grant_type: Literal["password", "client_credentials"] | None = attr(default=None, doc="The grant", unused=_WHY)
    auth_server_ref: str = attr(default="", doc="The authorization server", unused=_WHY)
    token_retry_check_level: int | None = attr(default=None, doc="When a call is tried again with a new token", unused=_WHY)
    scope: str = attr(default="", doc="Scopes to ask for", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class AuthorizationServer(Element):
    """A server that issues tokens."""

    tag: ClassVar[str] = "zosconnect_authorizationServer"
    token_endpoint: str = attr(default="", doc="Where tokens are got", unused=_WHY)
    basic_auth_ref: str = attr(default="", doc="Credentials there", unused=_WHY)
    ssl_certs_ref: str = attr(default="", doc="TLS settings", unused=_WHY)
    proxy_config_ref: str = attr(default="", doc="The proxy on the way", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class TokenRequest(Element):
    """How a token is asked for."""

    tag: ClassVar[str] = "tokenRequest"
    credential_location: str = attr(default="", doc="Where the credentials stand", unused=_WHY)
    header: str = attr(default="", doc="The header with the credentials", unused=_WHY)
    request_method: str = attr(default="", doc="The method", unused=_WHY)
    request_body: str = attr(default="", doc="The body, with places for the credentials", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class TokenResponse(Element):
    """Where a token stands in the answer."""

    tag: ClassVar[str] = "tokenResponse"
    token_location: str = attr(default="", doc="header or body", unused=_WHY)
    header: str = attr(default="", doc="The header with the token", unused=_WHY)
    response_format: str = attr(default="", doc="Text or JSON", unused=_WHY)
    token_path: str = attr(default="", doc="The path to the token in JSON", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class AuthToken(Element):
    """A token of any kind, got from a server."""

    tag: ClassVar[str] = "zosconnect_authToken"
    auth_server_ref: str = attr(default="", doc="The server", unused=_WHY)
    header: str = attr(default="Authorization", doc="The header that carries the token", unused=_WHY)
    use_bearer_scheme: bool = attr(default=True, doc="Write Bearer before it", unused=_WHY)
    requests: tuple[TokenRequest, ...] = children(doc="How it is asked for", unused=_WHY)
    responses: tuple[TokenResponse, ...] = children(doc="Where it stands in the answer", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class Claims(Element):
    """Claims of a token that is made here."""

    tag: ClassVar[str] = "claims"


@dataclass(frozen=True, kw_only=True)
class AuthTokenLocal(Element):
    """A token that is made here."""

    tag: ClassVar[str] = "zosconnect_authTokenLocal"
    token_generator_ref: str = attr(default="", doc="The jwtBuilder", unused=_WHY)
    header: str = attr(default="Authorization", doc="The header that carries the token", unused=_WHY)
    refresh_time: timedelta | None = attr(default=None, doc="How long before its end a token is made anew", unused=_WHY)
    claims: tuple[Claims, ...] = children(doc="Claims of the token", unused=_WHY)


@dataclass(frozen=True, kw_only=True)
class ProxyConfig(Element):
    """A proxy on the way to other servers."""

    tag: ClassVar[str] = "zosconnect_proxyConfig"
    host: str = attr(default="", doc="Host", unused=_WHY)
    port: str = attr(default="", doc="Port", unused=_WHY)
    type: str = attr(default="", doc="Kind of proxy", unused=_WHY)


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
