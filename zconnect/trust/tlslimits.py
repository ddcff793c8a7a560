"""Which protocols and cipher suites a TLS connection may have."""

import ssl
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Protocol

from zconnect.config.names import Names, nearest
from zconnect.errors import Unavailable
from zconnect.messages import Told, error, warning
from zconnect.trust.ciphers import OPENSSL, TLS13, Chosen, chosen

OLD_PROTOCOL = error(
    "CWPKI0832E", "The protocol {protocol} of sslProtocol in {id} is not offered.", "Leave it out; TLSv1.2 and TLSv1.3 are offered."
)
NO_PROTOCOL = error("ZCON0372E", "None of the protocols {protocols} of {id} is offered.", "Write TLSv1.2, TLSv1.3 or both in sslProtocol.")
NO_CIPHER = error("ZCON0373E", "None of the cipher suites of {id} is available: {ciphers}.", "Correct enabledCiphers.")
UNKNOWN_CIPHER = warning(
    "ZCON0374W", "The cipher suite {cipher} in enabledCiphers of {id} is not available.", "Correct its name, or leave it out."
)
ALL_OF_13 = warning(
    "ZCON0375W",
    "enabledCiphers of {id} cannot choose among the cipher suites of TLS 1.3; all three are offered.",
    "Write sslProtocol TLSv1.2 if you do not want them.",
)
WEAK_LEVEL = error(
    "ZCON0376E",
    "securityLevel {level} of {id} stands for weak cipher suites alone, and none of them is offered.",
    "Write HIGH, or name the suites that you want in enabledCiphers.",
)

# Forward secrecy and authenticated encryption only (RFC 9325, section 4.2).
STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20"
_OFFERED = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}.get
_OLD = frozenset({"TLSv1", "TLSv1.1", "SSLv3", "SSL_TLSv1", "SSL_TLSv1.1"})
# What stands for a choice of Java's own; here it is TLS 1.2 and 1.3.
_ANY = frozenset({"SSL", "TLS"})


def known_protocols(text: str) -> None:
    """The check of sslProtocol; raises ValueError on a name that is no protocol."""
    unknown = [name for name in _names(text) if _OFFERED(name) is None and name not in _OLD | _ANY]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is no protocol; write TLSv1.2, TLSv1.3 or both with a comma between them")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class Limits(Protocol):
    """The attributes of <ssl> that matter here."""

    @property
    def id(self) -> str: ...
    @property
    def ssl_protocol(self) -> str: ...
    @property
    def security_level(self) -> str: ...
    @property
    def enabled_ciphers(self) -> str: ...
    @property
    def enforce_cipher_order(self) -> bool: ...


class Flaw(NamedTuple):
    """What is wrong with an attribute of <ssl>, and what was perhaps meant."""

    told: Told
    attribute: str
    meant: tuple[str, ...] = ()


def flaws(settings: Limits) -> Iterator[Flaw]:
    """Protocols and cipher suites that are not offered, and those that cannot be left out."""
    for name in _names(settings.ssl_protocol):
        if name in _OLD:
            yield Flaw(OLD_PROTOCOL(protocol=name, id=settings.id), "sslProtocol")
    names = settings.enabled_ciphers.replace(",", " ").split()
    choice = chosen(names)
    for name in choice.unknown:
        yield Flaw(UNKNOWN_CIPHER(cipher=name, id=settings.id), "enabledCiphers", nearest(name, _known()))
    if 0 < len(choice.tls13) < len(TLS13):
        yield Flaw(ALL_OF_13(id=settings.id), "enabledCiphers")
    try:
        limit(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), settings)
    except Unavailable as refusal:
        attributes = {NO_PROTOCOL: "sslProtocol", WEAK_LEVEL: "securityLevel", NO_CIPHER: "enabledCiphers"}
        yield Flaw(refusal.told, attributes[refusal.told.message])


@cache
def _known() -> Names:
    return Names((*OPENSSL, *TLS13))


def limit(context: ssl.SSLContext, settings: Limits) -> None:
    """Set protocols and ciphers of a context; raises `Unavailable` where none is left."""
    lowest, highest = _versions(settings)
    choice = _choice(settings)
    if choice is not None:
        # Java enables what is named and nothing else: without a suite of a protocol there is no such protocol.
        lowest = lowest if choice.openssl else ssl.TLSVersion.TLSv1_3
        highest = highest if choice.tls13 else ssl.TLSVersion.TLSv1_2
    try:
        if lowest > highest:
            raise ssl.SSLError
        context.set_ciphers(":".join(choice.openssl) if choice and choice.openssl else STRONG)
    except ssl.SSLError:  # or this build of OpenSSL has none of them
        raise Unavailable(NO_CIPHER(id=settings.id, ciphers=settings.enabled_ciphers)) from None
    context.minimum_version, context.maximum_version = lowest, highest
    context.options |= ssl.OP_NO_RENEGOTIATION
    if settings.enforce_cipher_order:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE


def _versions(settings: Limits) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    names = _names(settings.ssl_protocol)
    offered = [version for version in map(_OFFERED, names) if version is not None]
    if not names or _ANY.intersection(names):
        return ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    if not offered:
        raise Unavailable(NO_PROTOCOL(protocols=settings.ssl_protocol, id=settings.id))
    return min(offered), max(offered)


def _choice(settings: Limits) -> Chosen | None:
    """The suites of enabledCiphers, or None where it is not written; raises `Unavailable`."""
    names = settings.enabled_ciphers.replace(",", " ").split()
    if not names:
        if settings.security_level in {"MEDIUM", "LOW"}:
            raise Unavailable(WEAK_LEVEL(level=settings.security_level, id=settings.id))
        return None
    choice = chosen(names)
    if not choice.openssl and not choice.tls13:
        raise Unavailable(NO_CIPHER(id=settings.id, ciphers=settings.enabled_ciphers))
    return choice
