"""Where a provider sends users back to: ends their logins with a single sign-on cookie and leads them on."""

from logging import getLogger

from zconnect.errors import Refused
from zconnect.messages import Sparing, error, warning
from zconnect.roles import Assembly, Offer, Protection
from zconnect.security.challenges import login_needed
from zconnect.security.clients import Clients, open_clients
from zconnect.security.endpoints import processes
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.relyingparty import OidcClientWebapp
from zconnect.security.signon import SignOn, open_sign_on
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Call, Kind, Response

logger = getLogger(__name__)

NO_COOKIE = error(
    "ZCON0469E",
    "The login by the OpenID Connect client {client} is in vain, because the user gets no single sign-on cookie to be known by.",
    "See singleSignonEnabled and ssoRequiresSSL of webAppSecurity, and the keys of ltpa.",
)
STRICT = warning(
    "ZCON0530W",
    "Browsers do not show the single sign-on cookie with sameSiteCookie Strict when a provider sends users back, who then log in for ever.",
    "Set sameSiteCookie of webAppSecurity to Lax.",
)
SCATTERED = warning(
    "ZCON0532W",
    "Users whom the OpenID Connect client {client} has logged in are known to one of the {count} processes of the server alone; those that "
    "come to another one are sent to log in again.",
    "Set mapIdentityToRegistryUser to true, so that the registry knows them, or count of zconnect_workers to 1.",
)
WRONG_METHOD = error("ZCON0531E", "What comes back from a provider cannot come by {method}.", "Leave the response mode to the provider.")


class Callback:
    """The service under one such address."""

    def __init__(self, settings: OpenidConnectClient, clients: Clients, sign_on: SignOn) -> None:
        self._settings = settings
        self._clients = clients
        self._sign_on = sign_on
        self._sparing = Sparing()

    async def invoke(self, call: Call) -> Response:
        """The answer that leads the user on, with his cookie; raises `Refused` where nobody has logged in."""
        request = call.request
        if request.method != "GET":
            raise Refused(405, WRONG_METHOD(method=request.method), headers=[(b"allow", b"GET")])
        logged_in = await self._clients.named(self._settings.id).finish(request)
        cookies = self._sign_on.issue(request, logged_in.identity)
        if not cookies:
            told = NO_COOKIE(client=self._settings.name)
            self._sparing.log(told, logger, request.arrived)
            raise login_needed(told)
        location = (b"location", logged_in.address.encode("utf-8", "replace"))
        return Response(302, (location, (b"cache-control", b"no-store"), *logged_in.fields, *cookies))


async def callback_offers(assembly: Assembly) -> tuple[Offer, ...]:
    """The addresses to come back to, one for each client that sends users to its provider; nobody has to be known there."""
    configuration = assembly.configuration
    settings = [each for each in configuration.all(OpenidConnectClient) if each.sends_to_login]
    sign_on = await assembly.shared(open_sign_on)
    if not settings or sign_on is None:
        return ()
    if configuration.one(WebAppSecurity).same_site_cookie == "Strict":
        STRICT.log(logger)
    for each in settings:
        if (count := processes(configuration)) > 1 and not each.map_identity_to_registry_user:
            SCATTERED.log(logger, client=each.name, count=count)
    clients = await assembly.shared(open_clients)
    path = configuration.one(OidcClientWebapp).path
    return tuple(
        Offer(
            pattern=f"{path}/redirect/{each.id}",
            kind=Kind.APPLICATION,
            name=each.name,
            service=Callback(each, clients, sign_on),
            protection=Protection(secure=False, roles=None, anonymous=True),
        )
        for each in settings
    )
