"""<compression>: answers that are compressed for callers who take it (RFC 9110, 8.4.1 and 12.5.3)."""

import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import ClassVar, NamedTuple

from zconnect.config.names import nearest
from zconnect.config.schema import Element, attr, element
from zconnect.errors import Problem
from zconnect.messages import Message, warning
from zconnect.server.answer import announced, has_no_body
from zconnect.server.edge import closed
from zconnect.values import Request, Response

_DEFAULTS = "Correct the list; until then the default holds."
ADDED_TWICE = warning(
    "CWWKT0029W", "The type {type} stands in the list of the compression element {id}, or in the default, already.", _DEFAULTS
)
REMOVED_TWICE = warning("CWWKT0030W", "The type {type} is taken out twice by the compression element {id}.", _DEFAULTS)
ADDED_AND_REMOVED = warning("CWWKT0031W", "The type {type} is both added and taken out by the compression element {id}.", _DEFAULTS)
REPLACED_AND_ADDED = warning("CWWKT0032W", "The compression element {id} both replaces the default, and adds {type} to it.", _DEFAULTS)
UNKNOWN_ALGORITHM = warning(
    "CWWKT0033W",
    "The serverPreferredAlgorithm of the compression element {id} is not known: {algorithm}.",
    "Write gzip, for example, or none.",
)

DEFAULT_TYPES = ("text/*", "application/javascript")
LEAST = 2048  # bytes: what is announced to be shorter stays as it is
LARGE = 65536  # bytes: what is longer is compressed in haste, because other requests wait meanwhile

_GZIP, _ZLIB = 31, 15  # kinds of zlib's window
_KINDS: Mapping[str, int] = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": _ZLIB,
    "zlib": _ZLIB,
    "identity": 0,
}  # in the order in which they are preferred
_ALGORITHMS = ("none", *_KINDS)
_NAMES: Mapping[str, bytes] = {"zlib": b"deflate"}  # what has another name in Content-Encoding
_TYPE = re.compile(r"[+-]?[\w.+-]+/(?:\*|[\w.+-]+)")
_VARY = (b"vary", b"Accept-Encoding")


def _type_check(text: str) -> None:
    if not _TYPE.fullmatch(text):
        raise ValueError("it is no content type such as text/html or text/*, with + or - before it")


class Chosen(NamedTuple):
    """Content types, with a * for all of a kind: what is compressed, and what of it is not."""

    taken: frozenset[str]
    removed: frozenset[str]


@element
class Compression(Element):
    """Answers of an endpoint that are compressed.

    <httpEndpoint id="defaultHttpEndpoint">
        <compression types="+application/json, -text/plain" serverPreferredAlgorithm="gzip"/>
    </httpEndpoint>
    """

    tag: ClassVar[str] = "compression"
    default_id: ClassVar[str | None] = "defaultCompression"

    server_preferred_algorithm: str = attr(
        default="none", doc="The algorithm that goes first where the caller takes it: gzip, x-gzip, zlib, deflate, identity or none"
    )
    types: tuple[str, ...] = attr(
        default=DEFAULT_TYPES,
        check=_type_check,
        doc="The content types that are compressed, as answers write them in lower case; + and - before a type change the default",
    )

    def mistakes(self) -> Iterable[Problem]:
        """Lists that contradict themselves, an algorithm that is not known."""
        wrong = self._wrong()
        if wrong:
            message, kind = wrong
            yield self.mistake(message(type=kind, id=self.id), "types", kind)
        algorithm = self.server_preferred_algorithm
        if algorithm.lower() not in _ALGORITHMS:
            told = UNKNOWN_ALGORITHM(id=self.id, algorithm=algorithm)
            yield self.mistake(told, "serverPreferredAlgorithm", meant=nearest(algorithm.lower(), _ALGORITHMS))

    def _wrong(self) -> tuple[Message, str] | None:
        """What makes the list of types useless, the first there is."""
        bare, added, removed = self._signed()
        for kinds, message in ((bare, ADDED_TWICE), (added, ADDED_TWICE), (removed, REMOVED_TWICE)):
            for at, kind in enumerate(kinds):
                if kind in kinds[:at]:
                    return message, kind
        for kind in added:
            if bare:
                return REPLACED_AND_ADDED, kind
            if kind in DEFAULT_TYPES:
                return ADDED_TWICE, kind
            if kind in removed:
                return ADDED_AND_REMOVED, kind
        return None

    def _signed(self) -> tuple[tuple[str, ...], ...]:
        """The types that stand alone, with + and with -, in lower case."""
        kinds = tuple(each.lower() for each in self.types)
        return tuple(tuple(each.lstrip("+-") for each in kinds if (each[0] if each[0] in "+-" else "") == sign) for sign in ("", "+", "-"))

    def chosen(self) -> Chosen:
        """The types that are compressed; the default where the list contradicts itself."""
        if self._wrong():
            return Chosen(frozenset(DEFAULT_TYPES), frozenset())
        bare, added, removed = self._signed()
        return Chosen(frozenset(bare or DEFAULT_TYPES) | frozenset(added), frozenset(removed))

    def preferred(self) -> str:
        """The algorithm that goes first."""
        algorithm = self.server_preferred_algorithm.lower()
        return algorithm if algorithm in _ALGORITHMS else "none"


def compression_edit(element: Compression) -> Callable[[Request | None, Response], Response]:
    """What the element does to an answer."""
    (chosen, removed), preferred = element.chosen(), element.preferred()

    def edit(request: Request | None, response: Response) -> Response:
        response = response._replace(headers=_varying(response.headers))
        if request is None or not _compressible(response):
            return response
        kind = next((value for name, value in response.headers if name == b"content-type"), b"").decode("latin-1").partition(";")[0].strip()
        forms = {kind, f"{kind.partition('/')[0]}/*"}
        if forms & removed or not forms & chosen:
            return response
        accepted = b",".join(request.headers.all(b"accept-encoding")).decode("latin-1")
        algorithm = accepted_algorithm(accepted, preferred)
        return _compressed(request, response, algorithm) if algorithm else response

    return edit


def _varying(fields: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """The fields with the word that this answer depends on Accept-Encoding."""
    kept = tuple(fields)
    told = {token.strip().lower() for name, value in kept if name == b"vary" for token in value.split(b",")}
    return kept if told & {b"*", b"accept-encoding"} else (*kept, _VARY)


def _compressible(response: Response) -> bool:
    """It is whole, long enough, not compressed yet, and may be changed on its way."""
    names = {name for name, _ in response.headers}
    if has_no_body(response.status) or names & {b"content-encoding", b"content-range"}:
        return False
    if any(name == b"cache-control" and b"no-transform" in value.lower() for name, value in response.headers):
        return False
    length = announced(response.headers)
    return length is None or length >= LEAST


def accepted_algorithm(accepted: str, preferred: str) -> str:
    """What a caller takes and the server likes best, by the text of Accept-Encoding; empty for nothing."""
    weights = {name: weight for name, weight in map(_weighed, accepted.split(",")) if name}
    if preferred in _KINDS and weights.get(preferred, 0) > 0:
        return preferred.replace("identity", "")
    if weights.get("*", 0) > 0:
        rest = next((name for name in (preferred, *_KINDS) if name in _KINDS and weights.get(name) != 0), "identity")
        weights[rest] = weights["*"]
    best = max((name for name in _KINDS if weights.get(name, 0) > 0), key=lambda name: weights[name], default="")
    return best.replace("identity", "")


def _weighed(item: str) -> tuple[str, float]:
    """One item of Accept-Encoding; without a name where its weight is no number."""
    name, semicolon, parameter = item.strip().partition(";")
    key, _, value = parameter.strip().partition("=")
    if not semicolon:
        return name.lower(), 1.0
    if key.strip().lower() != "q" or not re.fullmatch(r"[01](?:\.[0-9]{0,3})?", value.strip()):
        return "", 0.0
    return name.strip().lower(), float(value)


def _compressed(request: Request, response: Response, algorithm: str) -> Response:
    kept = tuple((name, _weak(value) if name == b"etag" else value) for name, value in response.headers if name != b"content-length")
    fields = (*kept, (b"content-encoding", _NAMES.get(algorithm, algorithm.encode())))
    body = response.body
    if request.method == "HEAD":
        return Response(response.status, fields, b"" if isinstance(body, bytes) else body)
    if isinstance(body, bytes):
        packer = zlib.compressobj(1 if len(body) > LARGE else -1, wbits=_KINDS[algorithm])
        return Response(response.status, fields, packer.compress(body) + packer.flush())
    return Response(response.status, fields, _Packed(body, zlib.compressobj(wbits=_KINDS[algorithm])))


def _weak(tag: bytes) -> bytes:
    """The entity tag of what is no longer the same byte for byte (RFC 9110, 8.8.1)."""
    return tag if tag.startswith(b"W/") else b"W/" + tag


class _Packed:
    """A body that is compressed as it comes; each piece goes out at once, so that events arrive when they happen.

    A class and not a generator, because closing a generator that was never begun would not close what it reads.
    """

    def __init__(self, body: AsyncIterator[bytes], packer: "zlib._Compress") -> None:
        self._body = body
        self._packer = packer
        self._ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        try:
            piece = await anext(self._body)
        except StopAsyncIteration:
            self._ended = True
            return self._packer.flush()
        return self._packer.compress(piece) + self._packer.flush(zlib.Z_SYNC_FLUSH)

    async def aclose(self) -> None:
        """End the body before its time."""
        await closed(self._body)
