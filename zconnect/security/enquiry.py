"""Asks the provider about tokens (introspection, userinfo): once for requests with the same token, and seldom for strangers."""

import asyncio
import re
import time
from collections import OrderedDict
from hashlib import blake2b
from logging import getLogger
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, Told, error
from zconnect.roles import Assembly
from zconnect.security.budget import Budget
from zconnect.security.challenges import TokenRejected
from zconnect.security.introspection import NOT_ANSWERED, Judge
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.provider import provider_context
from zconnect.security.relyingparty import WITHOUT_TLS
from zconnect.security.validation import OUTAGE, Accepted, Validator
from zconnect.trust.compact import MAXIMUM, TOO_LONG, TokenRefused
from zconnect.trust.fetch import Address, FetchFailed, basic_credentials

if TYPE_CHECKING:
    from zconnect.trust.httpclient import Answer

logger = getLogger(__name__)

NO_TLS = error(
    "CWWKS1707E",
    "The OpenID Connect client {client} has no TLS settings to ask {url} by: {cause}",
    "Mend the cause; see sslRef of the client.",
)
NOT_ASKED = error(
    "ZCON0453E",
    "The OpenID Connect client {client} cannot ask {url} about an access token: {cause}.",
    "See whether the provider is up and validationEndpointUrl right.",
)
TOO_MANY = error(
    "ZCON0454E",
    "So many access tokens for the OpenID Connect client {client} were bad that the provider is not asked about one from {address} now.",
    "Find out who sends them. Where all callers come through one proxy, let remoteIp tell their addresses.",
)

DEADLINE = 5.0  # seconds for an answer
_REMEMBERED = 10.0  # seconds for which a refusal holds without asking
_SLOW = 1.0  # seconds after which a failure held others up
_PAUSE = 1.0  # seconds for which nobody is asked after such a failure
_AT_ONCE = 20
_MOST_REFUSALS = 10_000
_TOKEN68 = re.compile(rb"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


class Client(Protocol):
    """What asks (`trust.httpclient.HttpClient`)."""

    async def ask(self, form: str | None, headers: dict[str, str]) -> "Answer": ...
    async def close(self) -> None: ...


class Enquiry:
    """Has the provider of one client judge tokens."""

    def __init__(self, settings: OpenidConnectClient, judge: Judge, validator: Validator, client: Client, budget: Budget) -> None:
        self._settings = settings
        self._judge = judge
        self._validator = validator
        self._client = client
        self._budget = budget
        self._asking: dict[bytes, asyncio.Task[Accepted | TokenRejected | Refused]] = {}
        self._refusals: OrderedDict[bytes, tuple[TokenRejected, float]] = OrderedDict()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._silent_until = 0.0
        self._sparing = Sparing()

    async def validate(self, token: bytes, address: str, now: float) -> Accepted:
        """What the provider says of a good token; raises `TokenRejected`, or `Refused` (503) where it cannot be asked.

        `address` is the caller's; `now` is in seconds since the epoch.
        """
        if len(token) > MAXIMUM:
            raise TokenRejected(TOO_LONG(length=len(token), maximum=MAXIMUM), sent=False)
        key = blake2b(token, digest_size=16).digest()
        known = self._refusals.get(key)
        if known is not None and now < known[1]:
            return _said(known[0])
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.get_running_loop().create_task(self._ask(token, key, address, now))
            asking.add_done_callback(lambda done: self._answered(key, done))
        return _said(await asyncio.shield(asking))

    def _answered(self, key: bytes, asking: "asyncio.Task[Accepted | TokenRejected | Refused]") -> None:
        if self._asking.get(key) is asking:
            del self._asking[key]

    def clear(self) -> None:
        """Forget refusals; whoever comes now does not wait for an answer to an earlier question."""
        self._refusals.clear()
        self._asking = {}

    async def _ask(self, token: bytes, key: bytes, address: str, now: float) -> Accepted | TokenRejected | Refused:
        try:
            async with self._turns:
                if now < self._silent_until:
                    return self._unanswered("it could not be asked a moment ago", now)
                if not self._budget.allows(address, now):
                    return self._later(TOO_MANY(client=self._settings.name, address=address), now)
                asked = time.monotonic()
                answer = await self._client.ask(*self._question(token))
            if answer.status >= 500 or answer.status == 429:
                raise FetchFailed(f"the status was {answer.status}")
            return await self._judged(answer, now)
        except TokenRejected as rejected:
            self._budget.charge(address, now)
            if self._asking.get(key) is asyncio.current_task():  # nobody has said clear meanwhile
                self._refusals[key] = rejected, now + _REMEMBERED
            if len(self._refusals) > _MOST_REFUSALS:
                self._refusals.popitem(last=False)
            return rejected
        except FetchFailed as failed:
            self._budget.charge(address, now)
            # One that comes at once may be about this token alone, and then a stranger's would shut out all others.
            if time.monotonic() - asked > _SLOW:
                self._silent_until = max(self._silent_until, now + _PAUSE)
            return self._unanswered(failed, now)
        except Unavailable as outage:
            return self._later(OUTAGE(client=self._settings.name, cause=outage.told), now)

    def _question(self, token: bytes) -> tuple[str | None, dict[str, str]]:
        """The form and the header fields of a question."""
        settings = self._settings
        if settings.validation_method == "userinfo":
            if not _TOKEN68.fullmatch(token):
                self._judge.unusable("the token has characters that no access token has (RFC 6750)")
            return None, {"Authorization": f"Bearer {token.decode('ascii')}"}
        user, secret = settings.client_id.strip(), settings.client_secret.text if settings.client_secret else ""
        match settings.token_endpoint_auth_method:
            case "basic":
                return urlencode({"token": token}), {"Authorization": basic_credentials(user, secret)}
            case "post":
                return urlencode({"token": token, "client_id": user, "client_secret": secret}), {}
        return urlencode({"token": token}), {}

    async def _judged(self, answer: "Answer", now: float) -> Accepted:
        """Only the status 200 with JSON, plain or signed, says something good."""
        if answer.status != 200:
            self._judge.failure(answer.body, answer.challenge)
        match answer.kind:
            case "application/json":
                claims = self._judge.read(answer.body)
            case "application/jwt":
                try:
                    claims = await self._validator.signed(answer.body.strip())
                except TokenRefused as refused:
                    self._judge.unusable(refused.told)
            case other:
                self._judge.unusable(f"the answer is {other or 'of no type'} and not application/json")
        return self._judge.judge(claims, now)

    def _unanswered(self, cause: object, now: float) -> Refused:
        return self._later(NOT_ASKED(client=self._settings.name, url=self._settings.validation_endpoint_url, cause=cause), now)

    def _later(self, told: Told, now: float) -> Refused:
        """It is not the token's fault."""
        self._sparing.log(told, logger, now)
        return Refused(503, told, headers=[(b"retry-after", b"5")])

    async def close(self) -> None:
        """Give up what is under way."""
        for asking in list(self._asking.values()):
            asking.cancel()
        await self._client.close()


class Barred:
    """Stands for a provider that is not asked, and says why."""

    def __init__(self, failure: TokenRejected | Refused) -> None:
        self._failure = failure

    async def validate(self, token: bytes, address: str, now: float) -> Accepted:
        """Raises `TokenRejected`, or `Refused` (503)."""
        return _said(self._failure)

    def clear(self) -> None:
        """There is nothing to forget."""


def _said(found: Accepted | TokenRejected | Refused) -> Accepted:
    """What was found, or a new exception of what went wrong, because several may wait for it."""
    match found:
        case TokenRejected():
            raise TokenRejected(found.told, sent=found.sent)
        case Refused():
            raise Refused(found.status, found.reason, headers=found.headers)
    return found


async def open_enquiry(settings: OpenidConnectClient, validator: Validator, assembly: Assembly) -> Enquiry | Barred:
    """Whoever asks the provider of a client; what cannot be had is logged, and tokens then are refused or put off."""
    url = settings.validation_endpoint_url.strip()
    judge = Judge(settings, validator.rules._replace(issuers=settings.remote_issuers))
    if settings.asks_by_http:
        return Barred(TokenRejected(WITHOUT_TLS(client=settings.name, url=url)))
    try:
        if not url or settings.inbound_propagation == "none":
            judge.unusable("there is no validationEndpointUrl")
        context = await provider_context(settings, url, assembly)
        from zconnect.trust.httpclient import HttpClient  # aiohttp takes long to import

        client = HttpClient(Address(url, context, deadline=DEADLINE))
    except TokenRejected as unset:
        return Barred(unset)
    except FetchFailed as malformed:
        return Barred(TokenRejected(NOT_ANSWERED(client=settings.name, url=url, cause=malformed), sent=False))
    except Unavailable as missing:
        told = NO_TLS(client=settings.name, url=url, cause=missing.told)
        told.log(logger)
        return Barred(Refused(503, told, headers=[(b"retry-after", b"30")]))
    enquiry = Enquiry(settings, judge, validator, client, assembly.kept(("enquiries", settings.id, url), Budget))
    assembly.closing(enquiry.close)
    return enquiry
