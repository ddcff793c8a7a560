"""What RACF would say: the groups of a user, the access that profiles give him, whom a distributed identity stands for."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from cryptography import x509

from zconnect.security.safelements import RacMap, SafDatabase, SafProfile, SafUser

_LEVELS: Mapping[str, int] = MappingProxyType(
    {level: place for place, level in enumerate(("NONE", "EXECUTE", "READ", "UPDATE", "CONTROL", "ALTER"))}
)
_GENERIC = re.compile(r"\*\*|[%*]")
_REMEMBERED = 25_000


class Database:
    """The users, groups and rules of one <zconnect_saf>; names of users and groups are in capitals."""

    def __init__(self, settings: SafDatabase) -> None:
        self.users: Mapping[str, SafUser] = {_upper(each.name): each for each in settings.users}
        self.groups = {_upper(each.name): frozenset(_upper(member.name) for member in each.members) for each in settings.groups}
        self._groups_of = {user: frozenset(name for name, members in self.groups.items() if user in members) for user in self.users}
        self._profiles = sorted(settings.profiles, key=_specific)
        self._patterns = [(each, _pattern(each)) for each in self._profiles]
        self._maps = settings.racmaps
        self._certificates = [
            (each.user, x509.Name.from_rfc4514_string(each.subject or ""), x509.Name.from_rfc4514_string(each.issuer or ""))
            for each in settings.racdcerts
        ]
        self.mapped = lru_cache(_REMEMBERED)(self._mapped)
        self.permits = lru_cache(_REMEMBERED)(self._permits)

    def able(self, user: str) -> bool:
        """Whether there is such a user, who is not revoked."""
        return user in self.users and not self.users[user].revoked

    def groups_of(self, user: str) -> frozenset[str]:
        """The groups to which a user is connected."""
        return self._groups_of.get(user, frozenset())

    def _permits(self, user: str, kind: str, resource: str, access: str = "READ") -> bool:
        """Whether a user has an access to a resource; where no profile covers it, nobody has."""
        profile = next((each for each, pattern in self._patterns if each.class_ == kind and pattern.fullmatch(resource)), None)
        return profile is not None and self.able(user) and _LEVELS[self._access(user, profile)] >= _LEVELS[access]

    def _access(self, user: str, profile: SafProfile) -> str:
        """As RACF decides: the user's own entry, else the best of his groups, else * and UACC for who is not restricted."""
        listed = {_upper(each.to): each.access for each in profile.permits}
        if user in listed:
            return listed[user]
        groups = [listed[group] for group in self.groups_of(user) if group in listed]
        if groups:
            return max(groups, key=lambda access: _LEVELS[access])
        if self.users[user].restricted:
            return "NONE"
        return listed.get("*", profile.universal_access)

    def _mapped(self, name: str, realm: str) -> str | None:
        """The user whom an identity of another registry stands for: the rule that says most about it decides."""
        fitting = [(weight, each) for each in self._maps if (weight := _weight(each, name, realm)) is not None]
        user = _upper(max(fitting, key=lambda pair: pair[0])[1].user) if fitting else ""
        return user if self.able(user) else None

    def user_of(self, leaf: x509.Certificate) -> str | None:
        """The user whom a certificate stands for: the rule with the longest names decides."""
        fitting = [
            (len(subject.rdns) + len(issuer.rdns), user)
            for user, subject, issuer in self._certificates
            if _ends(leaf.subject, subject) and _ends(leaf.issuer, issuer)
        ]
        user = _upper(max(fitting, key=lambda pair: pair[0])[1]) if fitting else ""
        return user if self.able(user) else None


def _upper(name: str) -> str:
    return name.strip().upper()


def _ends(name: x509.Name, ending: x509.Name) -> bool:
    """Whether a name ends so as it is written, which is how its DER begins."""
    return name.rdns[: len(ending.rdns)] == ending.rdns


def _pattern(profile: SafProfile) -> "re.Pattern[str]":
    """% is a letter, * some within a qualifier, ** any qualifiers (RACF's enhanced generic naming)."""
    name = profile.name.strip()
    name = name if profile.class_ == "EJBROLE" else name.upper()
    words = {"%": r"[^.]", "*": r"[^.]*", "**": r".*"}
    text, at = "", 0
    for found in _GENERIC.finditer(name):
        text += re.escape(name[at : found.start()]) + words[found[0]]
        at = found.end()
    text += re.escape(name[at:])
    return re.compile(re.sub(r"\\\.\.\*$", r"(?:\\..*)?", text))


def _specific(profile: SafProfile) -> list[tuple[int, str]]:
    """Left to right: a letter says more than %, that more than *, that more than **."""
    ranks = {"%": 1, "*": 2, "**": 3}
    parts = re.findall(r"\*\*|.", profile.name.strip())
    return [*((ranks.get(part, 0), "") for part in parts), (4, "")]


def _weight(rule: RacMap, name: str, realm: str) -> tuple[int, int, bool] | None:
    """How much a rule says about an identity, None where it is about others."""
    if rule.registry.strip() not in {realm, "*"}:
        return None
    wanted = rule.name.strip()
    known = rule.registry.strip() == realm
    if wanted == name:
        return 2, len(wanted), known
    parts, ending = _dn(name), _dn(wanted)
    if "=" in wanted and parts[-len(ending) :] == ending:
        return 1, len(ending), known
    return (0, 0, known) if wanted == "*" else None


def _dn(text: str) -> list[str]:
    return [part.strip().casefold() for part in re.split(r"(?<!\\),", text)]


def profile_name(pattern: str, prefix: str, resource: str, role: str, upper: bool) -> str:
    """The profile for a role of a resource (Liberty: safRoleMapper); what would be generic in it becomes #."""
    values = {"%profilePrefix%": prefix, "%resource%": resource, "%role%": role}
    text = re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], pattern)
    text = re.sub(r"[%&*\s]", "#", text)
    return text.upper() if upper else text
