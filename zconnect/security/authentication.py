"""In which order the ways to log in act, and what a caller is told when none succeeds."""

from collections.abc import Iterable
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import Refused
from zconnect.messages import error, warning
from zconnect.roles import Assembly, Login, Protection, UserRegistry
from zconnect.security.authcache import open_login_cache
from zconnect.security.authorization import forbidden
from zconnect.security.basic import Basic, open_basic
from zconnect.security.certificate import ClientCertificate
from zconnect.security.challenges import NONCE
from zconnect.security.clients import Clients, TokenClient, open_clients
from zconnect.security.mpjwt import MP_JWT, MpJwt
from zconnect.security.nobody import DEFAULT_REALM
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import active_registry
from zconnect.security.samlassertion import SamlAssertion, open_saml
from zconnect.security.signon import NOTHING, SignOn, open_sign_on
from zconnect.security.ssocookie import Fields
from zconnect.security.trustassociation import NO_ASSOCIATIONS, Associations, TrustAssociation, Way, open_associations
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Admitted, Identity, Request

logger = getLogger(__name__)

NO_FORM = warning(
    "ZCON0415W",
    "{application} wants callers to log in with a form, which this server does not have; without a token nobody gets in.",
    "Use the login method BASIC or CLIENT-CERT, or set overrideHttpAuthMethod of webAppSecurity.",
)
NO_MICROPROFILE = warning(
    "ZCON0548W",
    "{application} wants callers to log in with a MicroProfile JWT, and there is no mpJwt; without another token nobody gets in.",
    "Configure an mpJwt, or use the login method BASIC or CLIENT-CERT.",
)
NOT_AUTHENTICATED = error(
    "ZCON0416E",
    "The caller did not log in: there is no client certificate that the user registry {realm} knows.",
    "Use such a certificate, or allow user and password with allowFailOverToBasicAuth of webAppSecurity.",
)


class Stage(NamedTuple):
    """A place on the road of a login; the name of those who are asked there.

    `own`: they are ways of the server itself, which count where nobody has to log in only if the request shows credentials; others
    are asked there as `invokeForUnprotectedURI` of `trustAssociation` says. `fails_over`: after a refusal the rest of the road may be open.
    """

    name: str
    own: bool = True
    fails_over: bool = False


BEFORE = Stage("before the cookie", own=False, fails_over=True)
TOKEN_BEFORE = Stage("token, before the cookie")
COOKIE = Stage("cookie")
AFTER = Stage("after the cookie", own=False, fails_over=True)
TOKEN = Stage("token")
METHODS = Stage("login method")

# Liberty's order; what walks, and what prints it (`authenticators.road`), read this and nothing else.
ROAD = (BEFORE, TOKEN_BEFORE, COOKIE, AFTER, TOKEN, METHODS)


_OTHERS = tuple(stage for stage in ROAD if not stage.own)


def token_stage(client: OpenidConnectClient | TokenClient) -> Stage:
    """Where on the road the token is looked at that a client is in charge of."""
    return TOKEN_BEFORE if client.before_cookie else TOKEN


class Settings(NamedTuple):
    """The elements that decide about the order."""

    web: WebAppSecurity
    association: TrustAssociation


class Logins:
    """The ways to log in that one protection offers, in the order of `ROAD`."""

    def __init__(
        self,
        protection: Protection,
        clients: Clients,
        certificate: ClientCertificate | None,
        basic: Basic | None,
        registry: UserRegistry,
        sign_on: SignOn | None,
        associations: Associations,
        assertions: tuple[SamlAssertion, ...],
        settings: Settings,
    ) -> None:
        self._application = protection.application
        self._clients = clients
        self._basic = basic
        self._methods: tuple[Way, ...] = tuple(way for way in (certificate, basic) if way is not None)
        self._registry = registry
        self._sign_on = sign_on
        self._associations = associations
        saml = (each.for_application(protection.application) for each in assertions)
        self._needed = associations._replace(before=(*associations.before, *saml))
        self._always = settings.association.invoke_for_unprotected_uri and any(associations)
        self._fails_over = settings.association.fail_over_to_app_auth_type
        # Without the application's own word a certificate is no wish to log in (reference 3.5).
        self._certifies = certificate is not None and protection.login.method == "CLIENT-CERT"
        self._looks = settings.web.use_authentication_data_for_unprotected_resource
        self._realm = _realm(protection.login, settings.web, registry)
        self._recalls = not any(self._needed)

    def recall(self, request: Request) -> Identity | None:
        """The caller, if the token of the request was judged before, and nobody else is to be asked; costs a look into a table."""
        return self._clients.recall(request, self._application) if self._recalls else None

    async def login(self, request: Request) -> tuple[Identity, Fields]:
        """The caller, and what the answer must carry for it; raises `Refused` where no way to log in succeeds."""
        identity, fields = await self._found(request, self._needed, needed=True)
        if identity is None:
            raise self._challenge()
        return identity, fields

    def volunteers(self, request: Request) -> bool:
        """Whether the caller of an unprotected resource is looked for all the same."""
        return self._always or self._carries(request)

    async def volunteer(self, request: Request) -> Admitted:
        """The caller of an unprotected resource; raises `Refused` on a bad token, while a bad password or cookie is nobody."""
        if self._always:
            return await self._found(request, self._associations, own=self._carries(request))
        identity = self._clients.recall(request, self._application)
        return (identity, ()) if identity is not None else await self._found(request, NO_ASSOCIATIONS)

    def _carries(self, request: Request) -> bool:
        """Whether a request has credentials that count where none are needed."""
        if not self._looks:
            return False
        scheme = (request.headers.get(b"authorization") or b"")[:7].lower()
        if scheme == b"bearer " or scheme[:6] == b"basic " or (self._certifies and request.peer.certificates):
            return True
        if scheme[:5] == b"dpop " and self._clients.take_proofs:
            return True
        return self._sign_on is not None and self._sign_on.carried(request)

    async def _found(self, request: Request, associations: Associations, *, own: bool = True, needed: bool = False) -> Admitted:
        """Whom the first way finds that has a good credential; without `own`, the ways of the server itself do not count."""
        client = self._clients.in_charge(request, self._application) if own else None
        if client is not None and not needed and client.steps_back(request):
            client = None
        presented = NOTHING
        try:
            for stage in ROAD if own else _OTHERS:
                if stage is COOKIE:
                    presented = await self._sign_on.identify(request, self._application) if self._sign_on is not None else NOTHING
                    if presented.identity is not None:
                        return presented.identity, ()
                elif ways := self._ways(stage, associations, client, request.arrived):
                    identity, fields = await self._first(request, ways, stage.fails_over and self._fails_over)
                    if identity is not None:
                        nonce = client.next_nonce(request) if client is not None and stage.own else ""
                        return identity, presented.fields + fields + (((NONCE, nonce.encode()),) if nonce else ())
            if needed:
                raise self._challenge()
        except Refused as refusal:
            raise presented.added(refusal) from None  # as its own cause it would be garbage, walk and all
        return None, presented.fields

    def _ways(self, stage: Stage, associations: Associations, client: TokenClient | None, now: float) -> tuple[Way, ...]:
        """Who is asked at a stage; a client that is in charge is the last of the server's own ways."""
        if not stage.own:
            return associations.before if stage is BEFORE else associations.after
        if client is not None:
            return (client,) if stage is token_stage(client) else ()
        return self._methods if stage is METHODS and (self._sign_on is None or self._sign_on.able(now)) else ()

    async def _first(self, request: Request, ways: Iterable[Way], fails_over: bool = False) -> Admitted:
        """Whom the first of some ways finds; with `fails_over`, a refusal leaves the rest of the road open."""
        try:
            for way in ways:
                identity = await way.identify(request)
                if identity is not None:
                    # A cookie needs no proof, so what is bound to a certificate does not become one.
                    gives = way.gives_cookie and "cnf" not in identity.claims
                    return identity, self._sign_on.issue(request, identity) if gives and self._sign_on is not None else ()
        except Refused:
            if not fails_over:
                raise
        return None, ()

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
    settings = Settings(assembly.configuration.one(WebAppSecurity), assembly.configuration.one(TrustAssociation))
    wanted = methods(protection.login, settings.web)
    if "FORM" in wanted and protection.roles is not None:
        NO_FORM.log(logger, application=protection.application or "An application")
    if MP_JWT in wanted and protection.roles is not None and not assembly.configuration.all(MpJwt):
        NO_MICROPROFILE.log(logger, application=protection.application or "An application")
    return Logins(
        protection,
        clients=(await assembly.shared(open_clients)).for_login(protection.login.method),
        certificate=await assembly.shared(_open_certificate) if "CLIENT-CERT" in wanted else None,
        basic=await assembly.shared(open_basic) if "BASIC" in wanted else None,
        registry=await active_registry(assembly),
        sign_on=await assembly.shared(open_sign_on),
        associations=await assembly.shared(open_associations),
        assertions=await assembly.shared(open_saml),
        settings=settings,
    )


async def _open_certificate(assembly: Assembly) -> ClientCertificate:
    return ClientCertificate(await active_registry(assembly), await assembly.shared(open_login_cache))


def _realm(login: Login, settings: WebAppSecurity, registry: UserRegistry) -> str:
    if login.realm:
        return login.realm
    return registry.realm if settings.display_authentication_realm else DEFAULT_REALM
