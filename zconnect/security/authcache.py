"""<authentication> and <authCache>: logins that were found good are remembered for a short while."""

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b
from typing import ClassVar

from zconnect.config.schema import Element, attr, element
from zconnect.roles import Assembly
from zconnect.security.remembered import Memories, remembered_in
from zconnect.values import Identity


@element
class Authentication(Element):
    """How logins are made."""

    tag: ClassVar[str] = "authentication"
    singleton: ClassVar[bool] = True

    cache_enabled: bool = attr(default=True, doc="Remember logins that were found good")
    allow_hashtable_login_with_id_only: bool = attr(
        default=False, doc="Let a custom login module assert a user", unused="there are no login modules here"
    )
    use_display_name_for_security_name: bool = attr(
        default=False, doc="Use the display name of a user as its name", unused="no registry here has display names"
    )


@element
class AuthCache(Element):
    """The cache of good logins.

    <authCache maxSize="1000" timeout="5m"/>
    """

    tag: ClassVar[str] = "authCache"
    singleton: ClassVar[bool] = True

    initial_size: int = attr(
        default=50, minimum=1, doc="How many logins the cache has room for at first", unused="the cache grows as it is needed"
    )
    max_size: int = attr(default=25000, minimum=1, doc="How many logins are remembered; the least recently used goes first")
    timeout: timedelta = attr(default=timedelta(seconds=600), doc="How long a login is remembered")
    allow_basic_auth_lookup: bool = attr(default=True, doc="Remember logins by user and password, too")


class LoginCache:
    """Good logins by credential; a credential stands here only as a keyed digest, and refusals never stand here."""

    __slots__ = ("__weakref__", "_entries", "_key", "_seconds", "size")

    def __init__(self, size: int, seconds: float) -> None:
        self._entries: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()
        self.size = size
        self._seconds = seconds
        self.clear()

    def digest(self, credential: bytes) -> bytes:
        """The key of a credential in this cache."""
        return blake2b(credential, digest_size=24, key=self._key).digest()

    def get(self, digest: bytes, now: float) -> Identity | None:
        """Who logged in with this credential; `now` is seconds since the epoch."""
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if not now < entry[0]:
            del self._entries[digest]
            return None
        self._entries.move_to_end(digest)
        return entry[1]

    def put(self, digest: bytes, identity: Identity, now: float) -> None:
        """Remember a good login."""
        self._entries[digest] = (min(now + self._seconds, identity.expires), identity)
        self._entries.move_to_end(digest)
        while len(self._entries) > self.size:
            self._entries.popitem(last=False)

    def forget(self, digest: bytes) -> None:
        """Forget a login."""
        self._entries.pop(digest, None)

    def clear(self) -> None:
        """Forget all logins; one that is under way is put where nobody looks for it any more."""
        self._entries.clear()
        self._key = secrets.token_bytes(32)  # a dump of the memory then holds nothing that can be tried offline elsewhere


async def remembered(
    cache: LoginCache | None, credential: bytes, now: float, login: Callable[[], Awaitable[Identity | None]]
) -> Identity | None:
    """Who logs in with this credential: as the cache remembers, else as `login` finds and the cache is told."""
    if cache is None:
        return await login()
    digest = cache.digest(credential)
    identity = cache.get(digest, now)
    if identity is None:
        identity = await login()
        if identity is not None:
            cache.put(digest, identity, now)
    return identity


async def open_login_cache(assembly: Assembly) -> LoginCache | None:
    """The cache for user and password of this runtime, or None where it is switched off."""
    settings = assembly.configuration.one(AuthCache)
    if not (assembly.configuration.one(Authentication).cache_enabled and settings.allow_basic_auth_lookup):
        return None
    cache = LoginCache(settings.max_size, settings.timeout.total_seconds())
    remembered_in(assembly).add(cache, Memories.LOGINS)
    return cache
