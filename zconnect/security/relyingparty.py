"""The attributes of <openidConnectClient> by which users are logged in at a provider."""

from datetime import timedelta

from zconnect.config.schema import Element, attr, element

NO_LOGINS = "this server logs nobody in at a provider; it takes the tokens that callers bring"
_SESSION = "there are no login sessions"


@element
class RelyingParty(Element):
    """The attributes for logging users in at the provider."""

    scope: str = attr(default="openid profile", doc="The scopes that are asked for at a login", unused=NO_LOGINS)
    redirect_to_rp_host_and_port: str = attr(
        name="redirectToRPHostAndPort", default="", doc="The host and port to which the provider sends the user back", unused=NO_LOGINS
    )
    redirect_junction_path: str = attr(
        default="", doc="A path in front of that to which the provider sends the user back", unused=NO_LOGINS
    )
    is_client_side_redirect_supported: bool = attr(
        default=True, doc="Whether a script in the browser keeps what the user wanted", unused=NO_LOGINS
    )
    nonce_enabled: bool = attr(default=False, doc="Whether a login carries a nonce", unused=NO_LOGINS)
    initial_state_cache_capacity: int = attr(default=3000, doc="How many logins under way there is room for at first", unused=_SESSION)
    authorization_endpoint_url: str = attr(default="", doc="The address of the provider where users log in", unused=NO_LOGINS)
    user_info_endpoint_url: str = attr(default="", doc="The address of the provider with the data of a user", unused=NO_LOGINS)
    user_info_endpoint_enabled: bool = attr(default=False, doc="Whether that data is read after a login", unused=NO_LOGINS)
    grant_type: str = attr(default="authorization_code", doc="The OAuth grant by which a login is made", unused=NO_LOGINS)
    response_type: str = attr(default="", doc="The OAuth response type by which a login is made", unused=NO_LOGINS)
    prompt: str = attr(default="", doc="The OpenID prompt: whether the provider asks anew", unused=NO_LOGINS)
    create_session: bool = attr(default=True, doc="Whether an HTTP session is made at a login", unused=_SESSION)
    authentication_time_limit: timedelta = attr(
        default=timedelta(seconds=420), doc="How long a login at the provider may take", unused=NO_LOGINS
    )
    re_authn_on_access_token_expire: bool = attr(
        default=True, doc="Whether the user must log in anew when the access token ends", unused=NO_LOGINS
    )
    re_authn_cushion: timedelta = attr(default=timedelta(0), doc="How long before the end of the token that is", unused=NO_LOGINS)
    auth_context_class_reference: str = attr(default="", doc="The OpenID acr_values that a login asks for", unused=NO_LOGINS)
    use_access_token_as_id_token: bool = attr(default=False, doc="Whether the access token stands for the ID token", unused=NO_LOGINS)
    forward_login_parameter: tuple[str, ...] = attr(
        default=(), doc="The parameters of a request that are passed on to the provider", unused=NO_LOGINS
    )
    resource: tuple[str, ...] = attr(default=(), doc="The OAuth parameter resource that a login sends", unused=NO_LOGINS)
    pkce_code_challenge_method: str = attr(default="disabled", doc="The method of PKCE by which a login is protected", unused=NO_LOGINS)
    token_request_origin_header: str = attr(default="", doc="The Origin header of requests for tokens", unused=NO_LOGINS)
    token_order_to_fetch_caller_claims: str = attr(
        default="IDToken", doc="The tokens in which claims of the user are looked for, in order", unused=NO_LOGINS
    )
