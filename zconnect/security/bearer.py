"""One <openidConnectClient> at work: finds the token of a request, has it judged, and says who calls."""

import time
from dataclasses import replace
from logging import getLogger

from zconnect.errors import Refused
from zconnect.messages import Sparing, error, warning
from zconnect.roles import Assembly
from zconnect.security.challenges import NO_LOGIN, NO_TOKEN, Shape, TokenRejected, login_needed, required
from zconnect.security.credential import claimed_issuer, in_form, is_bearer, named, shape_of, stripped
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import active_registry
from zconnect.security.remembered import Memories, remembered_in
from zconnect.security.replay import UsedTokens
from zconnect.security.subject import Subjects
from zconnect.security.tokencache import Entry, ReadAgain, TokenCache, origin_of
from zconnect.security.validation import Validator, open_validator
from zconnect.trust.compact import Compact, TokenRefused
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NOT_A_JWT = error(
    "CWWKS1725E",
    "The resource server failed to validate the access token: it is no JSON Web Token, and validationEndpointUrl {url} cannot be asked.",
    "Send a JSON Web Token of the provider.",
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


class BearerToken:
    """Authenticates by the access token that a caller brings."""

    def __init__(self, settings: OpenidConnectClient, validator: Validator, subjects: Subjects, used: UsedTokens) -> None:
        self._settings = settings
        self._validator = validator
        self._subjects = subjects
        self._used = used
        self._own_header = settings.header_name.strip().lower().encode("latin-1", "xmlcharrefreplace")
        self.header = self._own_header or b"authorization"
        self._remote_only = settings.jwt_access_token_remote_validation == "require"
        self.before_cookie = settings.before_cookie
        self.gives_cookie = settings.gives_cookie
        self._looks = settings.inbound_propagation != "none"
        self._cache = TokenCache() if settings.access_token_cache_enabled and self._looks else None
        self._longest = settings.access_token_cache_timeout.total_seconds()
        self._sparing = Sparing()

    def clear(self) -> None:
        """Forget which tokens were found good."""
        if self._cache is not None:
            self._cache = TokenCache()

    def recall(self, request: Request) -> Identity | None:
        """Whom the token stands for, if it was found good before and still is, and no cookie has a say."""
        identity = None if self.gives_cookie else self._known(request)
        if identity is not None and not self.before_cookie and request.headers.get(b"cookie") is not None:
            return None
        return identity

    def _known(self, request: Request) -> Identity | None:
        if self._cache is None:
            return None
        value = request.headers.get(self.header)
        return None if value is None else self._cache.get(value, request, self._validator.generation)

    def trusts_issuer_of(self, request: Request) -> bool:
        """Whether the token names an issuer that this client trusts; nothing of it is proven yet."""
        rules = self._validator.rules
        if not self._looks or rules.disable_iss_checking:
            return False
        token = self._in_header(request)
        return token is not None and claimed_issuer(token) in rules.issuers

    async def identify(self, request: Request) -> Identity:
        """The caller; raises `Refused` on a missing, bad or used token."""
        identity = self._known(request)
        if identity is not None:
            return identity
        if not self._looks:
            raise self._login_needed(request.arrived)
        token = await self._token(request)
        try:
            return await self._judged(token, request)
        except TokenRejected as rejected:
            raise self._refused(rejected, request.arrived) from rejected

    def _in_header(self, request: Request) -> bytes | None:
        if self._own_header:
            return named(request.headers, self._own_header)
        value = request.headers.get(b"authorization")
        return None if value is None else stripped(value).rstrip()

    async def _token(self, request: Request) -> bytes | None:
        """The token; a form stands between an Authorization header of the scheme Bearer and one of another scheme."""
        value = request.headers.get(b"authorization")
        if self._own_header or (value is not None and is_bearer(value)):
            return self._in_header(request)
        return await in_form(request) or self._in_header(request)

    async def _judged(self, token: bytes | None, request: Request) -> Identity:
        if token is None:
            raise TokenRejected(NO_TOKEN(), Shape.ABSENT, recorded=False)
        cache = self._cache  # whoever is judged while it is cleared comes into the old one
        accepted = await self._validator.validate(self._compact(token), request)
        jti = accepted.claims.get("jti")
        once = jti is not None and not self._settings.token_reuse
        if once:
            self._use(accepted.issuer, jti, accepted.expires, request.arrived)
        identity = await self._subjects.identity(accepted.claims, accepted.expires)
        if cache is not None and not once:
            self._remember(cache, request, identity, accepted.generation, accepted.bound_to_origin)
        return identity

    def _compact(self, token: bytes) -> Compact:
        """A token taken apart; what it looks like matters only where that fails."""
        try:
            if not self._remote_only:
                return Compact.parse(token)
        except TokenRefused as refused:
            if shape_of(token) is Shape.JWT:
                raise self._subjects.invalid(refused.told) from refused
        raise TokenRejected(NOT_A_JWT(url=self._settings.validation_endpoint_url or "null"), Shape.OPAQUE)

    def _use(self, issuer: str, jti: object, until: float, now: float) -> None:
        if not isinstance(jti, str):
            raise self._subjects.wrong_type("jti", "a text")
        if not self._used.use(issuer, jti, until, now):
            raise TokenRejected(USED(client=self._settings.name, issuer=issuer), Shape.JWT, recorded=False)

    def _remember(self, cache: TokenCache, request: Request, identity: Identity, generation: int, bound_to_origin: bool) -> None:
        value = request.headers.get(self.header)
        if value is None or not (self._own_header or is_bearer(value)):
            return  # the token came out of a form or of segments, so the header is not its credential
        expires = min(identity.expires, request.arrived + self._longest)
        known = replace(identity, claims=ReadAgain(value))
        cache.put(value, Entry(known, expires, generation, origin_of(request) if bound_to_origin else None))

    def _refused(self, rejected: TokenRejected, now: float) -> Refused:
        if rejected.shape is not Shape.ABSENT:
            self._sparing.log(rejected.told, logger, now)
        if self._settings.inbound_propagation == "required":
            return required(rejected.told, rejected.shape)
        if rejected.recorded:
            self._sparing.log(FALLING_BACK(client=self._settings.name, cause=rejected.told), logger, now)
        return self._login_needed(now)

    def _login_needed(self, now: float) -> Refused:
        told = NO_LOGIN(client=self._settings.name)
        self._sparing.log(told, logger, now)
        return login_needed(told)


async def open_bearer(settings: OpenidConnectClient, assembly: Assembly) -> BearerToken:
    """A client with its keys."""
    registry = await active_registry(assembly)
    subjects = Subjects(settings, registry)
    used = UsedTokens(assembly.store)
    if not settings.token_reuse:
        used.count(time.time())  # what cannot be remembered stops the start, not the first request
    bearer = BearerToken(settings, await open_validator(settings, assembly), subjects, used)
    mapped = (Memories.LOGINS,) if settings.map_identity_to_registry_user else ()
    remembered_in(assembly).add(bearer, Memories.TOKENS, *mapped)
    return bearer
