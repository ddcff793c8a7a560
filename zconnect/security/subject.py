"""Whom a token stands for: user, realm, unique name and groups out of its claims."""

from collections.abc import Mapping
from logging import getLogger

from zconnect.messages import Message, Told, error
from zconnect.roles import UserRegistry
from zconnect.security.authorization import forbidden
from zconnect.security.challenges import TokenRejected
from zconnect.security.oidc import OpenidConnectClient
from zconnect.values import Identity

logger = getLogger(__name__)

NO_USER = error(
    "CWWKS1738E",
    "The OpenID Connect client {client} did not find the claim {claim} with the user's name in the token.",
    "Let the provider add the claim, or name another one with userIdentifier.",
)
NO_USER_SAID = error(
    "CWWKS1722E",
    "The OpenID Connect client {client} did not find the claim {claim} with the user's name in what the provider says of the token.",
    "Let the provider add the claim, or name another one with userIdentifier.",
)
TYPE_SAID = error(
    "CWWKS1730E",
    "The OpenID Connect client {client} cannot use what the provider says of the token: the claim {claim} is not {expected}.",
    "Let the provider give the claim as text, groups as a list of texts.",
)
UNUSABLE = error(
    "CWWKS1727E",
    "The OpenID Connect client {client} failed to validate the access token by asking the provider. The cause of the error was: {cause}",
    "See the cause; compare what the provider says with the configuration of the client.",
)
INVALID = error(
    "CWWKS1737E",
    "The OpenID Connect client {client} failed to validate the JSON Web Token. The cause of the error was: {cause}",
    "See the cause; compare the token with the configuration of the client.",
)
WRONG_TYPE = error(
    "ZCON0409E", "the claim {claim} is not {expected}", "Let the provider issue the claim as text, groups as a list of texts."
)
BLANK_USER = error(
    "ZCON0410E", "the user's name in the claim {claim} is blank or has blanks around it", "Correct the user's name at the provider."
)
NO_REALM = error(
    "ZCON0411E", "neither configuration nor token names a realm for the user", "Set realmName or issuerIdentifier of the client."
)
LOCAL_REALM = error(
    "ZCON0412E",
    "the token names the realm {realm}, which is that of the local user registry",
    "Give the registry another realm, or set realmName of the client if the token's users shall hold the roles of local ones.",
)
CONTROL_CHARACTER = error(
    "ZCON0413E", "The user's name in a token accepted by {client} holds a control character.", "Correct the user's name at the provider."
)
NOT_IN_REGISTRY = error(
    "CWWKS1106A",
    "The user {user}, for whom {client} vouches, is not in the user registry {realm}.",
    "Add the user to the registry, or let callers keep their own realm (mapIdentityToRegistryUser, mapToUserRegistry, a full identity).",
)


class Subjects:
    """Makes identities out of the claims that one client accepts; `said`: the provider was asked for them."""

    def __init__(self, settings: OpenidConnectClient, registry: UserRegistry, *, said: bool = False) -> None:
        self._said = said
        self._settings = settings
        self._registry = registry
        self._user_claim = settings.user_claim
        self._realm_name = settings.realm_name.strip()
        self._realm_claim = settings.realm_identifier.strip()
        self._unique_claim = settings.unique_user_identifier.strip()
        self._group_claim = settings.group_identifier.strip()

    async def identity(self, claims: Mapping[str, object], expires: float) -> Identity:
        """The caller; raises `TokenRejected` (401) on bad claims and `Refused` (403) on a user who may not log in."""
        user = self._user(claims)
        if self._settings.map_identity_to_registry_user:
            return await self._mapped(user, claims, expires)
        return Identity(
            user=user,
            realm=self._realm(claims),
            unique_id=_text(claims, self._unique_claim) or user,
            groups=self._groups(claims),
            mechanism="BEARER",
            claims=claims,
            expires=expires,
        )

    def invalid(self, cause: object) -> TokenRejected:
        """CWWKS1737E, or for what the provider says CWWKS1727E, round a cause."""
        return TokenRejected(self._told(UNUSABLE if self._said else INVALID, cause=cause))

    def wrong_type(self, claim: str, expected: str) -> TokenRejected:
        """The same because a claim is of the wrong type."""
        if self._said:
            return TokenRejected(self._told(TYPE_SAID, claim=claim, expected=expected))
        return self.invalid(WRONG_TYPE(claim=claim, expected=expected))

    def _told(self, message: Message, **parameters: object) -> Told:
        return message(client=self._settings.name, **parameters)

    def _user(self, claims: Mapping[str, object]) -> str:
        value = claims.get(self._user_claim)
        if value is None or value == "":
            raise TokenRejected(self._told(NO_USER_SAID if self._said else NO_USER, claim=self._user_claim), recorded=self._said)
        if not isinstance(value, str):
            raise self.wrong_type(self._user_claim, "a text")
        if not value.isprintable() and any(ord(character) < 32 or ord(character) == 127 for character in value):
            told = self._told(CONTROL_CHARACTER)
            told.log(logger)
            raise forbidden("AuthenticationFailed", told)
        if value != value.strip():
            raise self.invalid(BLANK_USER(claim=self._user_claim))
        return value

    def _realm(self, claims: Mapping[str, object]) -> str:
        if self._realm_name:
            return self._realm_name
        realm = _text(claims, self._realm_claim) or _text(claims, "iss")
        if not realm:
            raise self.invalid(NO_REALM())
        if realm == self._registry.realm:
            raise self.invalid(LOCAL_REALM(realm=realm))
        return realm

    def _groups(self, claims: Mapping[str, object]) -> frozenset[str]:
        """A list as it is; a text is one group, whatever it holds."""
        value = claims.get(self._group_claim)
        if value is None:
            return frozenset()
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.wrong_type(self._group_claim, "a text or a list of texts")
        return frozenset(names)

    async def _mapped(self, user: str, claims: Mapping[str, object], expires: float) -> Identity:
        name = await self._registry.user(user)
        if name is None:
            told = self._told(NOT_IN_REGISTRY, user=user, realm=self._registry.realm)
            told.log(logger)
            raise forbidden("AuthenticationFailed", told)
        groups = await self._registry.groups_of(name)
        return Identity(
            name,
            self._registry.realm,
            await self._registry.unique_id(name),
            groups,
            "BEARER",
            mapped_user=name,
            claims=claims,
            expires=expires,
        )


def _text(claims: Mapping[str, object], name: str) -> str:
    """A claim if it is text; any other type counts as absent, as in Liberty."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""
