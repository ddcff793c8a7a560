"""Filters, id maps and search bases of <ldapRegistry>, taken apart."""

import re
from collections.abc import Iterable, Iterator, Sequence

from zconnect.security.ldapparts import LdapEntityType, Remembering

_ASSERTION = re.compile(r"\(([\w;.-]+)=%v\)")


def pairs(id_map: str) -> Iterator[tuple[str, str]]:
    """The classes and attributes of an id map (`CLASS:ATTRIBUTE;CLASS:ATTRIBUTE`)."""
    for pair in filter(None, (each.strip() for each in id_map.split(";"))):
        kind, _, attribute = pair.partition(":")
        yield kind.strip(), attribute.strip()


def attributes(id_map: str) -> tuple[str, ...]:
    """The attributes of an id map."""
    return tuple(attribute for _, attribute in pairs(id_map))


def by_logins(filter: str, logins: tuple[str, ...]) -> str:
    """A user filter whose assertion about the name is about these attributes instead."""
    if not logins:
        return filter
    asserted = "".join(f"({attribute}=%v)" for attribute in logins)
    return _ASSERTION.sub(lambda _: f"(|{asserted})", filter)


def size(caches: Sequence[Remembering], default: Remembering) -> tuple[int, float]:
    """How much a cache remembers, and for how many seconds."""
    cache = caches[-1] if caches else default
    return (cache.size if cache.enabled else 0), cache.timeout.total_seconds()


def plain(dn: str) -> str:
    """A DN without blanks and letter case, for a first comparison."""
    return ",".join(part.strip() for part in dn.split(",")).casefold()


def bases(kind: LdapEntityType | None, base_dn: str) -> tuple[str, ...]:
    """Where entries are looked for; an attribute with one DN was taken for a list, which is put together again."""
    bases: list[str] = []
    begun = ""
    for part in kind.search_base if kind else ():
        begun = f"{begun},{part}" if begun else part
        if f",{plain(begun)}".endswith(f",{plain(base_dn)}"):
            bases.append(begun.strip())
            begun = ""
    return tuple([*bases, *([begun] if begun else [])] or [base_dn])


def stray(bases: Iterable[str], base_dn: str) -> Iterator[str]:
    """The search bases that are not below the directory's own."""
    return (base for base in bases if not f",{plain(base)}".endswith(f",{plain(base_dn)}"))
