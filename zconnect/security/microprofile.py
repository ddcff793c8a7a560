"""<mpJwt> at work: where a request has its token, what its caller is told, and which of several is for a request."""

from collections.abc import Mapping
from functools import partial
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import Refused
from zconnect.messages import Sparing, Told, error
from zconnect.roles import Assembly
from zconnect.security.authfilter import Filter, compiled
from zconnect.security.bearer import BearerToken, Parts, Presented, open_bearer
from zconnect.security.challenges import TokenRejected
from zconnect.security.credential import cookies, in_form
from zconnect.security.mpjwt import MP_JWT, TOO_MANY, MpJwt
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.subject import INVALID, NO_USER, Subjects
from zconnect.security.validation import Accepted
from zconnect.trust.keystore import DEFAULT_ID, KeyStore
from zconnect.trust.tls import DEFAULT_SSL, outbound_tls
from zconnect.values import Identity, Request

logger = getLogger(__name__)

NO_USER_CLAIM = error(
    "CWWKS5519E",
    "The token does not contain the claim {claim} that is specified by the userNameAttribute attribute of {name}.",
    "Let the issuer add the claim, or name another one with userNameAttribute.",
)
NOT_FOUND = error("CWWKS5522E", "A MicroProfile JWT cannot be found in the request.", "Send the token as Authorization: Bearer.")
NOT_VALID = error(
    "CWWKS5523E",
    "The request is not authenticated, because the token in it is no valid JWT for {name}: {cause}",
    "See the cause; compare the token with the configuration of the mpJwt.",
)
TOO_OLD = error("ZCON0547E", "it was issued at {iat}, and tokenAge allows {age} seconds", "Get a new token, or raise tokenAge.")

CHALLENGE = (b"www-authenticate", b'Bearer realm="MP-JWT", error="invalid_token"')


class _Subjects(Subjects):
    """As for other tokens, with the realm of the issuer without a slash at its end."""

    def _realm(self, claims: Mapping[str, object]) -> str:
        issuer = claims.get("iss")
        bare = issuer[:-1] if isinstance(issuer, str) and len(issuer) > 1 and issuer.endswith("/") else issuer
        return super()._realm({**claims, "iss": bare})


class MicroProfileToken(BearerToken):
    """Judges the token of a request for one <mpJwt>."""

    _asks = False

    def __init__(self, element: MpJwt, settings: OpenidConnectClient, parts: Parts) -> None:
        super().__init__(settings, parts)
        self._subjects = _Subjects(settings, parts.registry)
        self._name = settings.name
        self._age = element.token_age.total_seconds()
        self._skew = element.clock_skew.total_seconds()
        self._cookie = element.cookie_name.strip().lower().encode() if element.token_header == "Cookie" else b""
        self._scheme = element.authorization_header_scheme.strip().lower().encode() + b" "

    def recall(self, request: Request) -> Identity | None:
        """As for other tokens; what is remembered of a cookie is not looked for in Authorization."""
        return None if self._cookie else super().recall(request)

    def steps_back(self, request: Request) -> bool:
        """A resource for which nobody has to log in needs no token, and others may say who calls."""
        return self._in_header(request) is None

    def _in_header(self, request: Request) -> bytes | None:
        if self._cookie:
            return next((value for name, value in cookies(request.headers) if name == self._cookie), None)
        value = request.headers.get(b"authorization")
        if value is None or not value.lower().startswith(self._scheme):
            return value
        return value[len(self._scheme) :].strip()

    async def _presented(self, request: Request) -> Presented | None:
        """The token; what stands in Authorization is taken for one whatever its scheme, and a form counts without it."""
        token = self._in_header(request)
        if token is None and (token := await in_form(request)) is None:
            return None
        header = None if self._cookie else request.headers.get(b"authorization")
        return Presented(token, header or b"Bearer " + token, sent=True)

    async def _here(self, presented: Presented, request: Request) -> Accepted | None:
        accepted = await super()._here(presented, request)
        if accepted is None or not self._age:
            return accepted
        issued = accepted.claims.get("iat")
        ends = issued + self._age + self._skew if isinstance(issued, int | float) else 0.0
        if request.arrived > ends:
            raise self._subjects.invalid(TOO_OLD(iat=issued, age=self._age))
        return accepted._replace(expires=min(accepted.expires, ends))

    def _refused(self, rejected: TokenRejected, presented: Presented | None, request: Request) -> Refused:
        told = NOT_FOUND() if presented is None else self._reason(rejected.told)
        self._sparing.log(told, logger, request.arrived)
        return Refused(401, told, headers=(CHALLENGE,))

    def _reason(self, told: Told) -> Told:
        if told.message is NO_USER:
            return NO_USER_CLAIM(claim=told.parameters["claim"], name=self._name)
        return NOT_VALID(name=self._name, cause=told.parameters["cause"] if told.message is INVALID else told)


class _One(NamedTuple):
    """An <mpJwt>, its filter and its judge."""

    element: MpJwt
    accepting: Filter | None
    client: BearerToken


class MicroProfileTokens:
    """The <mpJwt> of a runtime; one alone may be for a request, of those with a filter before those without."""

    def __init__(self, every: tuple[_One, ...]) -> None:
        self._every = every
        self._sparing = Sparing()

    def selected(self, request: Request, application: str, login: str) -> BearerToken | None:
        """Which one judges a request to what has a login method; raises `Refused` where it could be several."""
        found = [each for each in self._every if each.accepting and each.accepting.accepts(request, application)]
        found = found or [each for each in self._every if each.accepting is None]
        if len(found) > 1:
            told = TOO_MANY(ids=", ".join(each.element.id for each in found))
            self._sparing.log(told, logger, request.arrived)
            raise Refused(401, told, headers=(CHALLENGE,))
        return next((each.client for each in found if each.element.ignore_application_auth_method or login == MP_JWT), None)


async def open_microprofile(assembly: Assembly) -> MicroProfileTokens | None:
    """All <mpJwt> of this runtime; None without any."""
    every = [
        _One(element, compiled(element.auth_filter) if element.auth_filter else None, await _open(element, assembly))
        for element in assembly.configuration.all(MpJwt)
    ]
    return MicroProfileTokens(tuple(every)) if every else None


async def _open(element: MpJwt, assembly: Assembly) -> BearerToken:
    tls = element.ssl or outbound_tls(assembly)
    implied = assembly.configuration.get(KeyStore, DEFAULT_ID) if tls and tls.id == DEFAULT_SSL else None
    trusted = (tls.trust_store or tls.key_store or implied) if tls else None
    return await open_bearer(element.client(trusted), assembly, partial(MicroProfileToken, element))
