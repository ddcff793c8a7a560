"""<zconnect_failedLogins>: how many wrong passwords a user and an address may try before they have to wait."""

import ipaddress
import struct
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import blake2b
from logging import getLogger
from typing import ClassVar, NamedTuple

from zconnect.config.schema import Element, attr, element
from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, error
from zconnect.roles import Assembly, Store

logger = getLogger(__name__)

TOO_MANY = error(
    "ZCON0470E",
    "The login of {user} from {address} is refused unseen, because {limit} logins of {whom} have failed within {seconds} seconds.",
    "Wait {wait} seconds; find out who tries passwords. zconnect_failedLogins sets the limits.",
)

_COUNTS, _KNOWN = "failed logins", "addresses of users"
_VALUE = struct.Struct(">Id")  # how many, and when the count ends
_TRIES = 8  # processes that count at the same time, before one of them gives up
_KNOWN_FOR = 30 * 86400.0


def _some_time(value: timedelta) -> None:
    if value <= timedelta():
        raise ValueError("without any time nothing is counted; 0 for perUser and perAddress is no limit")


@element
class FailedLogins(Element):
    """How many logins by user and password may fail; nobody who has a token, a cookie or a certificate is ever held up by it.

    An address from which a user has logged in is counted for itself, so that strangers cannot keep him out. All processes of the
    server count together.

    <zconnect_failedLogins perUser="5" perAddress="50" within="10m"/>
    """

    tag: ClassVar[str] = "zconnect_failedLogins"
    singleton: ClassVar[bool] = True

    per_user: int = attr(default=10, minimum=0, guard=True, doc="How many logins of a user may fail; 0 is no limit")
    per_address: int = attr(
        default=100, minimum=0, guard=True, doc="How many logins from an address (of IPv6 the first 64 bits) may fail; 0 is no limit"
    )
    within: timedelta = attr(
        default=timedelta(minutes=5), guard=True, check=_some_time, doc="The time in which they are counted, from the first one on"
    )


class Counted(NamedTuple):
    """What counts a login: a slot, and how many may fail in it."""

    whom: str
    slot: bytes
    limit: int


class Attempts:
    """Counts logins before they are tried and takes good ones back, so that many at once are no way round it."""

    def __init__(self, settings: FailedLogins, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._seconds = settings.within.total_seconds()
        self._sparing = Sparing()

    def begin(self, user: str, address: str, now: float) -> tuple[Counted, ...]:
        """Count a login; raises `Refused` (429) where too many have failed, and 503 where none can be counted."""
        try:
            counted = self._counted(user, _network(address), now)
            for place, each in enumerate(counted):
                ends = self._add(each, 1, now)
                if ends:
                    self._take_back(counted[:place], now)
                    raise self._refused(user, address, each, max(1, round(ends - now)), now)
        except Unavailable as missing:
            raise Refused(503, missing.told, headers=[(b"retry-after", b"60")]) from missing
        return counted

    def withdraw(self, counted: Iterable[Counted], now: float) -> None:
        """A login has come to no answer, which is no guess."""
        with suppress(Unavailable):  # it then counts as a failure until it is forgotten
            self._take_back(counted, now)

    def succeeded(self, counted: Iterable[Counted], user: str, address: str, now: float) -> None:
        """A login was good; where it came from the user is known from now on."""
        with suppress(Unavailable):
            self._take_back(counted, now)
            self._store.replace(_KNOWN, self._slot(user, _network(address), size=8), None, b"", now + _KNOWN_FOR, now)

    def _counted(self, user: str, network: str, now: float) -> tuple[Counted, ...]:
        """A known pair counts for itself alone; others by user and by address."""
        per_user, per_address = self._settings.per_user, self._settings.per_address
        if self._store.read(_KNOWN, self._slot(user, network, size=8), now) is not None:
            found = [Counted("this user from this address", self._slot(user, network), per_user)]
        else:
            found = [
                Counted("this user", self._slot(user), per_user),
                Counted("any users from this address", self._slot("", network), per_address),
            ]
        return tuple(each for each in found if each.limit)

    def _slot(self, user: str, network: str = "", size: int = 2) -> bytes:
        """Where a user, an address or both are counted: one of so few places that strangers cannot fill the store with names."""
        text = f"{user.strip().casefold()}\0{network}"
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, key=self._store.secret[:64]).digest()

    def _add(self, counted: Counted, more: int, now: float) -> float:
        """Count up or down; when the count ends, where it stands at its limit and was not raised, else 0."""
        for _ in range(_TRIES):
            before = self._store.read(_COUNTS, counted.slot, now)
            count, ends = _VALUE.unpack(before) if before else (0, now + self._seconds)
            if more > 0 and count >= counted.limit:
                return float(ends)
            value = _VALUE.pack(max(0, count + more), ends)
            if self._store.replace(_COUNTS, counted.slot, before, value, ends, now):
                return 0.0
        return now + 1

    def _take_back(self, counted: Iterable[Counted], now: float) -> None:
        for each in counted:
            self._add(each, -1, now)

    def _refused(self, user: str, address: str, counted: Counted, wait: int, now: float) -> Refused:
        told = TOO_MANY(user=user, address=address, limit=counted.limit, whom=counted.whom, seconds=round(self._seconds), wait=wait)
        self._sparing.log(told, logger, now)
        return Refused(429, told, headers=[(b"retry-after", str(wait).encode())])


def _network(address: str) -> str:
    """An address of IPv4, or the network of one of IPv6, of which a caller may have as many as he likes (RFC 4291 section 2.5.4)."""
    try:
        return str(ipaddress.ip_network((address, 64), strict=False)) if ":" in address else address
    except ValueError:
        return address


async def open_attempts(assembly: Assembly) -> Attempts:
    """What counts the logins of this server."""
    return Attempts(assembly.configuration.one(FailedLogins), assembly.store)
