"""<keyStore>: a file with private keys and trusted certificates, found, made if need be, and read."""

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from logging import getLogger
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from cryptography.x509 import Certificate

from zconnect.config.passwords import Password
from zconnect.config.schema import Element, attr, children, element
from zconnect.errors import Unavailable
from zconnect.messages import audit, error, info, warning
from zconnect.roles import Assembly, Part
from zconnect.trust import pem
from zconnect.trust.entries import Entries, KeyEntry, Unreadable
from zconnect.values import Place

logger = getLogger(__name__)

EXPIRES = warning(
    "CWPKI0016W", "The certificate {alias} in the key store {store} ends in {days} days.", "Replace it; a new one is noticed at once."
)
EXPIRED = error("CWPKI0017E", "The certificate {alias} in the key store {store} has ended.", "Replace it; a new one is noticed at once.")
NOT_LOADED = error(
    "CWPKI0033E", "The key store at {location} did not load: {reason}.", "Correct location, password or the file of the keyStore."
)
MISSING = warning("CWPKI0807W", "There is no file {location} of the keyStore {id}.", "Put it there, or correct the location.")
INCOMPLETE = error("CWPKI0806E", "The keyStore {id} has no {attribute}.", "Give it one.")
NO_PASSWORD = info(
    "CWPKI0819I",
    "The default key store is not made, because no password is configured.",
    "If you need TLS, write a keyStore with the id defaultKeyStore and a password, or set the environment variable keystore_password.",
)
ENVIRONMENT_PASSWORD = audit("CWPKI0820A", "The default key store is made with the password of the environment variable keystore_password.")
KEY_RING = error(
    "ZCON0350E",
    "{location} names no key ring.",
    "Write safkeyring:///RING or safkeyring://OWNER/RING, and put its keys and certificates as PEM files into resources/security/keyrings.",
)
HARDWARE = error("ZCON0351E", "The keyStore {id} is in hardware, which cannot be read.", "Name a file, or a folder of PEM files.")
LIST_ENDED = error(
    "ZCON0352E",
    "The revocation list of {issuer} in the key store {store} has ended, so no certificate of that authority is believed.",
    "Fetch a new one; it is noticed at once.",
)

DEFAULT_ID = "defaultKeyStore"
HARDWARE_TYPE = "PKCS11IMPLKS"
RING_TYPES = ("JCERACFKS", "JCECCARACFKS", "JCEHYBRIDRACFKS")
TYPES = frozenset({"PKCS12", "JKS", "JCEKS", "PEM", HARDWARE_TYPE, *RING_TYPES})
PASSWORD_VARIABLE = "keystore_password"
_FOLDER = Path("resources", "security")
_SOON = timedelta(days=30)
_RINGS = "keyrings"
_RING = re.compile(r"safkeyring\w*://(?:/([\w@#$.-]+)|([\w@#$.-]+)/([\w@#$.-]+))", re.ASCII)
_JAVA = "the file tells its format itself"


@element
class KeyPassword(Element):
    """The password of a private key that has one of its own."""

    tag: ClassVar[str] = "keyEntry"
    name: str = attr(doc="The alias of the private key", unused="the password of the first keyEntry is tried for every key of the store")
    key_password: Password = attr(doc="The password of the private keys, where it is not that of the store; the first keyEntry gives it")


@element
class KeyStore(Part["Store"]):
    """Private keys and trusted certificates in a file.

    <keyStore id="defaultKeyStore" location="server.p12" password="${keystore.password}"/>
    <variable name="keystore.password" value="{xor}PjM2PDpyLDo8LTor"/>

    In a folder of PEM files, files with the suffix `.crl` (PEM or DER) are revocation lists. A trust store that holds any
    believes only certificates whose own authority has a list there that has not ended, and that are not on it.

    A key ring of z/OS, `safkeyring:///RING` or `safkeyring://OWNER/RING`, is the folder of PEM files `keyrings/RING` or
    `keyrings/OWNER/RING` in resources/security.
    """

    tag: ClassVar[str] = "keyStore"
    default_id: ClassVar[str | None] = DEFAULT_ID

    location: str = attr(
        default="",
        doc="The file, or a folder of PEM files; a relative one is looked for in the working directory, in resources/security of the "
        "server's configuration and of its output; the default key store is resources/security/key.p12 there",
    )
    password: Password | None = attr(default=None, doc="The password; for the default key store the variable keystore_password can give it")
    type: str = attr(
        default="PKCS12",
        doc="PKCS12, JKS, JCEKS or PEM, which are told apart by the file itself, or JCERACFKS, JCECCARACFKS or JCEHYBRIDRACFKS for "
        "a key ring; any other one does not load",
    )
    read_only: bool = attr(default=False, doc="Whether a missing file is left missing; the default key store is made otherwise")
    file_based: bool = attr(default=True, doc="Whether the keys are in a file, and not in a hardware store", unused=_JAVA)
    polling_rate: timedelta = attr(
        default=timedelta(milliseconds=500), doc="How often the file is looked at", unused="all files of a server are watched together"
    )
    update_trigger: Literal["mbean", "polled", "disabled"] = attr(
        default="mbean", doc="disabled: a changed file counts at the next start; mbean and polled: it counts at once"
    )
    key_entries: tuple[KeyPassword, ...] = children(doc="The passwords of private keys, where they differ from that of the store")

    async def open(self, assembly: Assembly) -> "Store":
        """The store as the file has it now; raises `Unavailable`."""
        path = located(self, assembly.place)
        if self.update_trigger != "disabled":
            for each in {path, *(pem.files(path) if path.is_dir() else ())}:
                assembly.watch(each)
        return await asyncio.to_thread(_loaded, self, path, assembly.place)


class Store(NamedTuple):
    """An opened key store."""

    id: str
    entries: Entries

    def key(self, alias: str = "") -> KeyEntry | None:
        """The private key of an alias in any letter case, or the first one; None where there is none."""
        keys = self.entries.keys
        return keys.get(alias.lower()) if alias else next(iter(keys.values()), None)

    def certificate(self, alias: str) -> Certificate | None:
        """The certificate of an alias, a trusted one or that of a key; None where there is none."""
        return self.entries.certificate(alias)

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """The certificates that a peer's chain may end in."""
        return self.entries.anchors


def located(settings: KeyStore, place: Place) -> Path:
    """Where the file is, or would be made; raises `Unavailable` where the location is missing or no file."""
    location = settings.location.strip()
    if settings.type.upper() == HARDWARE_TYPE:
        raise Unavailable(HARDWARE(id=settings.id))
    if is_ring(settings):
        location = _folder_of_ring(location)
    if not location:
        if settings.id != DEFAULT_ID:
            raise Unavailable(INCOMPLETE(id=settings.id, attribute="location"))
        path = place.output_dir / _FOLDER / "key.p12"
    else:
        path = next((each for each in candidates(location, place) if each.exists()), place.output_dir / _FOLDER / location)
    if settings.type.upper() not in TYPES:
        raise Unavailable(NOT_LOADED(location=path, reason=f"its type {settings.type} is not known"))
    older = path.with_name("key.jks")  # what a server of an earlier release has made
    return older if path.name == "key.p12" and not path.exists() and older.exists() else path


def is_ring(settings: KeyStore) -> bool:
    """It stands for a key ring of z/OS."""
    return settings.location.strip().startswith("safkeyring") or settings.type.upper() in RING_TYPES


def _folder_of_ring(location: str) -> str:
    found = _RING.fullmatch(location)
    parts = [part for part in found.groups() if part] if found else []
    if not parts or not all(part.strip(".") for part in parts):
        raise Unavailable(KEY_RING(location=location))
    return str(Path(_RINGS, *parts))


def candidates(location: str, place: Place) -> Iterator[Path]:
    """Where a file of that location is looked for, in order."""
    yield Path(location).absolute()
    yield place.config_dir / _FOLDER / location
    yield place.output_dir / _FOLDER / location


def _loaded(settings: KeyStore, path: Path, place: Place) -> Store:
    if settings.id == DEFAULT_ID and not path.exists() and not (settings.read_only or is_ring(settings)):
        from zconnect.trust.generate import make_default

        make_default(path, _password_to_make(settings), place.name)
    if settings.id != DEFAULT_ID and not path.exists():
        MISSING.log(logger, location=path, id=settings.id)
    try:
        store = Store(settings.id, _read(settings, path))
    except (OSError, Unreadable, ValueError) as problem:
        raise Unavailable(NOT_LOADED(location=path, reason=_reason(problem))) from None
    _warn_of_ends(store)
    return store


def _password_to_make(settings: KeyStore) -> str:
    if settings.password is None and PASSWORD_VARIABLE in os.environ:
        ENVIRONMENT_PASSWORD.log(logger)
    password = _password(settings)
    if not password:
        raise Unavailable(NO_PASSWORD())
    return password


def _password(settings: KeyStore) -> str:
    """The configured password, else for the default store that of the environment, else none."""
    if settings.password is not None:
        return settings.password.text
    return os.environ.get(PASSWORD_VARIABLE, "") if settings.id == DEFAULT_ID else ""


def _read(settings: KeyStore, path: Path) -> Entries:
    """The entries in whatever format the file is; raises OSError, `Unreadable` and `Unavailable`."""
    from zconnect.trust import jks, pkcs12  # only who opens a key store pays for their parser

    password = _password(settings)
    data = b"" if path.is_dir() else path.read_bytes()
    if path.is_dir() or b"-----BEGIN " in data[:8192]:
        return pem.read(path, password)
    key_password = settings.key_entries[0].key_password.text if settings.key_entries else None
    read = jks.read if data.startswith(jks.MAGIC) else pkcs12.read
    return read(data, password, key_password)


def _reason(problem: Exception) -> str:
    match problem:
        case FileNotFoundError():
            return "it does not exist"
        case OSError(strerror=str(text)):
            return text
        case _:
            return str(problem)


def _warn_of_ends(store: Store) -> None:
    now = datetime.now(UTC)
    for alias, entry in store.entries.keys.items():
        left = entry.certificate.not_valid_after_utc - now
        if left <= timedelta(0):
            EXPIRED.log(logger, alias=alias, store=store.id)
        elif left <= _SOON:
            EXPIRES.log(logger, alias=alias, store=store.id, days=left.days)
    for revoked in store.entries.revoked:
        if revoked.next_update_utc is not None and revoked.next_update_utc <= now:
            LIST_ENDED.log(logger, issuer=revoked.issuer.rfc4514_string(), store=store.id)


async def default_store(assembly: Assembly) -> Store:
    """The store `defaultKeyStore`, written in server.xml or not; raises `Unavailable`."""
    return await assembly.opened(assembly.configuration.get(KeyStore, DEFAULT_ID) or _IMPLIED)


_IMPLIED = KeyStore(id=DEFAULT_ID)
