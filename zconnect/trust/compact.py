"""The compact form of a signed token (RFC 7515, section 7.1), taken apart strictly: one token has one spelling."""

import binascii
import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from zconnect.messages import Told, error

# Sixteen kilobytes hold some 400 group names; the edge gives all headers of a request twice as much.
MAXIMUM = 16 * 1024
# How deep the interpreter goes differs by version; this many lists and objects, nested or not, no issuer needs.
MOST_BRACKETS = 500

TOO_LONG = error("ZCON0310E", "The token has {length} bytes; {maximum} are accepted.", "Have fewer claims put into the token.")
FORM = error(
    "ZCON0311E",
    "The token is not a signed JSON Web Token in compact form: {reason}.",
    "Send the token as its issuer made it; encrypted tokens are not accepted.",
)
CRITICAL = error(
    "ZCON0312E", "The header of the token has the parameter {parameter}, which is not understood.", "Have the token issued without it."
)
LOGOUT_TYPE = error("CWWKS1785E", "The token is a logout token by its type {typ}.", "Send an access token.")

_LOGOUT_TYPES = frozenset({"logout+jwt", "application/logout+jwt"})

# RFC 4648, section 5, and nothing else: what is no letter of that alphabet becomes one that the strict decoder refuses.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
# RFC 4648, section 3.5: bits that belong to no byte must be zero, or one token would have several spellings.
_LAST = (None, b"", b"AQgw", b"AEIMQUYcgkosw048")


def _octets(part: bytes) -> bytes:
    """A part of the token, already in the standard alphabet, decoded; raises ValueError (also for spare bits)."""
    rest = len(part) & 3
    if not rest:
        return binascii.a2b_base64(part, strict_mode=True)
    if part[-1] not in (_LAST[rest] or b""):
        raise ValueError("a part has bits to spare")
    return binascii.a2b_base64(part + b"=" * (4 - rest), strict_mode=True)


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has a member twice")
    return members


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_number).decode


def json_object(data: bytes) -> dict[str, object]:
    """A JSON object in UTF-8 with no member twice and no half of a surrogate pair; raises ValueError."""
    try:
        found = _decode(data.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if type(found) is not dict:
        raise ValueError("it is not a JSON object")
    if b"\\u" in data:
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _part(part: bytes) -> dict[str, object]:
    data = _octets(part)
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise ValueError("it is nested too deeply")
    return json_object(data)


def strict_parts(token: bytes) -> dict[str, object]:
    """The header of a token whose parts all are base64url, each with its one spelling; raises ValueError."""
    header, *rest = token.translate(_STANDARD).split(b".")
    for part in rest:
        _octets(part)
    return _part(header)


class TokenRefused(Exception):
    """A token is not good; `told` says why, for the log and the audit record."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told


class Compact(NamedTuple):
    """A token taken apart, of which nothing is proved yet; `signature` may be empty, `header` and `claims` are JSON objects."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signing_input: bytes
    signature: bytes

    @classmethod
    def parse(cls, token: str | bytes) -> "Compact":
        """Take a token apart (RFC 7515, section 7.1); raises `TokenRefused`."""
        text = token.encode("utf-8", "surrogatepass") if isinstance(token, str) else token
        if len(text) > MAXIMUM:
            raise TokenRefused(TOO_LONG(length=len(text), maximum=MAXIMUM))
        parts = text.translate(_STANDARD).split(b".")
        if len(parts) != 3 or not parts[0] or not parts[1]:
            raise TokenRefused(FORM(reason=f"it has {len(parts)} parts" if len(parts) != 3 else "a part is empty"))
        try:
            header, claims = _header(parts[0]), _part(parts[1])
            signature = _octets(parts[2])
        except ValueError as problem:
            raise TokenRefused(FORM(reason=_reason(problem))) from None
        return cls(header, claims, text[: text.rindex(b".")], signature)


def _reason(problem: ValueError) -> str:
    """What is wrong in words that quote nothing of the token."""
    match problem:
        case UnicodeError():
            return "a part is not text in UTF-8"
        case json.JSONDecodeError():
            return "a part is not JSON"
        case binascii.Error():
            return "a part is not base64url"
        case _:
            return str(problem)


@lru_cache(maxsize=128)
def _header(part: bytes) -> Mapping[str, object]:
    """A header that is understood: no extension (RFC 7515, section 4.1.11), b64 (RFC 7797) included, and no logout token.

    An issuer's tokens differ in their claims and hardly ever in their headers, so the last ones are kept.
    """
    header = _part(part)
    for parameter in ("crit", "b64"):
        if parameter in header:
            raise TokenRefused(CRITICAL(parameter=parameter))
    typ = header.get("typ")
    if typ is not None and (not isinstance(typ, str) or typ.lower() in _LOGOUT_TYPES):
        raise TokenRefused(LOGOUT_TYPE(typ=typ))
    return MappingProxyType(header)
