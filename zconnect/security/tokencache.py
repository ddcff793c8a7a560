"""Tokens that were found good, so that the same text need not be judged again."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from zconnect.security.possession import UNBOUND, Confirmation
from zconnect.trust.compact import Compact
from zconnect.values import Identity, Request

_SIZE = 10_000


class Entry(NamedTuple):
    """Whom a token stands for, and while what holds.

    `expires` is seconds since the epoch; `generation` is that of the keys which verified it; `origin` is the address
    that the token's audience named, where that decided (scheme, local address and port). `confirmation` is what the token is bound to,
    which is held against each request anew.
    """

    identity: Identity
    expires: float
    generation: int
    origin: tuple[str, str, int] | None
    confirmation: Confirmation = UNBOUND


class ReadAgain(Mapping[str, object]):
    """The claims of a good token, read from the credential that it came in when somebody asks for them: to keep them would be half of
    what the memory of a token costs."""

    __slots__ = ("_claims", "_credential")

    def __init__(self, credential: bytes) -> None:
        self._credential = credential
        self._claims: Mapping[str, object] | None = None

    def _read(self) -> Mapping[str, object]:
        if self._claims is None:
            self._claims = Compact.parse(self._credential.strip().rpartition(b" ")[2]).claims
        return self._claims

    def __getitem__(self, name: str) -> object:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def reading_again(identity: Identity, credential: bytes) -> Identity:
    """An identity whose claims are read from its credential when somebody asks for them."""
    user, realm, unique_id, groups = identity.user, identity.realm, identity.unique_id, identity.groups
    return Identity(user, realm, unique_id, groups, identity.mechanism, identity.mapped_user, ReadAgain(credential), identity.expires)


class TokenCache:
    """The good tokens of one client by their whole text; refusals never come in, so they push nothing out."""

    __slots__ = ("_entries", "_size")

    def __init__(self, size: int = _SIZE) -> None:
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._size = size

    def get(self, credential: bytes, request: Request, generation: int) -> Entry | None:
        """What is known of a credential at the time and place of a request, under the present keys."""
        entry = self._entries.get(credential)
        if entry is None:
            return None
        if entry.generation != generation or not request.arrived < entry.expires:
            del self._entries[credential]
            return None
        if entry.origin is not None and entry.origin != origin_of(request):
            return None
        self._entries.move_to_end(credential)
        return entry

    def put(self, credential: bytes, entry: Entry) -> None:
        """Remember a good token."""
        self._entries[credential] = entry
        self._entries.move_to_end(credential)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)


def origin_of(request: Request) -> tuple[str, str, int]:
    """Where a request came in: scheme, local address and port."""
    return request.scheme, request.peer.local_address, request.peer.local_port
