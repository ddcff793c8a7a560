"""Groups of a directory that describe their members by a search (`memberURL`, RFC 4516) instead of listing them."""

import time
from collections.abc import Sequence
from logging import getLogger
from typing import NamedTuple
from urllib.parse import unquote

from zconnect.messages import Sparing, warning
from zconnect.security.ldapdirectory import Directory, is_filter
from zconnect.security.ldapnames import Entry, normal

logger = getLogger(__name__)

NOT_HEEDED = warning(
    "ZCON0642W",
    "The group {group} describes its members by {url}, which is not heeded, so nobody belongs to it for that: {reason}.",
    "Correct it in the directory, to an address such as ldap:///BASE??sub?(FILTER).",
)


class Described(NamedTuple):
    """Members: entries in the `scope` (base, one or sub) of a `base` that pass a filter."""

    base: tuple[tuple[str, str], ...]
    scope: str
    filter: str

    def covers(self, parts: tuple[tuple[str, str], ...]) -> bool:
        """Whether a name is in the scope."""
        above = len(parts) - len(self.base)
        return above in {"base": (0,), "one": (1,), "sub": range(len(parts) + 1)}[self.scope] and parts[above:] == self.base


def described(url: str) -> Described:
    """What a URL says (RFC 4516, section 2); raises ValueError on what cannot be asked of this directory."""
    scheme, _, rest = url.strip().partition("://")
    host, slash, rest = rest.partition("/")
    if scheme.lower() not in {"ldap", "ldaps"} or not slash:
        raise ValueError("it does not begin with ldap:///")
    if host:
        raise ValueError("it is about another server")
    dn, _, scope, filter, *extensions = (unquote(part, errors="strict") for part in f"{rest}????".split("?"))
    base = normal(dn) if dn else ()
    if base is None:
        raise ValueError("its base is no name")
    if any(each.startswith("!") for part in extensions for each in part.split(",")):
        raise ValueError("it has an extension that must be understood")
    if (scope or "base").lower() not in {"base", "one", "sub"}:
        raise ValueError("its scope is none of base, one and sub")
    if filter and not is_filter(filter):
        raise ValueError("its filter is none")
    return Described(base, (scope or "base").lower(), filter or "(objectclass=*)")


class DynamicGroups:
    """The groups of these `kinds`: pairs of their class and the attribute that describes members."""

    def __init__(self, kinds: Sequence[tuple[str, str]], bases: Sequence[str], names: Sequence[str], directory: Directory) -> None:
        self._kinds = kinds
        self._bases = bases
        self._names = names
        self._directory = directory
        self._sparing = Sparing()

    async def holding(self, dn: str) -> list[Entry]:
        """The groups whose description an entry fits."""
        parts = normal(dn)
        if not self._kinds or parts is None:
            return []
        filter = "".join(f"(&(objectclass={kind})({name}=*))" for kind, name in self._kinds)
        attributes = [name for _, name in self._kinds]
        groups = await self._directory.search(self._bases, f"(|{filter})", (*self._names, *attributes))
        urls = [(group, url) for group in groups for name in attributes for url in group.attributes.get(name.lower(), ())]
        found: dict[str, Entry] = {}
        for group, url in urls:
            if group.dn not in found and await self._fits(dn, parts, group, url):
                found[group.dn] = group
        return list(found.values())

    async def _fits(self, dn: str, parts: tuple[tuple[str, str], ...], group: Entry, url: str) -> bool:
        try:
            wanted = described(url)
        except ValueError as reason:
            self._sparing.log(NOT_HEEDED(group=group.dn, url=url, reason=reason), logger, time.time())
            return False
        return wanted.covers(parts) and bool(await self._directory.search([dn], wanted.filter, ("objectclass",), alone=True, limit=1))
