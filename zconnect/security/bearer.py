"""One <openidConnectClient> at work: finds the token of a request, has it judged, and says who calls."""

import time
from collections.abc import Callable
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import Refused
from zconnect.messages import Sparing, error, warning
from zconnect.roles import Assembly, UserRegistry
from zconnect.security.challenges import NO_TOKEN, Challenges, Shape, TokenRejected, required
from zconnect.security.credential import claimed, claimed_issuer, in_form, is_bearer, named, shape_of, stripped
from zconnect.security.enquiry import Barred, Enquiry, open_enquiry
from zconnect.security.loginrequest import LoggedIn, NoLogins
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.possession import Confirmation, Possession, open_possession
from zconnect.security.providerlogin import ProviderLogins, open_logins_at_provider
from zconnect.security.registry import active_registry
from zconnect.security.remembered import Memories, remembered_in
from zconnect.security.replay import UsedTokens
from zconnect.security.subject import Subjects
from zconnect.security.tokencache import Entry, TokenCache, origin_of, reading_again
from zconnect.security.validation import Accepted, Validator, open_validator
from zconnect.trust.compact import TokenRefused
from zconnect.trust.encryption import is_encrypted
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NOT_SENT_AS_TOKEN = error(
    "ZCON0452E",
    "What the Authorization header holds for the OpenID Connect client {client} is not of the scheme Bearer; the provider is not shown it.",
    "Send the access token as Authorization: Bearer. To let callers log in otherwise, give the client a filter on Bearer.",
)
FALLING_BACK = warning(
    "CWWKS1740W",
    "The access token for the OpenID Connect client {client} is not valid: {cause}. The caller would have to log in at the provider.",
    "Send a good access token.",
)
USED = error(
    "CWWKS1743E",
    "The OpenID Connect client {client} has accepted a token of the issuer {issuer} with this jti before.",
    "Use a new token for every request, or set tokenReuse to true.",
)


class Presented(NamedTuple):
    """A token as a request carries it.

    It is remembered by its `credential`. Where `sent` is false, nobody said that it is an access token, so it never leaves the server.
    `by_proof`: it came as DPoP and not as Bearer.
    """

    token: bytes
    credential: bytes
    sent: bool
    by_proof: bool = False


class Parts(NamedTuple):
    """What a client works with."""

    validator: Validator
    enquiry: Enquiry | Barred
    registry: UserRegistry
    used: UsedTokens
    possession: Possession
    logins: ProviderLogins | NoLogins


class BearerToken:
    """Authenticates by the access token that a caller brings."""

    _asks = True  # the provider, about what is no JSON Web Token

    def __init__(self, settings: OpenidConnectClient, parts: Parts) -> None:
        self._logins = parts.logins
        self._settings = settings
        self._validator = parts.validator
        self._enquiry = parts.enquiry
        self._subjects = Subjects(settings, parts.registry)
        self._said = Subjects(settings, parts.registry, said=True)
        self._used = parts.used
        self._possession = parts.possession
        self._challenges = Challenges(" ".join(settings.proof_algorithms), settings.dpop != "required", settings.metadata_address)
        self.header = settings.token_header
        self._own_header = self.header if settings.header_name.strip() else b""
        self._remote = settings.jwt_access_token_remote_validation
        self.before_cookie = settings.before_cookie
        self.gives_cookie = settings.gives_cookie
        self.takes_proofs = settings.takes_proofs
        self._looks = settings.inbound_propagation != "none"
        self._cache = TokenCache() if settings.access_token_cache_enabled and self._looks else None
        self._longest = settings.access_token_cache_timeout.total_seconds()
        self._sparing = Sparing()

    def clear(self) -> None:
        """Forget which tokens were found good, and which the provider refused."""
        if self._cache is not None:
            self._cache = TokenCache()
        self._enquiry.clear()

    def recall(self, request: Request) -> Identity | None:
        """Whom the token stands for, if it was found good before and still is, and no cookie has a say."""
        identity = None if self.gives_cookie else self._known(request)
        if identity is not None and not self.before_cookie and request.headers.get(b"cookie") is not None:
            return None
        return identity

    def _known(self, request: Request) -> Identity | None:
        entry = self._remembered(request.headers.get(self.header), request)
        return entry.identity if entry is not None and self._possession.shown(entry.confirmation, request) else None

    def _remembered(self, credential: bytes | None, request: Request) -> Entry | None:
        if self._cache is None or credential is None:
            return None
        return self._cache.get(credential, request, self._validator.generation)

    def trusts_issuer_of(self, request: Request) -> bool:
        """Whether the token names an issuer that this client trusts; nothing of it is proven yet."""
        rules = self._validator.rules
        if not self._looks or rules.disable_iss_checking:
            return False
        token = self._in_header(request)
        return token is not None and claimed_issuer(token) in rules.issuers

    def steps_back(self, request: Request) -> bool:
        """Whether the request is none of its business where nobody has to log in."""
        return False

    async def identify(self, request: Request) -> Identity:
        """The caller; raises `Refused` on a missing, bad or used token."""
        if not self._looks:
            raise self._logins.begin(request)
        presented = await self._presented(request)
        try:
            return await self._judged(presented, request)
        except TokenRejected as rejected:
            raise self._refused(rejected, presented, request) from rejected

    async def finish(self, request: Request) -> LoggedIn:
        """What a user comes back with from the provider; raises `Refused` where nobody is logged in by it."""
        return await self._logins.finish(request)

    def next_nonce(self, request: Request) -> str:
        """As `Possession.next_nonce`."""
        return self._possession.next_nonce(request)

    def _in_header(self, request: Request) -> bytes | None:
        if self._own_header:
            return named(request.headers, self._own_header)
        value = request.headers.get(b"authorization")
        return None if value is None else (self._possession.token_of(value) or stripped(value).rstrip())

    async def _presented(self, request: Request) -> Presented | None:
        """The token; a form stands between an Authorization header of the scheme Bearer and one of another scheme."""
        value = request.headers.get(self.header)
        if value is not None and (token := self._possession.token_of(value)) is not None:
            return Presented(token, value, sent=True, by_proof=True)
        sent = value is not None and (self.header != b"authorization" or is_bearer(value))
        token = self._in_header(request)
        if not sent and not self._own_header and (in_form_ := await in_form(request)) is not None:
            return Presented(in_form_, b"Bearer " + in_form_, sent=True)
        if not token:
            return None
        if value is None:  # it came in segments
            return Presented(token, b"Bearer " + token, sent=True)
        return Presented(token, value, sent)

    async def _judged(self, presented: Presented | None, request: Request) -> Identity:
        if presented is None:
            raise TokenRejected(NO_TOKEN(), recorded=False, sent=False, error="")
        proof = self._possession.proof(presented.token, request) if presented.by_proof else None
        entry = self._remembered(presented.credential, request)
        if entry is not None:
            self._possession.check(entry.confirmation, request, proof)
            return entry.identity
        cache = self._cache  # whoever is judged while it is cleared comes into the old one
        accepted = await self._here(presented, request)
        subjects = self._subjects
        if accepted is None:
            accepted, subjects = await self._there(presented, request), self._said
        confirmation = self._possession.confirmation(accepted.claims)
        if accepted.jti is not None and not self._settings.token_reuse:
            # One in bad hands is not used up, one that names no user is (recorded case 42).
            self._possession.check(confirmation, request, proof)
            self._use(accepted.issuer, accepted.jti, accepted.expires, request.arrived)
            return await subjects.identity(accepted.claims, accepted.expires)
        identity = await subjects.identity(accepted.claims, accepted.expires)
        misplaced = presented.by_proof and not confirmation.key
        if cache is not None and presented.sent and not misplaced:
            self._remember(cache, presented.credential, request, identity, accepted, confirmation)
        # Only now, so that the provider is not asked again about a good token in bad hands.
        self._possession.check(confirmation, request, proof)
        return identity

    async def _here(self, presented: Presented, request: Request) -> Accepted | None:
        """What a token comes to that can be judged here; None where the provider is to be asked."""
        if self._remote == "require":
            return None
        try:
            try:
                compact = self._validator.parse(presented.token)
            except TokenRefused as refused:
                if self._asks and shape_of(presented.token) is Shape.OPAQUE:
                    return None
                raise self._subjects.invalid(refused.told) from refused
            accepted = await self._validator.validate(compact, request)
            return accepted._replace(readable=False) if is_encrypted(presented.token) else accepted
        except TokenRejected as rejected:
            if self._remote != "allow":
                raise
            self._sparing.log(rejected.told, logger, request.arrived)
            return None

    async def _there(self, presented: Presented, request: Request) -> Accepted:
        """What the provider says of a token."""
        if not presented.sent:
            raise TokenRejected(NOT_SENT_AS_TOKEN(client=self._settings.name), sent=False)
        accepted = await self._enquiry.validate(presented.token, request.peer.address, request.arrived)
        own = claimed(presented.token).get("cnf")
        if own is not None and "cnf" not in accepted.claims:  # what a token says against itself needs no proof
            accepted = accepted._replace(claims={**accepted.claims, "cnf": own})
        return accepted._replace(generation=self._validator.generation)

    def _use(self, issuer: str, jti: object, until: float, now: float) -> None:
        if not isinstance(jti, str):
            raise self._subjects.wrong_type("jti", "a text")
        if not self._used.use(issuer, jti, until, now):
            raise TokenRejected(USED(client=self._settings.name, issuer=issuer), recorded=False)

    def _remember(
        self, cache: TokenCache, credential: bytes, request: Request, identity: Identity, accepted: Accepted, confirmation: Confirmation
    ) -> None:
        expires = min(identity.expires, request.arrived + self._longest)
        known = reading_again(identity, credential) if accepted.readable else identity
        origin = origin_of(request) if accepted.bound_to_origin else None
        cache.put(credential, Entry(known, expires, accepted.generation, origin, confirmation))

    def _refused(self, rejected: TokenRejected, presented: Presented | None, request: Request) -> Refused:
        now = request.arrived
        if presented is not None:
            self._sparing.log(rejected.told, logger, now)
        if self._settings.inbound_propagation == "required":
            shape = Shape.OPAQUE if presented is None else shape_of(presented.token)
            return self._challenges.added(required(rejected.told, shape, sent=rejected.sent), rejected.error, rejected.nonce)
        if rejected.recorded:
            self._sparing.log(FALLING_BACK(client=self._settings.name, cause=rejected.told), logger, now)
        return self._challenges.added(self._logins.begin(request), rejected.error, rejected.nonce)


async def open_bearer(
    settings: OpenidConnectClient, assembly: Assembly, make: Callable[[OpenidConnectClient, Parts], BearerToken] = BearerToken
) -> BearerToken:
    """A client with its keys; `make` makes one of another kind of the same parts."""
    used = UsedTokens(assembly.store)
    if not settings.token_reuse:
        used.count(time.time())  # what cannot be remembered stops the start, not the first request
    validator = await open_validator(settings, assembly)
    enquiry = await open_enquiry(settings, validator, assembly)
    possession = open_possession(settings.name, settings, assembly)
    registry = await active_registry(assembly)
    logins = await open_logins_at_provider(settings, validator, registry, assembly)
    bearer = make(settings, Parts(validator, enquiry, registry, used, possession, logins))
    mapped = (Memories.LOGINS,) if settings.map_identity_to_registry_user else ()
    remembered_in(assembly).add(bearer, Memories.TOKENS, *mapped)
    return bearer
