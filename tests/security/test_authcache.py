"""The cache of good logins."""

from datetime import timedelta

from zconnect.security.authcache import AuthCache, Authentication, LoginCache, open_login_cache
from zconnect.values import Identity

from .support import NOW, assembly

ALICE = Identity("alice", "r", "alice")


def test_a_login_is_remembered_for_a_while() -> None:
    """An entry ends with its time, or with the identity if that is earlier."""
    cache = LoginCache(10, 60)
    one, two = cache.digest(b"one"), cache.digest(b"two")
    cache.put(one, ALICE, NOW)
    cache.put(two, Identity("bob", "r", "bob", expires=NOW + 5), NOW)
    assert cache.get(one, NOW + 59) is ALICE
    assert cache.get(two, NOW + 5) is None
    assert cache.get(one, NOW + 60) is None


def test_credentials_are_kept_as_keyed_digests() -> None:
    """Two caches make different keys of one credential, and neither holds its text."""
    assert LoginCache(1, 1).digest(b"secret") != LoginCache(1, 1).digest(b"secret")


def test_the_number_of_logins_has_a_bound() -> None:
    """The least recently used one goes first."""
    cache = LoginCache(2, 60)
    for name in (b"a", b"b"):
        cache.put(name, ALICE, NOW)
    cache.get(b"a", NOW)
    cache.put(b"c", ALICE, NOW)
    assert [cache.get(name, NOW) is ALICE for name in (b"a", b"b", b"c")] == [True, False, True]


async def test_the_cache_can_be_switched_off() -> None:
    """cacheEnabled and allowBasicAuthLookup each do."""
    for element in (Authentication(cache_enabled=False), AuthCache(allow_basic_auth_lookup=False)):
        async with assembly(element) as opened:
            assert await open_login_cache(opened) is None
    async with assembly(AuthCache(timeout=timedelta(seconds=5), max_size=1)) as opened:
        cache = await open_login_cache(opened)
        assert cache is not None
        cache.put(b"a", ALICE, NOW)
        assert cache.get(b"a", NOW + 5) is None
