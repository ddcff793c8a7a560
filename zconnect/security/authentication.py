"""In which order the ways to log in act, and what a caller is told when none succeeds."""

from logging import getLogger

from zconnect.errors import Refused
from zconnect.messages import error, warning
from zconnect.roles import Assembly, Login, Protection, UserRegistry
from zconnect.security.authcache import open_login_cache
from zconnect.security.authorization import forbidden
from zconnect.security.basic import Basic, open_basic
from zconnect.security.certificate import ClientCertificate
from zconnect.security.clients import Clients, TokenClient, open_clients
from zconnect.security.nobody import DEFAULT_REALM
from zconnect.security.registry import active_registry
from zconnect.security.signon import NOTHING, Presented, SignOn, open_sign_on
from zconnect.security.ssocookie import Fields
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Admitted, Identity, Request

logger = getLogger(__name__)

NO_FORM = warning(
    "ZCON0415W",
    "{application} wants callers to log in with a form, which this server does not have; without a token nobody gets in.",
    "Use the login method BASIC or CLIENT-CERT, or set overrideHttpAuthMethod of webAppSecurity.",
)
NOT_AUTHENTICATED = error(
    "ZCON0416E",
    "The caller did not log in: there is no client certificate that the user registry {realm} knows.",
    "Use such a certificate, or allow user and password with allowFailOverToBasicAuth of webAppSecurity.",
)


class Logins:
    """The ways to log in that one protection offers, in Liberty's order.

    A token where it is required, the single sign-on cookie, a token where it is supported, a certificate, user and password.
    """

    def __init__(
        self,
        application: str,
        clients: Clients,
        certificate: ClientCertificate | None,
        basic: Basic | None,
        realm: str,
        registry: UserRegistry,
        sign_on: SignOn | None,
    ) -> None:
        self._application = application
        self._clients = clients
        self._certificate = certificate
        self._basic = basic
        self._realm = realm
        self._registry = registry
        self._sign_on = sign_on

    def recall(self, request: Request) -> Identity | None:
        """The caller, if the token of the request was judged before; costs a look into a table."""
        return self._clients.recall(request, self._application)

    async def login(self, request: Request) -> tuple[Identity, Fields]:
        """The caller, and what the answer must carry for it; raises `Refused` where no way to log in succeeds."""
        presented, client = await self._by_cookie(request)
        if presented.identity is not None:
            return presented.identity, ()
        try:
            identity, fields = await self._otherwise(client, request)
            if identity is None:
                raise self._challenge()
        except Refused as refusal:
            raise presented.added(refusal) from None  # as its own cause it would be garbage, walk and all
        return identity, presented.fields + fields

    def volunteers(self, request: Request) -> bool:
        """Whether a request to an unprotected resource carries credentials all the same."""
        scheme = (request.headers.get(b"authorization") or b"")[:7].lower()
        if scheme == b"bearer " or scheme[:6] == b"basic " or (self._certificate and request.peer.certificates):
            return True
        if scheme[:5] == b"dpop " and self._clients.take_proofs:
            return True
        return self._sign_on is not None and self._sign_on.carried(request)

    async def volunteer(self, request: Request) -> Admitted:
        """The caller of an unprotected resource; raises `Refused` on a bad token, while a bad password or cookie is nobody."""
        identity = self.recall(request)
        if identity is not None:
            return identity, ()
        presented, client = await self._by_cookie(request)
        if presented.identity is not None:
            return presented.identity, ()
        try:
            identity, fields = await self._otherwise(client, request)
        except Refused as refusal:
            raise presented.added(refusal) from None
        return identity, presented.fields + fields

    async def _by_cookie(self, request: Request) -> tuple[Presented, TokenClient | None]:
        """What the cookies come to, and the client in charge of tokens; where it goes before them they are not looked at."""
        client = self._clients.in_charge(request, self._application)
        if self._sign_on is None or (client is not None and client.before_cookie):
            return NOTHING, client
        return await self._sign_on.identify(request, self._application), client

    async def _otherwise(self, client: TokenClient | None, request: Request) -> Admitted:
        """Whom the first way behind the cookie finds that has a good credential; raises `Refused` on a bad token."""
        if client is not None:
            identity = await client.identify(request)
            # A cookie needs no proof, so what is bound to a certificate does not become one.
            gives = client.gives_cookie and "cnf" not in identity.claims
            return identity, self._cookie(request, identity) if gives else ()
        for way in (self._certificate, self._basic):
            if way is not None and (self._sign_on is None or self._sign_on.able(request.arrived)):
                found = await way.identify(request)
                if found is not None:
                    return found, self._cookie(request, found)
        return None, ()

    def _cookie(self, request: Request, identity: Identity) -> Fields:
        return () if self._sign_on is None else self._sign_on.issue(request, identity)

    def _challenge(self) -> Refused:
        if self._basic is not None:
            return self._basic.challenge(self._realm)
        return forbidden("AuthenticationFailed", NOT_AUTHENTICATED(realm=self._registry.realm))


def methods(login: Login, settings: WebAppSecurity) -> tuple[str, ...]:
    """The login methods that apply, in their order."""
    own = login.method or "BASIC"
    method = (settings.override_http_auth_method or own).replace("_", "-")
    if method != "CLIENT-CERT":
        return (method,)
    allowed = settings.allow_authentication_fail_over_to_auth_method
    if allowed == "APP_DEFINED":
        return (method,) if own == method else (method, own)
    if settings.allow_fail_over_to_basic_auth or allowed == "BASIC":
        return method, "BASIC"
    return (method, allowed) if allowed else (method,)


async def open_logins(protection: Protection, assembly: Assembly) -> Logins:
    """The ways to log in to what a protection guards."""
    settings = assembly.configuration.one(WebAppSecurity)
    registry = await active_registry(assembly)
    wanted = methods(protection.login, settings)
    if "FORM" in wanted and protection.roles is not None:
        NO_FORM.log(logger, application=protection.application or "An application")
    return Logins(
        application=protection.application,
        clients=await assembly.shared(open_clients),
        certificate=await assembly.shared(_open_certificate) if "CLIENT-CERT" in wanted else None,
        basic=await assembly.shared(open_basic) if "BASIC" in wanted else None,
        realm=_realm(protection.login, settings, registry),
        registry=registry,
        sign_on=await assembly.shared(open_sign_on),
    )


async def _open_certificate(assembly: Assembly) -> ClientCertificate:
    return ClientCertificate(await active_registry(assembly), await assembly.shared(open_login_cache))


def _realm(login: Login, settings: WebAppSecurity, registry: UserRegistry) -> str:
    if login.realm:
        return login.realm
    return registry.realm if settings.display_authentication_realm else DEFAULT_REALM
