"""What travels through the server: values that every room may hold and none may change. They are named tuples, because to make a
frozen dataclass, and its class at a start, costs five times as much."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias


class Place(NamedTuple):
    """Where a server lives: its name and its directories, all absolute."""

    name: str
    user_dir: Path
    config_dir: Path
    output_dir: Path
    log_dir: Path


class Peer(NamedTuple):
    """The two ends of a connection, and what TLS proved about the far one.

    `certificates` are the verified client certificates in DER, leaf first; empty without a client certificate.
    """

    address: str
    port: int
    local_address: str
    local_port: int
    secure: bool = False
    certificates: tuple[bytes, ...] = ()
    tls_version: str = ""
    cipher: str = ""


class Headers:
    """The header fields of a message in the order in which they came; names are lower-case bytes."""

    __slots__ = ("fields",)

    def __init__(self, fields: list[tuple[bytes, bytes]]) -> None:
        self.fields = fields

    def get(self, name: bytes) -> bytes | None:
        """The first value of a field, or None; `name` is lower-case."""
        for known, value in self.fields:
            if known == name:
                return value
        return None

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a field; `name` is lower-case."""
        return [value for known, value in self.fields if known == name]

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class Body(Protocol):
    """The body of a request, read once, piece by piece, with the sender held back meanwhile."""

    @property
    def received(self) -> int:
        """How many bytes have come in so far."""
        ...

    @property
    def length(self) -> int | None:
        """The announced length in bytes; None where the message does not say (chunked)."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces; raises `Refused` (413, 408, 400) when the body is too large, too slow or broken off."""
        ...

    async def read(self) -> bytes:
        """The whole body at once; raises as iteration does."""
        ...

    async def peek(self) -> bytes:
        """The whole body at once, which stays there to be read; for short ones. Raises as iteration does."""
        ...


class NoBody:
    """The body of a request that has none."""

    __slots__ = ()
    received = 0
    length = 0

    async def _nothing(self) -> AsyncIterator[bytes]:
        return
        yield b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._nothing()

    async def read(self) -> bytes:
        """Nothing."""
        return b""

    async def peek(self) -> bytes:
        """Nothing."""
        return b""


NO_BODY = NoBody()


class Page(Enum):
    """The page that has sent a request, by its Origin, and what the rules for pages of other origins (`cors`) let it do."""

    OWN = "of this host, or no page at all"
    TRUSTED = "of another origin, and may send credentials"
    ADMITTED = "of another origin, and may send no credentials"
    FOREIGN = "of another origin, and may read nothing"


class Tunnel(Protocol):
    """What a caller who offers WebSocket sends behind the answer 101: bytes of frames, with him held back until they are read.

    `largest` is how many bytes a message may have, `patience` for how many seconds he may be silent. `code` and `reason`
    say how it ended; the service sets them, and an empty reason means: as it should.
    """

    page: Page
    largest: int
    patience: float
    code: int
    reason: str

    @property
    def received(self) -> int:
        """How many bytes have come in so far."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces; raises `Refused` when the connection is lost."""
        ...

    def on_leave(self, leave: Callable[[], None]) -> None:
        """Call this once when the connection has to end soon, because the server stops or its configuration was replaced."""
        ...


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")  # RFC 9110 section 9, RFC 5789


class Request(NamedTuple):
    """One request as the edge read it; every guard, route, audit record and application sees this `path`.

    `path` is decoded and free of dot segments; `target` is what the client sent; `query` is raw and without the
    question mark. `authority` is the Host (or `:authority`) as sent. `arrived` is seconds since the epoch.
    `identifier` is unique in the life of a server and stands in log and audit. `tunnel` is there where the caller offers
    WebSocket; only an answer with status 101 takes it up.
    `known` is what parts have concluded from nothing but the head and the connection, each under itself as the key: a
    connection that sends the same head again finds it there.
    """

    method: str
    target: str
    path: str
    query: str
    headers: Headers
    body: Body
    peer: Peer
    scheme: str
    authority: str
    version: str
    arrived: float
    identifier: str
    known: dict[object, Any]
    tunnel: Tunnel | None = None


class Response(NamedTuple):
    """An answer; `headers` have lower-case names, `body` is whole or a stream of pieces that the edge closes.

    The edge adds `content-length` for a whole body, and `date`.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | AsyncIterator[bytes] = b""


class Farewell(Response):
    """The answer of somebody who has logged the caller out: his cookie is taken back."""

    __slots__ = ()


_NO_CLAIMS: Mapping[str, object] = {}


class Identity(NamedTuple):
    """A caller whom an authenticator vouches for.

    `user` is the name a person would use, `unique_id` the name within `realm`; `groups` are bare names of that realm.
    `mechanism` is BASIC, BEARER, CLIENT_CERT, ...; `mapped_user` is the registry's user where a token's name was mapped.
    `expires` is seconds since the epoch, after which this identity no longer holds.
    """

    user: str
    realm: str
    unique_id: str
    groups: frozenset[str] = frozenset()
    mechanism: str = ""
    mapped_user: str = ""
    claims: Mapping[str, object] = _NO_CLAIMS
    expires: float = float("inf")

    def __eq__(self, other: object) -> bool:
        return type(other) is Identity and self._who == other._who

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._who)

    @property
    def _who(self) -> tuple[object, ...]:
        """All but the claims, which cannot be hashed: they say more of somebody, not that it is somebody else."""
        return (*self[:6], self.expires)

    @property
    def access_id(self) -> str:
        """Liberty's access id: `user:REALM/UNIQUE_ID`."""
        return f"user:{self.realm}/{self.unique_id}"


NOBODY = Identity("", "", "")  # who calls where nobody has logged in, for what wants a name all the same

# Who was let in, None where nobody has logged in, and the header fields that the answer must carry for it (cookies).
Admitted: TypeAlias = tuple[Identity | None, tuple[tuple[bytes, bytes], ...]]


class Kind(Enum):
    """What sort of thing a request is for (z/OS Connect request types)."""

    UNKNOWN = "UNKNOWN"
    API = "API"
    SERVICE = "SERVICE"
    ADMIN = "ADMIN"
    APPLICATION = "APPLICATION"  # a plain Liberty application: its own roles, no interceptors


class Access(Enum):
    """The four levels of the z/OS Connect authorization interceptor."""

    ADMIN = "Admin"
    OPERATIONS = "Operations"
    INVOKE = "Invoke"
    READER = "Reader"


class Groups(NamedTuple):
    """The registry groups that hold each access level; an empty set means nobody."""

    admin: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    invoke: frozenset[str] = frozenset()
    reader: frozenset[str] = frozenset()


class Resource(NamedTuple):
    """What an operation is called in messages, interceptors and audit; `groups` are the ones in force here."""

    kind: Kind
    name: str
    operation: str = ""
    access: Access = Access.INVOKE
    groups: Groups = Groups()


class Call(NamedTuple):
    """A request that was let in: who calls what, and the path below the resource."""

    request: Request
    identity: Identity | None
    resource: Resource
    subpath: str


class Outcome(NamedTuple):
    """How a call ended: what interceptors see after it.

    `length` counts the bytes of the response body that were sent, `completed` is seconds since the epoch, `reason` is
    empty on success and else says why the request was refused or failed.
    """

    status: int
    length: int
    completed: float
    reason: str = ""
