"""What a provider says about a token that it was asked about (RFC 7662, OpenID Connect Core section 5.3), judged in Liberty's order."""

import json
import re
from collections.abc import Mapping
from typing import NoReturn

from zconnect.messages import Message, error
from zconnect.security.challenges import TokenRejected
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.subject import UNUSABLE
from zconnect.security.validation import Accepted, Rules
from zconnect.trust.compact import TokenRefused, json_object
from zconnect.trust.token import ALL_AUDIENCES, check_audience

EXPIRED = error(
    "CWWKS1716E",
    "The OpenID Connect client {client} refuses the access token, because it ended at {exp} and it is {now}.",
    "Get a new token; if it is new, compare the clocks or raise clockSkew.",
)
FROM_THE_FUTURE = error(
    "CWWKS1717E",
    "The OpenID Connect client {client} refuses the access token, because it was issued at {iat} and it is {now}.",
    "Compare the clocks, or raise clockSkew.",
)
CLAIM_MISSING = error(
    "CWWKS1718E",
    "The OpenID Connect client {client} refuses the access token, because the provider does not say {claim} of it in a usable form.",
    "Let the provider add the claim to its answer.",
)
NOT_BEGUN = error(
    "CWWKS1719E",
    "The OpenID Connect client {client} refuses the access token, because it holds from {nbf} on and it is {now}.",
    "Wait, compare the clocks, or raise clockSkew.",
)
NOT_ACTIVE = error(
    "CWWKS1720E",
    "The OpenID Connect client {client} refuses the access token, because the provider says that it is not valid.",
    "Get a new token of the provider.",
)
PROVIDER_ERROR = error(
    "CWWKS1721E",
    "The OpenID Connect client {client} was told the error {error} by {url} when it asked about an access token.",
    "Look into the provider's log for this time.",
)
BAD_CREDENTIALS = error(
    "CWWKS1723E",
    "The OpenID Connect client {client} is not known to {url}, or gave it a wrong secret (invalid_client).",
    "Correct clientId, clientSecret and tokenEndpointAuthMethod.",
)
OTHER_ISSUER = error(
    "CWWKS1724E",
    "The OpenID Connect client {client} refuses the access token, because it was issued by {iss}, and trusted is {issuers}.",
    "Correct issuerIdentifier, or use a token of the trusted issuer.",
)
NOT_ANSWERED = error(
    "CWWKS1725E",
    "The OpenID Connect client {client} failed to validate the access token by asking {url}: {cause}.",
    "Correct validationEndpointUrl and validationMethod, or send a JSON Web Token of the provider.",
)
ISSUER_SAID = error(
    "CWWKS1735E",
    "The OpenID Connect client {client} refuses the access token, because it has the issuer {iss} in spite of disableIssChecking.",
    "Set disableIssChecking to false and name the issuer.",
)

_WHOLE = re.compile(r"-?\d{1,18}")
_ERROR = re.compile(r"[!#-\[\]-~ ]{1,100}")  # RFC 6749, section 5.2


class Judge:
    """Judges the answers about the tokens of one client."""

    def __init__(self, settings: OpenidConnectClient, rules: Rules) -> None:
        self._settings = settings
        self._rules = rules
        self._skew = int(rules.clock_skew.total_seconds())
        self._url = settings.validation_endpoint_url.strip()

    def failure(self, body: bytes, challenge: str) -> NoReturn:
        """An answer whose status was not 200; raises `TokenRejected`."""
        try:
            said = json_object(body).get("error") if body else "invalid_token" if "invalid_token" in challenge else None
        except ValueError:
            said = None
        match said:
            case "invalid_client":
                self._reject(BAD_CREDENTIALS, url=self._url)
            case "invalid_token":
                self._reject(NOT_ACTIVE)
        self._reject(PROVIDER_ERROR, url=self._url, error=said if isinstance(said, str) and _ERROR.fullmatch(said) else "without a name")

    def unusable(self, cause: object) -> NoReturn:
        """An answer that says nothing; raises `TokenRejected`."""
        self._reject(NOT_ANSWERED, url=self._url, cause=cause)

    def read(self, body: bytes) -> Mapping[str, object]:
        """The answer as JSON object; raises `TokenRejected`."""
        try:
            return json_object(body)
        except ValueError as problem:
            self.unusable("the answer is not JSON" if isinstance(problem, UnicodeError | json.JSONDecodeError) else problem)

    def judge(self, claims: Mapping[str, object], now: float) -> Accepted:
        """What a whole answer comes to; raises `TokenRejected`. `now` is in seconds since the epoch."""
        ends = None
        if self._settings.validation_method == "userinfo":
            self._userinfo(claims)
        else:
            ends = self._introspection(claims, now)
        try:
            if self._rules.audiences and ALL_AUDIENCES not in self._rules.audiences:
                check_audience(claims, self._rules, ())
        except TokenRefused as refused:
            self._reject(UNUSABLE, cause=refused.told)
        longest = now + self._settings.access_token_cache_timeout.total_seconds()
        issuer = claims.get("iss")
        return Accepted(
            claims=claims,
            issuer=issuer if isinstance(issuer, str) else "",
            expires=longest if ends is None else float(ends + self._skew),
            generation=0,
            bound_to_origin=False,
            readable=False,
        )

    def _introspection(self, claims: Mapping[str, object], now: float) -> int | None:
        """RFC 7662, section 2.2; when the token ends."""
        active = claims.get("active", False)
        if not isinstance(active, bool):
            self._reject(UNUSABLE, cause="active is neither true nor false")
        if not active:
            self._reject(NOT_ACTIVE)
        ends = self._seconds(claims, "exp", self._settings.require_exp_claim_for_introspection)
        if ends is not None and ends < now - self._skew:
            self._reject(EXPIRED, exp=ends, now=int(now))
        issued = self._seconds(claims, "iat", self._settings.require_iat_claim_for_introspection)
        if issued is not None and issued > now + self._skew:
            self._reject(FROM_THE_FUTURE, iat=issued, now=int(now))
        self._issuer(claims, required=True)
        begins = self._seconds(claims, "nbf", required=False)
        if begins is not None and begins > now + self._skew:
            self._reject(NOT_BEGUN, nbf=begins, now=int(now))
        return ends

    def _userinfo(self, claims: Mapping[str, object]) -> None:
        """What is said of a user and not of a token: it has no end of its own."""
        if "error" in claims:
            self.failure(json.dumps({"error": claims["error"]}).encode(), "")
        self._issuer(claims, required=False)

    def _issuer(self, claims: Mapping[str, object], *, required: bool) -> None:
        issuer = claims.get("iss")
        if self._rules.disable_iss_checking and required:
            if issuer is not None:
                self._reject(ISSUER_SAID, iss=issuer)
        elif issuer is None:
            if required:
                self._reject(CLAIM_MISSING, claim="iss")
        elif not isinstance(issuer, str):
            self._reject(UNUSABLE, cause="iss is not a text")
        elif issuer not in self._rules.issuers:
            self._reject(OTHER_ISSUER, iss=issuer, issuers=", ".join(self._rules.issuers) or "nobody")

    def _seconds(self, claims: Mapping[str, object], claim: str, required: bool) -> int | None:
        """A number of whole seconds, which may be written as text."""
        value = claims.get(claim)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            return value
        if value is None and not required:
            return None
        self._reject(CLAIM_MISSING, claim=claim)

    def _reject(self, message: Message, **parameters: object) -> NoReturn:
        raise TokenRejected(message(client=self._rules.name, **parameters), sent=False)
