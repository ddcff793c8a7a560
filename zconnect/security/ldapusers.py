"""The users and groups of a directory (the socket `UserRegistry`); a name that it returns stands for one entry alone."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from logging import getLogger
from typing import Generic, TypeVar

from cryptography import x509

from zconnect.messages import Sparing, error, warning
from zconnect.security.ldapcertificate import filled
from zconnect.security.ldapdirectory import Directory
from zconnect.security.ldapdynamic import DynamicGroups
from zconnect.security.ldapnames import Entry, escaped, leading, normal

logger = getLogger(__name__)
T = TypeVar("T")

AMBIGUOUS = error(
    "ZCON0474E",
    "The name {name} finds several entries of the directory {realm} ({entries}), so it is nobody's.",
    "Make userFilter or groupFilter narrower, or give the entries names of their own.",
)
NAMELESS = error(
    "ZCON0475E",
    "The entry {entry} of the directory {realm} has no attribute {attribute}, so its user has no name and cannot log in.",
    "Name another attribute in userIdMap or loginProperty, or give the entry one.",
)
TOO_DEEP = warning(
    "ZCON0476W",
    "The groups in groups of {user} are more than {most}; those beyond are not his.",
    "Have the directory find them (memberOf, ibm-allGroups), or set recursiveSearch to false.",
)

_MOST_GROUPS = 2000
_AT_ONCE = 50  # names or members in one filter


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How users and groups are found; `member_of` are attributes of entries, `members` classes and attributes of groups,
    `described` those of groups that describe their members.
    """

    realm: str
    user_bases: tuple[str, ...]
    user_filter: str
    user_names: tuple[str, ...]
    group_bases: tuple[str, ...]
    group_filter: str
    group_name: str
    member_of: tuple[str, ...]
    members: tuple[tuple[str, str], ...]
    described: tuple[tuple[str, str], ...]
    nested: bool
    ignore_case: bool
    certificate: str | None
    found_for: tuple[int, float]
    groups_for: tuple[int, float]


class Finds(Generic[T]):
    """What was found, by key, for some seconds; `size` 0 remembers nothing."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._entries: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, key: str) -> T | None:
        """What is remembered under a key."""
        until, value = self._entries.get(key, (0.0, None))
        return value if time.monotonic() < until else None

    def put(self, key: str, value: T) -> None:
        """Remember it."""
        self._entries[key] = time.monotonic() + self._seconds, value
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)


class LdapUsers:
    """The registry over one directory; every method may raise `Refused` (503) where it does not answer."""

    elsewhere = True

    def __init__(self, plan: Plan, directory: Directory) -> None:
        self._plan = plan
        self._directory = directory
        self._dynamic = DynamicGroups(plan.described, plan.group_bases, self._group_names, directory)
        self.clear()
        self._sparing = Sparing()

    def clear(self) -> None:
        """Forget what was found; who is being looked for now puts it into what nobody reads any more."""
        self._users: Finds[Entry] = Finds(*self._plan.found_for)
        self._groups: Finds[Entry] = Finds(*self._plan.found_for)
        self._groups_of: Finds[frozenset[str]] = Finds(*self._plan.groups_for)

    @property
    def realm(self) -> str:
        """The name of this registry."""
        return self._plan.realm

    async def check_password(self, user: str, password: str) -> str | None:
        """The user's name if the directory accepts the password; for an unknown user a bind is tried, too, that cannot succeed."""
        if not password:
            return None
        entry = await self._user(user)
        known = entry and self._name(entry)
        dn = entry.dn if entry and known else f"cn={secrets.token_hex(8)},{self._plan.user_bases[0]}"
        return known if await self._directory.accepts(dn, password) and known else None

    async def user(self, name: str) -> str | None:
        """The user whom a name (or the DN of an entry) finds, or None."""
        entry = await self._user(name)
        return self._name(entry) if entry else None

    async def unique_id(self, user: str) -> str:
        """The DN of a user's entry."""
        entry = await self._user(user)
        return entry.dn if entry else user

    async def group(self, name: str) -> str | None:
        """The group that a name (or the DN of an entry) finds, or None."""
        groups = self._groups
        entry = groups.get(name) or await self._by_dn(name, self._plan.group_bases, self._plan.group_filter, self._group_names)
        if entry is None:
            entry = self._one(name, await self._search_groups(self._plan.group_filter.replace("%v", escaped(name)), 2))
        if entry is not None:
            groups.put(name, entry)
        return entry.first(self._plan.group_name) if entry else None

    async def groups_of(self, user: str) -> frozenset[str]:
        """The names of the groups that a user belongs to, without those that several groups have."""
        groups = self._groups_of
        entry = await self._user(user)
        if entry is None:
            return frozenset()
        found = groups.get(entry.dn)
        if found is None:
            found = await self._named(await self._memberships(entry, user))
            groups.put(entry.dn, found)
        return found

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """The user whom certificateMapMode finds for a verified client certificate, or None."""
        if self._plan.certificate is None:
            return None
        leaf = x509.load_der_x509_certificate(certificate)
        if not self._plan.certificate:
            entry = await self._by_dn(leaf.subject.rfc4514_string(), self._plan.user_bases, self._plan.user_filter, self._user_attributes)
        else:
            filter = filled(self._plan.certificate, leaf, escaped)
            wanted = filter and f"(&{filter}{self._plan.user_filter.replace('%v', '*')})"
            found = await self._search_users(wanted, 2) if wanted else []
            entry = self._one(filter or "", found)
        return self._name(entry) if entry else None

    @property
    def _user_attributes(self) -> tuple[str, ...]:
        return (*self._plan.user_names, *self._plan.member_of)

    @property
    def _group_names(self) -> tuple[str, ...]:
        return (self._plan.group_name, *self._plan.member_of)

    async def _search_users(self, filter: str, limit: int) -> list[Entry]:
        return await self._directory.search(self._plan.user_bases, filter, self._user_attributes, limit=limit)

    async def _search_groups(self, filter: str, limit: int = 0) -> list[Entry]:
        return await self._directory.search(self._plan.group_bases, filter, self._group_names, limit=limit)

    async def _user(self, name: str) -> Entry | None:
        """The one entry of a user, and no other user's name; remembered by the name that was asked for."""
        names, users = self._plan.user_names, self._users
        entry = users.get(name)
        if entry is None:
            entry = await self._by_dn(name, self._plan.user_bases, self._plan.user_filter, self._user_attributes)
        if entry is None:
            entry = self._one(name, await self._search_users(self._plan.user_filter.replace("%v", escaped(name)), 2))
            if entry and not self._plan.ignore_case and not any(name in entry.attributes.get(each.lower(), ()) for each in names):
                return None
        if entry is None or not self._name(entry) or not await self._alone(name, entry):
            return None
        users.put(name, entry)
        return entry

    async def _alone(self, typed: str, entry: Entry) -> bool:
        """Whether the name that the user goes by finds this entry and no other one: two people must never be one."""
        name = self._name(entry) or ""
        if name.casefold() == typed.casefold():
            return True
        again = self._one(name, await self._search_users(self._plan.user_filter.replace("%v", escaped(name)), 2))
        return again is not None and normal(again.dn) == normal(entry.dn)

    def _name(self, entry: Entry) -> str | None:
        attribute = self._plan.user_names[0]
        name = entry.first(attribute)
        if not name:
            self._sparing.log(NAMELESS(entry=entry.dn, realm=self.realm, attribute=attribute), logger, time.time())
        return name

    def _one(self, name: str, found: Sequence[Entry]) -> Entry | None:
        if len(found) > 1:
            entries = "; ".join(entry.dn for entry in found)
            self._sparing.log(AMBIGUOUS(name=name, realm=self.realm, entries=entries), logger, time.time())
        return found[0] if len(found) == 1 else None

    async def _by_dn(self, dn: str, bases: Iterable[str], filter: str, names: Sequence[str]) -> Entry | None:
        """The entry of a DN, if it is one that the filter could find below the bases."""
        parts = normal(dn) if "=" in dn else None
        if not parts or not any(parts[-len(base) :] == base for base in map(normal, bases) if base):
            return None
        found = await self._directory.search([dn], filter.replace("%v", "*"), names, alone=True, limit=1)
        return found[0] if found and normal(found[0].dn) == parts else None

    async def _memberships(self, entry: Entry, user: str) -> list[str]:
        """The DNs of the groups that hold an entry; with `nested` also those that hold these."""
        found: dict[object, str] = {}
        fresh, described = [entry], await self._dynamic.holding(entry.dn)
        while fresh:
            outer = [dn for each in fresh for name in self._plan.member_of for dn in each.attributes.get(name.lower(), ())]
            groups = [*described, *await self._holding([each.dn for each in fresh])]
            described = []
            if self._plan.nested:
                groups += [group for dn in outer if (group := await self._group_entry(dn))]
            new: dict[object, str] = {normal(dn): dn for dn in (*outer, *(group.dn for group in groups)) if normal(dn) not in found}
            found |= new
            fresh = [group for group in groups if normal(group.dn) in new] if self._plan.nested else []
            if len(found) > _MOST_GROUPS:
                self._sparing.log(TOO_DEEP(user=user, most=_MOST_GROUPS), logger, time.time())
                break
        return list(found.values())[:_MOST_GROUPS]

    async def _group_entry(self, dn: str) -> Entry | None:
        return await self._by_dn(dn, self._plan.group_bases, self._plan.group_filter, self._group_names)

    async def _holding(self, members: Sequence[str]) -> list[Entry]:
        """The groups that list any of these members."""
        if not self._plan.members:
            return []
        found: list[Entry] = []
        for some in _chunks(members):
            values = [escaped(dn) for dn in some]
            listed = [f"(&(objectclass={kind})(|{''.join(f'({name}={value})' for value in values)}))" for kind, name in self._plan.members]
            found += await self._search_groups(f"(|{''.join(listed)})")
        return found

    async def _named(self, dns: Sequence[str]) -> frozenset[str]:
        """Their names; one that finds several groups is nobody's, since it could be given by whoever may make a group anywhere."""
        names: dict[object, str] = {}
        for dn in dns:
            parts = normal(dn) or (("", ""),)
            entry = None if parts[0][0] == self._plan.group_name.lower() else await self._group_entry(dn)
            name = entry.first(self._plan.group_name) if entry else leading(dn)
            if name:
                names[normal(dn)] = name
        found: dict[str, list[Entry]] = {}
        for some in _chunks(list(names.values())):
            filters = "".join(self._plan.group_filter.replace("%v", escaped(name)) for name in some)
            for entry in await self._search_groups(f"(|{filters})"):
                found.setdefault((entry.first(self._plan.group_name) or "").casefold(), []).append(entry)
        held = (self._one(name, found.get(name.casefold(), ())) for name in names.values())
        mine = (entry for entry in held if entry and normal(entry.dn) in names)
        return frozenset(name for entry in mine if (name := entry.first(self._plan.group_name)))


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
