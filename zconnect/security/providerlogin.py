"""Logs users in at the provider of one client: takes up what they come back with (OpenID Connect Core, section 3.1.3)."""

import asyncio
import hmac
import re
from collections.abc import Mapping
from logging import getLogger
from urllib.parse import parse_qs, urlencode, urlsplit

from zconnect.config.configuration import Configuration
from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, Told, error, info
from zconnect.roles import Assembly, UserRegistry
from zconnect.security.budget import Budget
from zconnect.security.challenges import TokenRejected, login_needed
from zconnect.security.enquiry import DEADLINE, NO_TLS, Client
from zconnect.security.httpsports import authority_of
from zconnect.security.loginrequest import ADDRESS_COOKIE, GONE, STATE_COOKIE, LoggedIn, LoginRequests, NoLogins
from zconnect.security.loginstate import BegunLogin, LoginStates, StateRefused
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.provider import provider_context
from zconnect.security.relyingparty import NO_LOGIN
from zconnect.security.ssocookie import SsoCookie, cookie_name, numbered, values_of
from zconnect.security.subject import INVALID, Subjects
from zconnect.security.validation import Validator
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.trust.compact import TokenRefused, json_object
from zconnect.trust.fetch import Address, FetchFailed, basic_credentials
from zconnect.values import Request

logger = getLogger(__name__)

NO_STATE = error(
    "CWWKS1749E",
    "The OpenID Connect client {client} refuses what came back from the provider, because it has no state.",
    "Begin anew with the address of the application.",
)
BAD_STATE = error(
    "CWWKS1744E",
    "The OpenID Connect client {client} refuses what came back from the provider by its state: {reason}.",
    "Begin anew with the address of the application. If it happens often, somebody tries to log others in as himself.",
)
DENIED = error(
    "ZCON0464E",
    "The provider of the OpenID Connect client {client} has not logged the user in: {error}.",
    "Begin anew; see the provider's log for the reason.",
)
BAD_RESPONSE = error(
    "ZCON0465E",
    "The OpenID Connect client {client} refuses what came back from the provider: {reason}.",
    "Begin anew with the address of the application.",
)
NO_TOKEN = error(
    "CWWKS1708E",
    "The OpenID Connect client {client} got no ID token from {url}: {cause}.",
    "Compare clientId, clientSecret and tokenEndpointAuthMethod with the provider; see whether it is up.",
)
OTHER_NONCE = error(
    "CWWKS1714E",
    "The OpenID Connect client {client} refuses the ID token, because its nonce is not that of the login.",
    "Begin anew. If the provider knows no nonce, set nonceEnabled to false.",
)
OTHER_PARTY = error(
    "ZCON0466E",
    "The OpenID Connect client {client} refuses the ID token, because it was issued to {azp} (azp).",
    "See which client the provider knows under the clientId.",
)
FOREIGN_ADDRESS = error(
    "ZCON0467E",
    "The OpenID Connect client {client} does not lead the user back to {host}, which is not the host {own} of this address.",
    "Correct redirectToRPHostAndPort, or name the domain in wasReqURLRedirectDomainNames of webAppSecurity.",
)
LOGGED_IN = info("ZCON0468I", "{user} of the realm {realm} has logged in by the OpenID Connect client {client} from {address}.")

_ERROR = re.compile(r"[!#-\[\]-~ ]{1,100}")  # RFC 6749, section 5.2
_FRAGMENT = re.compile(r"#[!-~]*")


class ProviderLogins:
    """Logs users in for one client."""

    def __init__(
        self,
        settings: OpenidConnectClient,
        validator: Validator,
        subjects: Subjects,
        states: LoginStates,
        client: Client,
        budget: Budget,
        cookies: SsoCookie,
        configuration: Configuration,
    ) -> None:
        self._settings = settings
        self._validator = validator
        self._subjects = subjects
        self._states = states
        self._client = client
        self._budget = budget
        self._cookies = cookies
        self._requests = LoginRequests(settings, states, cookies, configuration)
        self._domains = configuration.one(WebAppSecurity).redirect_domains
        self._sparing = Sparing()

    def begin(self, request: Request) -> Refused:
        """The answer that sends a caller to the provider."""
        return self._requests.begin(request)

    async def finish(self, request: Request) -> LoggedIn:
        """What a user comes back with from the provider; raises `Refused` where nobody is logged in by it."""
        await asyncio.sleep(0)  # from here on the request has a task
        said = self._said(request)
        login = self._resumed(said, request)
        self._check_issuer(said, request)
        if "error" in said:
            shown = said["error"] if _ERROR.fullmatch(said["error"]) else "unknown"
            told = DENIED(client=self._settings.name, error=shown)
            self._sparing.log(told, logger, request.arrived)
            raise Refused(403, told)
        if not said.get("code"):
            raise self._refused(BAD_RESPONSE(client=self._settings.name, reason="it has no code"), request)
        token = await self._exchanged(said["code"], login, request)
        try:
            identity = await self._subjects.identity(await self._claims(token, login, said, request), float("inf"))
        except TokenRejected as rejected:
            raise self._refused(rejected.told, request) from rejected
        number = numbered(login.state)
        address = self._address(login, number, request)
        told = LOGGED_IN(user=identity.user, realm=identity.realm, client=self._settings.name, address=request.peer.address)
        told.log(logger)
        names = (f"{STATE_COOKIE}{number}".encode(), f"{ADDRESS_COOKIE}{number}".encode())
        return LoggedIn(identity, address, tuple(self._gone(request, name, secure=True) for name in names))

    def _said(self, request: Request) -> Mapping[str, str]:
        """The parameters of a response, none of them twice (RFC 6749, section 3.1)."""
        try:
            found = parse_qs(request.query, keep_blank_values=True, max_num_fields=50)
        except ValueError:
            found = {"": ["", ""]}
        if any(len(values) > 1 for values in found.values()):
            raise self._refused(BAD_RESPONSE(client=self._settings.name, reason="it has a parameter twice, or very many"), request)
        return {name: values[0] for name, values in found.items()}

    def _resumed(self, said: Mapping[str, str], request: Request) -> BegunLogin:
        state = said.get("state", "")
        if not state:
            raise self._refused(NO_STATE(client=self._settings.name), request)
        try:
            return self._states.resume(state, values_of(request, f"{STATE_COOKIE}{numbered(state)}"), request.arrived)
        except StateRefused as problem:
            raise self._refused(BAD_STATE(client=self._settings.name, reason=problem), request) from None

    def _check_issuer(self, said: Mapping[str, str], request: Request) -> None:
        """RFC 9207: a response that says whose it is must be of the provider that was asked."""
        if "iss" in said and said["iss"] not in self._settings.issuers:
            raise self._refused(BAD_RESPONSE(client=self._settings.name, reason=f"it is of {said['iss']} (iss)"), request)

    async def _exchanged(self, code: str, login: BegunLogin, request: Request) -> bytes:
        """The ID token that a code is worth (RFC 6749, section 4.1.3)."""
        url, now, address = self._settings.token_endpoint_url.strip(), request.arrived, request.peer.address
        try:
            if not self._budget.allows(address, now):
                raise FetchFailed(f"too many codes from {address} were bad")
            # Only now, so that strangers cannot have so many remembered that there is no room for others.
            if not self._states.use(login, now):
                raise self._refused(BAD_STATE(client=self._settings.name, reason="it was used before"), request)
            answer = await self._client.ask(*self._order(code, login))
            if answer.status >= 500 or answer.status == 429:
                raise FetchFailed(f"the status was {answer.status}")
        except FetchFailed as failed:
            told = NO_TOKEN(client=self._settings.name, url=url, cause=failed)
            self._sparing.log(told, logger, now)
            raise Refused(503, told, headers=[(b"retry-after", b"5")]) from failed
        try:
            found = json_object(answer.body)
        except ValueError:
            found = {}
        token = found.get("id_token")
        if answer.status == 200 and isinstance(token, str) and token.isascii():
            return token.encode()
        self._budget.charge(address, now)
        wrong = found.get("error")
        shown = wrong if isinstance(wrong, str) and _ERROR.fullmatch(wrong) else "there is none in the answer"
        raise self._refused(NO_TOKEN(client=self._settings.name, url=url, cause=f"{shown} (status {answer.status})"), request)

    def _order(self, code: str, login: BegunLogin) -> tuple[str, dict[str, str]]:
        """The form and the header fields that ask for a token."""
        settings = self._settings
        user, secret = settings.client_id, settings.client_secret.text if settings.client_secret else ""
        form = [("grant_type", "authorization_code")]
        if settings.resource:
            form.append(("resource", " ".join(settings.resource)))
        form += [("redirect_uri", login.redirect_uri), ("code", code)]
        if settings.pkce_code_challenge_method != "disabled":
            form.append(("code_verifier", login.verifier))
        headers = {"Origin": origin} if (origin := settings.token_request_origin_header.strip()) else {}
        if settings.token_endpoint_auth_method == "basic":
            headers["Authorization"] = basic_credentials(user, secret)
        else:
            form += [("client_id", user), *([("client_secret", secret)] if secret else [])]
        return urlencode(form), headers

    async def _claims(self, token: bytes, login: BegunLogin, said: Mapping[str, str], request: Request) -> Mapping[str, object]:
        """What an ID token says that is good and of this login (section 3.1.3.7); raises `TokenRejected`."""
        client = self._settings.name
        try:
            compact = self._validator.parse(token)
        except TokenRefused as refused:
            raise TokenRejected(INVALID(client=client, cause=refused.told)) from refused
        claims = (await self._validator.validate(compact, request)).claims
        audience, party, nonce = claims.get("aud"), claims.get("azp"), claims.get("nonce")
        several = isinstance(audience, list) and len(audience) > 1
        if (party is not None or several) and party != self._settings.client_id:
            raise TokenRejected(OTHER_PARTY(client=client, azp=party or "nobody named"))
        if said.get("iss", claims.get("iss")) != claims.get("iss"):
            raise TokenRejected(BAD_RESPONSE(client=client, reason="its ID token is of another issuer"))
        if self._settings.nonce_enabled and not (isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), login.nonce.encode())):
            raise TokenRejected(OTHER_NONCE(client=client))
        return claims

    def _address(self, login: BegunLogin, number: str, request: Request) -> str:
        """Where the user goes on: only to a host of this server, with what a script has kept of the part behind #."""
        host, own = (urlsplit(url).hostname or "" for url in (login.address, f"//{authority_of(request)}"))
        if host != own and not any(host == domain or host.endswith(f".{domain}") for domain in self._domains):
            raise self._refused(FOREIGN_ADDRESS(client=self._settings.name, host=host, own=own), request)
        for value in values_of(request, f"{ADDRESS_COOKIE}{number}"):
            kept = value.decode("latin-1")
            if kept.startswith(login.address) and _FRAGMENT.fullmatch(kept.removeprefix(login.address)):
                return kept
        return login.address

    def _gone(self, request: Request, name: bytes, *, secure: bool) -> tuple[bytes, bytes]:
        return self._cookies.passing(request, name, b"", GONE, secure=secure)

    def _refused(self, told: Told, request: Request) -> Refused:
        self._sparing.log(told, logger, request.arrived)
        return login_needed(told)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


async def open_logins_at_provider(
    settings: OpenidConnectClient, validator: Validator, registry: UserRegistry, assembly: Assembly
) -> ProviderLogins | NoLogins:
    """Whoever logs users in for a client, or says why nobody does."""
    url = settings.token_endpoint_url.strip()
    if not settings.authorization_endpoint_url.strip() or settings.inbound_propagation == "required":
        return NoLogins(NO_LOGIN(client=settings.name))
    for _, told in settings.hindrances(settings):
        return NoLogins(told)
    try:
        context = await provider_context(settings, url, assembly)
        from zconnect.trust.httpclient import HttpClient  # aiohttp takes long to import

        client = HttpClient(Address(url, context, deadline=DEADLINE))
    except FetchFailed as malformed:
        return NoLogins(NO_TOKEN(client=settings.name, url=url, cause=malformed))
    except Unavailable as missing:
        told = NO_TLS(client=settings.name, url=url, cause=missing.told)
        told.log(logger)
        return NoLogins(told, 503)
    web = assembly.configuration.one(WebAppSecurity)
    logins = ProviderLogins(
        settings,
        validator.of_logins(settings.client_id),
        Subjects(settings, registry),
        LoginStates(settings.id, settings.authentication_time_limit.total_seconds(), assembly.store),
        client,
        assembly.kept(("logins", settings.id, url), Budget),
        SsoCookie(web, cookie_name(assembly.configuration, assembly.place)),
        assembly.configuration,
    )
    assembly.closing(logins.close)
    return logins
