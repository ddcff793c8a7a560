"""A directory over LDAP: searches and binds of ldap3 in threads, on connections that are kept, at the first server that is there."""

import asyncio
import math
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from logging import getLogger
from typing import Any, TypeVar

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import parse_filter

from zconnect.errors import Refused, Unavailable
from zconnect.messages import Sparing, error, warning
from zconnect.security.ldapnames import Entry

logger = getLogger(__name__)
T = TypeVar("T")

NOT_REACHED = error(
    "CWIML4520E",
    "The LDAP operation could not be completed: no server of {servers} answers ({reason}).",
    "See whether the servers and the network are there, and whether host, port and sslRef are right.",
)
NOT_ANSWERED = error(
    "ZCON0472E",
    "The directory at {server} refused {what}: {reason}.",
    "See the directory's own log; correct bindDN, bindPassword, baseDN or the filters.",
)
NEXT_SERVER = warning("ZCON0473W", "The directory at {server} does not answer ({reason}); the next one is asked.", "See why.")

_REJECTED = frozenset({19, 32, 34, 48, 49, 50, 53})  # RFC 4511 appendix A: the credentials, or this user of them
_SUCCESS, _SIZE_LIMIT, _NO_OBJECT, _REFERRAL = 0, 4, 32, 10
_THREADS = 16
_WAITING = 64


@dataclass(frozen=True, kw_only=True)
class Line:
    """How a directory is reached; times are seconds, 0 is no limit, of `kept` -1 means that every operation has its own connection."""

    servers: tuple[tuple[str, int], ...]
    user: str
    password: str
    context: Callable[[str], ssl.SSLContext] | None
    connect_timeout: float
    read_timeout: float
    search_timeout: float
    page_size: int
    dereference: bool
    back_after: float
    kept: int
    most: int
    idle: float


class Directory:
    """Searches, and tries passwords; raises `Refused` (503) where the directory cannot answer."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._threads = ThreadPoolExecutor(line.most or _THREADS, thread_name_prefix="ldap")
        self._lock = threading.Lock()
        self._idle: list[tuple[Any, float]] = []
        self._current = 0
        self._back_at = 0.0
        self._waiting = 0
        self._sparing = Sparing()

    async def search(self, bases: Iterable[str], filter: str, names: Sequence[str], *, alone: bool = False, limit: int = 0) -> list[Entry]:
        """The entries below the bases that pass a filter (`alone`: the bases themselves), `limit` at most of each."""
        found: list[Entry] = []
        for base in bases:
            found += await self._beside(lambda base=base: self._search(base, filter, names, alone, limit))  # type: ignore[misc]
        return found

    async def accepts(self, dn: str, password: str) -> bool:
        """Whether a bind succeeds; never tried without a password, which would be an anonymous one (RFC 4513 section 5.1.2)."""
        return bool(dn and password) and await self._beside(lambda: self._bind(dn, password))

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise refused(Unavailable(NOT_ANSWERED(server=self._names(), what="more work", reason="too many wait for it")))
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except Unavailable as cause:
            self._sparing.log(cause.told, logger, time.time())
            raise refused(cause) from None
        finally:
            self._waiting -= 1

    def _names(self) -> str:
        return ", ".join(f"{host}:{port}" for host, port in self._line.servers)

    def _bind(self, dn: str, password: str) -> bool:
        connection = self._connected(dn, password)
        try:
            result = self._bound_as(connection)
        finally:
            _closed(connection)
        if result["result"] == _SUCCESS:
            return True
        if result["result"] in _REJECTED:
            return False
        raise Unavailable(NOT_ANSWERED(server=connection.server.name, what="to judge a password", reason=result["description"]))

    def _bound_as(self, connection: Any) -> Mapping[str, Any]:
        """What the directory says to a bind."""
        try:
            found: Mapping[str, Any] = connection.bind()[1]
            return found
        except (LDAPException, OSError) as cause:
            raise Unavailable(NOT_REACHED(servers=self._names(), reason=_reason(cause))) from cause

    def _search(self, *asked: Any) -> list[Entry]:
        connection, fresh = self._taken()
        try:
            try:
                found = self._pages(connection, *asked)
            except (LDAPException, OSError):
                if fresh:
                    raise
                _closed(connection)
                connection = self._bound()  # one that was kept may have been closed by the server meanwhile
                found = self._pages(connection, *asked)
        except (LDAPException, OSError) as cause:
            _closed(connection)
            raise Unavailable(NOT_REACHED(servers=self._names(), reason=_reason(cause))) from cause
        except Unavailable:
            _closed(connection)
            raise
        self._given_back(connection)
        return found

    def _pages(self, connection: Any, base: str, filter: str, names: Sequence[str], alone: bool, limit: int) -> list[Entry]:
        found: list[Entry] = []
        cookie: Any = None
        while True:
            status, result, response, _ = connection.search(
                base,
                filter,
                search_scope=ldap3.BASE if alone else ldap3.SUBTREE,
                dereference_aliases=ldap3.DEREF_ALWAYS if self._line.dereference else ldap3.DEREF_NEVER,
                attributes=list(names),
                size_limit=limit,
                time_limit=round(self._line.search_timeout),
                paged_size=self._line.page_size or None if not limit else None,
                paged_cookie=cookie,
            )
            if not status and result["result"] not in {_SUCCESS, _SIZE_LIMIT, _NO_OBJECT, _REFERRAL}:
                raise Unavailable(NOT_ANSWERED(server=connection.server.name, what="a search", reason=result["description"]))
            found += [_entry(each) for each in response or () if each["type"] == "searchResEntry"]
            cookie = result.get("controls", {}).get("1.2.840.113556.1.4.319", {}).get("value", {}).get("cookie")
            if not cookie or limit:
                return found

    def _taken(self) -> tuple[Any, bool]:
        """A connection for searches, and whether it was made for this."""
        now = time.monotonic()
        while True:
            with self._lock:
                connection, since = self._idle.pop() if self._idle else (None, now)
            if connection is None:
                return self._bound(), True
            if not self._line.idle or now < since + self._line.idle:
                return connection, False
            _closed(connection)

    def _given_back(self, connection: Any) -> None:
        with self._lock:
            if len(self._idle) < self._line.kept:
                self._idle.append((connection, time.monotonic()))
                return
        _closed(connection)

    def _bound(self) -> Any:
        """A connection for searches."""
        connection = self._connected(self._line.user, self._line.password)
        try:
            result = self._bound_as(connection)
        except Unavailable:
            _closed(connection)
            raise
        if result["result"] != _SUCCESS:
            _closed(connection)
            who = self._line.user or "an anonymous bind"
            raise Unavailable(NOT_ANSWERED(server=connection.server.name, what=who, reason=result["description"]))
        return connection

    def _connected(self, user: str, password: str) -> Any:
        """A connection to the first server that answers, the one that did so last before the others."""
        reason = ""
        count = len(self._line.servers)
        with self._lock:
            if self._current and self._line.back_after and time.monotonic() >= self._back_at:
                self._current = 0
            first = self._current
        for each in range(count):
            place = (first + each) % count
            host, port = self._line.servers[place]
            connection = self._made(host, port, user, password)
            try:
                connection.open()
            except (LDAPException, OSError) as cause:
                reason = _reason(cause)
                if connection.socket is not None:
                    connection.socket.close()  # the library leaves that to the garbage collector
                if each + 1 < count:
                    self._sparing.log(NEXT_SERVER(server=f"{host}:{port}", reason=reason), logger, time.time())
                continue
            with self._lock:
                if place != self._current:
                    self._current, self._back_at = place, time.monotonic() + self._line.back_after
            return connection
        raise Unavailable(NOT_REACHED(servers=self._names(), reason=reason))

    def _made(self, host: str, port: int, user: str, password: str) -> Any:
        tls = _Secured(self._line.context, host) if self._line.context else None
        server = ldap3.Server(
            host, port, use_ssl=tls is not None, tls=tls, get_info=ldap3.NONE, connect_timeout=self._line.connect_timeout or None
        )
        return ldap3.Connection(
            server,
            user or None,
            password or None,
            authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
            client_strategy=ldap3.SAFE_SYNC,
            auto_referrals=False,
            check_names=False,
            receive_timeout=math.ceil(self._line.read_timeout) or None,
        )

    async def close(self) -> None:
        """End the threads, and close the connections that are kept."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            _closed(connection)


class _Secured(ldap3.Tls):  # type: ignore[misc]  # the library has no types
    """TLS by the rules of the ssl element, instead of the library's own."""

    def __init__(self, context: Callable[[str], ssl.SSLContext], host: str) -> None:
        super().__init__()
        self._made = context
        self._host = host

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        connection.socket = self._made(self._host).wrap_socket(connection.socket, server_hostname=self._host)


def is_filter(text: str) -> bool:
    """Whether a text is a filter (RFC 4515)."""
    try:
        parse_filter(text, None, False, None, None, False)
    except LDAPException:
        return False
    return True


def refused(cause: Unavailable) -> Refused:
    """The answer to a caller who cannot be judged: not that his password is wrong, but to come again."""
    return Refused(503, cause.told, headers=[(b"retry-after", b"5")])


def _entry(found: Mapping[str, Any]) -> Entry:
    raw = found["raw_attributes"]
    return Entry(found["dn"], {name.lower(): tuple(value.decode("utf-8", "replace") for value in values) for name, values in raw.items()})


def _reason(cause: Exception) -> str:
    return " ".join(str(cause).split()) or type(cause).__name__


def _closed(connection: Any) -> None:
    try:
        connection.unbind()
    except (LDAPException, OSError):
        pass
