"""Judges a JSON Web Token for one client, in Liberty's order: form, key, claims, signature."""

import math
from collections.abc import Collection, Mapping
from copy import copy
from datetime import timedelta
from logging import getLogger
from typing import NamedTuple

from zconnect.errors import ConfigurationError, Refused, Unavailable
from zconnect.messages import Sparing, error
from zconnect.roles import Assembly
from zconnect.security.challenges import TokenRejected
from zconnect.security.endpoints import server_names
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.signingkeys import open_decryption, open_signing_keys
from zconnect.security.subject import INVALID
from zconnect.trust.compact import Compact, TokenRefused
from zconnect.trust.encryption import Decryption, is_encrypted
from zconnect.trust.keyset import KeySet, key_for
from zconnect.trust.token import check_claims, verify_signature
from zconnect.values import Request

logger = getLogger(__name__)

NO_KEY = error(
    "CWWKS1739E",
    "The OpenID Connect client {client} has no key to verify a token that is signed with {algorithm}.",
    "Check jwkEndpointUrl, or sharedKey, or trustStoreRef and trustAliasName of the client, and the kid of the token.",
)
OUTAGE = error(
    "ZCON0423E", "The keys of the OpenID Connect client {client} are not there: {cause}", "See why the provider cannot be reached."
)


class Accepted(NamedTuple):
    """A token that was found good.

    `expires` is seconds since the epoch with the skew in it; `generation` is that of the keys; `bound_to_origin` says
    that the address of the server was the audience. `jti` makes it a token that is used once; `readable` says that its text
    holds the claims.
    """

    claims: Mapping[str, object]
    issuer: str
    expires: float
    generation: int
    bound_to_origin: bool
    jti: object = None
    readable: bool = True


class Rules(NamedTuple):
    """What the claims of a token are held against (`trust.token.TokenSettings`)."""

    name: str
    issuers: frozenset[str]
    disable_iss_checking: bool
    audiences: tuple[str, ...]
    clock_skew: timedelta


def rules_of(settings: OpenidConnectClient) -> Rules:
    """The rules of a client for tokens that are judged here."""
    return Rules(
        name=settings.name,
        issuers=settings.issuers,
        disable_iss_checking=settings.disable_iss_checking,
        audiences=tuple(filter(None, (audience.strip() for audience in settings.audiences))),
        clock_skew=settings.clock_skew,
    )


class Validator:
    """Judges tokens for one client."""

    def __init__(
        self, settings: OpenidConnectClient, rules: Rules, keys: KeySet, hosts: frozenset[str], decryption: Decryption | None = None
    ) -> None:
        self.rules = rules
        self._decryption = decryption
        self._algorithm = settings.signature_algorithm
        self._unsigned = self._algorithm == "none"
        self._keys = keys
        self._hosts = hosts
        self._sparing = Sparing()
        self._skew = math.floor(rules.clock_skew.total_seconds())

    def of_logins(self, client_id: str) -> "Validator":
        """The same judge with the same keys for ID tokens, which must be for this client and name their issuer."""
        other = copy(self)
        other.rules = self.rules._replace(audiences=(client_id,), disable_iss_checking=False)
        return other

    @property
    def generation(self) -> int:
        """Which keys are in force; another number means that what older ones verified must be judged anew."""
        return self._keys.generation

    def parse(self, token: bytes) -> Compact:
        """A token taken apart, out of its encryption if it has one; raises `TokenRefused`."""
        if self._decryption is not None and is_encrypted(token):
            token = self._decryption.open(token)
        return Compact.parse(token)

    async def validate(self, compact: Compact, request: Request) -> Accepted:
        """The claims of a good token; raises `TokenRejected`, or `Refused` (503) while the provider's keys cannot be had."""
        try:
            return await self._validated(compact, request)
        except TokenRefused as refused:
            told = INVALID(client=self.rules.name, cause=refused.told)
            raise TokenRejected(told) from refused
        except Unavailable as outage:
            told = OUTAGE(client=self.rules.name, cause=outage.told)
            self._sparing.log(told, logger, request.arrived)
            raise Refused(503, told, headers=[(b"retry-after", b"30")]) from outage

    async def _validated(self, compact: Compact, request: Request) -> Accepted:
        bound = not self.rules.audiences
        origins = self._origins(request) if bound else ()
        key = None if self._unsigned else self._keys.find(compact.header, self._algorithm)
        if key is None and not self._unsigned:
            check_claims(compact.claims, self.rules, request.arrived, origins)  # the provider is not asked for a key that would not help
            key = await key_for(self._keys, compact.header, self._algorithm)
            if key is None:
                raise TokenRefused(NO_KEY(client=self.rules.name, algorithm=self._algorithm))
        generation = self._keys.generation
        check_claims(compact.claims, self.rules, request.arrived, origins)
        if key is not None:
            verify_signature(compact, self._algorithm, key, self.rules.name)
        issuer, ends = compact.claims.get("iss"), compact.claims["exp"]
        return Accepted(
            claims=compact.claims,
            issuer=issuer if isinstance(issuer, str) else "",
            expires=float(ends) + self._skew if isinstance(ends, int | float) else 0.0,
            generation=generation,
            bound_to_origin=bound and bool(compact.claims.get("aud")),
            jti=compact.claims.get("jti"),
        )

    async def signed(self, document: bytes) -> Mapping[str, object]:
        """The claims of a signed answer of the provider, of which the signature alone is judged.

        Raises `TokenRefused`, and `Unavailable` while the keys cannot be had."""
        compact = self.parse(document)
        key = None if self._unsigned else await key_for(self._keys, compact.header, self._algorithm)
        if key is None:
            raise TokenRefused(NO_KEY(client=self.rules.name, algorithm=self._algorithm))
        verify_signature(compact, self._algorithm, key, self.rules.name)
        return compact.claims

    def _origins(self, request: Request) -> Collection[str]:
        """The addresses of this server by its own knowledge; the Host header is the client's word and does not count."""
        port = request.peer.local_port
        address = request.peer.local_address
        hosts = (*self._hosts, f"[{address}]" if ":" in address else address)
        bare = port == (443 if request.scheme == "https" else 80)
        return [f"{request.scheme}://{host}{suffix}" for host in hosts for suffix in ([f":{port}", ""] if bare else [f":{port}"])]


async def open_validator(settings: OpenidConnectClient, assembly: Assembly) -> Validator:
    """The judge of a client's tokens; raises `ConfigurationError` where it would verify nothing and nobody said so aloud."""
    if problems := [problem for problem in settings.mistakes() if problem.stops]:
        raise ConfigurationError(problems)
    keys = await open_signing_keys(settings, assembly)
    return Validator(settings, rules_of(settings), keys, server_names(assembly.configuration), await open_decryption(settings, assembly))
