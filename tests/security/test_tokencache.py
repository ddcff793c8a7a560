"""The cache of good tokens."""

from typing import Any

from zconnect.security.tokencache import Entry, ReadAgain, TokenCache, origin_of
from zconnect.trust.token import signed
from zconnect.values import Identity

from .support import NOW, request

ALICE = Identity("alice", "op", "alice")


def entry(expires: float = NOW + 60, generation: int = 1, origin: tuple[str, str, int] | None = None) -> Entry:
    return Entry(ALICE, expires, generation, origin)


def found(cache: TokenCache, credential: bytes = b"t", **changes: Any) -> Identity | None:
    entry = cache.get(credential, request(**changes), 1)
    return entry.identity if entry else None


def test_a_token_is_known_by_its_whole_text() -> None:
    """N-901, N-902: what shares a beginning with a good token is not that token."""
    cache = TokenCache()
    cache.put(b"Bearer " + b"x" * 64 + b"1", entry())
    assert found(cache, b"Bearer " + b"x" * 64 + b"1") is ALICE
    assert found(cache, b"Bearer " + b"x" * 64 + b"2") is None


def test_an_entry_ends_with_its_token() -> None:
    """N-903: the time is looked at on every hit."""
    cache = TokenCache()
    cache.put(b"t", entry(expires=NOW))
    assert found(cache, arrived=NOW - 0.1) is ALICE
    assert cache.get(b"t", request(arrived=NOW), 1) is None
    assert cache.get(b"t", request(arrived=NOW - 0.1), 1) is None, "what has ended does not come back with the clock"


def test_an_entry_ends_with_the_keys_that_verified_it() -> None:
    """N-809: another generation of keys judges anew."""
    cache = TokenCache()
    cache.put(b"t", entry(generation=1))
    assert cache.get(b"t", request(), 2) is None


def test_an_audience_that_named_this_address_holds_for_this_address() -> None:
    """Where the URL of the server decided, another endpoint decides anew."""
    cache = TokenCache()
    cache.put(b"t", entry(origin=origin_of(request(local_port=9443))))
    assert cache.get(b"t", request(local_port=9444), 1) is None
    assert found(cache, local_port=9443) is ALICE


def test_the_least_recently_used_entry_goes_first() -> None:
    """The number of entries has a bound."""
    cache = TokenCache(size=2)
    cache.put(b"a", entry())
    cache.put(b"b", entry())
    cache.get(b"a", request(), 1)
    cache.put(b"c", entry())
    assert [found(cache, text) for text in (b"a", b"b", b"c")] == [ALICE, None, ALICE]


def test_claims_are_read_again_when_somebody_asks() -> None:
    """They are those of the token, whichever header it came in."""
    claims = {"sub": "alice", "groups": ["a", "b"]}
    token = signed({}, claims, "HS256", b"k" * 32).encode()
    for credential in (b"Bearer " + token, token, b"bearer " + token + b" "):
        assert ReadAgain(credential) == claims
        assert ReadAgain(credential)["groups"] == ["a", "b"]
        assert len(ReadAgain(credential)) == 2
