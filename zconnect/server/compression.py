"""<compression>: answers that are compressed for callers who take it (RFC 9110, 8.4.1 and 12.5.3)."""

import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import ClassVar, Literal

from zconnect.config.schema import Element, attr, element
from zconnect.server.answer import announced, has_no_body
from zconnect.server.edge import closed
from zconnect.values import Request, Response

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
_NAMES: Mapping[str, bytes] = {"zlib": b"deflate"}  # what has another name in Content-Encoding
_TYPE = re.compile(r"[+-]?[\w.+-]+/(?:\*|[\w.+-]+)")
_VARY = (b"vary", b"Accept-Encoding")


def _type_check(text: str) -> None:
    if not _TYPE.fullmatch(text):
        raise ValueError("it is no content type such as text/html or text/*, with + or - before it")


@element
class Compression(Element):
    """Answers of an endpoint that are compressed.

    <httpEndpoint id="defaultHttpEndpoint">
        <compression types="+application/json, -text/plain" serverPreferredAlgorithm="gzip"/>
    </httpEndpoint>
    """

    tag: ClassVar[str] = "compression"
    default_id: ClassVar[str | None] = "defaultCompression"

    server_preferred_algorithm: Literal["none", "gzip", "x-gzip", "zlib", "deflate", "identity"] = attr(
        default="none", doc="The algorithm that goes first where the caller takes it"
    )
    types: tuple[str, ...] = attr(
        default=DEFAULT_TYPES,
        check=_type_check,
        doc="The content types that are compressed, upper and lower case apart; + and - before a type change the default",
    )

    def chosen(self) -> frozenset[str]:
        """The types that are compressed."""
        bare = {each for each in self.types if each[0] not in "+-"}
        added, removed = ({each[1:] for each in self.types if each[0] == sign} for sign in "+-")
        return frozenset((bare or set(DEFAULT_TYPES)) | added) - removed


def compression_edit(element: Compression) -> Callable[[Request | None, Response], Response]:
    """What the element does to an answer."""
    chosen, removed = element.chosen(), {each[1:] for each in element.types if each[0] == "-"}

    def edit(request: Request | None, response: Response) -> Response:
        response = response._replace(headers=_varying(response.headers))
        if request is None or not _compressible(response):
            return response
        kind = next((value for name, value in response.headers if name == b"content-type"), b"").decode("latin-1").partition(";")[0].strip()
        if kind in removed or not (kind in chosen or f"{kind.partition('/')[0]}/*" in chosen):
            return response
        accepted = b",".join(request.headers.all(b"accept-encoding")).decode("latin-1")
        algorithm = accepted_algorithm(accepted, element.server_preferred_algorithm)
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
