"""Entries and names of a directory: how a value stands in a filter, and when two DNs are the same."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn


class Entry(NamedTuple):
    """An entry of the directory; attributes by their names in lower case."""

    dn: str
    attributes: Mapping[str, tuple[str, ...]]

    def first(self, name: str) -> str | None:
        """The first value of an attribute, or None."""
        return next(iter(self.attributes.get(name.lower(), ())), None)


def escaped(value: str) -> str:
    """A value as it may stand in a filter (RFC 4515 section 3)."""
    return str(escape_filter_chars(value))


def normal(dn: str) -> tuple[tuple[str, str], ...] | None:
    """A name in a form that can be compared, or None where it is none (RFC 4514)."""
    try:
        return tuple((name.strip().lower(), " ".join(value.split()).casefold()) for name, value, _ in parse_dn(dn, strip=True))
    except (LDAPException, ValueError, IndexError):
        return None


def leading(dn: str) -> str:
    """The value of the first part of a name, without its escapes (RFC 4514 section 2.4)."""
    value = str(parse_dn(dn)[0][1])
    raw = re.sub(
        rb"\\([0-9A-Fa-f]{2}|.)", lambda found: bytes.fromhex(found[1].decode()) if len(found[1]) == 2 else found[1], value.encode()
    )
    return raw.decode("utf-8", "replace")
