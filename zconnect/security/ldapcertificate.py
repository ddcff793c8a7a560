"""certificateFilter of <ldapRegistry>: a filter with the values of a certificate in it."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from cryptography import x509
from cryptography.x509.oid import NameOID

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_FIELDS: Mapping[str, x509.ObjectIdentifier] = MappingProxyType(
    {
        "CN": NameOID.COMMON_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "C": NameOID.COUNTRY_NAME,
        "EMAIL": NameOID.EMAIL_ADDRESS,
        "UID": NameOID.USER_ID,
        "DC": NameOID.DOMAIN_COMPONENT,
    }
)
VARIABLES = ("SerialNumber", *(f"{whose}{field}" for whose in ("Subject", "Issuer") for field in ("DN", *_FIELDS)))


def filled(filter: str, leaf: x509.Certificate, escaped: Callable[[str], str]) -> str | None:
    """A certificateFilter with the values of a certificate in it, or None where it has no such value."""
    values = {name: _value(leaf, name) for name in _VARIABLE.findall(filter)}
    if not all(values.values()):
        return None
    text = _VARIABLE.sub(lambda found: escaped(values[found[1]] or ""), filter)
    return text if text.startswith("(") else f"({text})"


def unknown_variables(filter: str) -> Iterable[str]:
    """The variables of a certificateFilter that no certificate can fill."""
    return (name for name in _VARIABLE.findall(filter) if name not in VARIABLES)


def _value(leaf: x509.Certificate, variable: str) -> str | None:
    if variable == "SerialNumber":
        return str(leaf.serial_number)
    name, field = (leaf.subject, variable[7:]) if variable.startswith("Subject") else (leaf.issuer, variable[6:])
    if field == "DN":
        return name.rfc4514_string()
    found = name.get_attributes_for_oid(_FIELDS[field])
    value = found[-1].value if len(found) == 1 else None
    return value if isinstance(value, str) else None
