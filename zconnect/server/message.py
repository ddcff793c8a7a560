"""Bytes of HTTP/1.1 become requests: httptools parses and frames, the limits and the strictness are ours."""

import time
from collections import deque
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from zconnect.errors import Refused
from zconnect.messages import Told
from zconnect.server.body import TOO_LARGE, Incoming, Source
from zconnect.server.claims import PRIVATE, Fields, parted
from zconnect.server.edge import Edge
from zconnect.server.malformed import LIMIT, MALFORMED, TWO_CREDENTIALS, malformed
from zconnect.server.repeated import Seen, divided, renewed
from zconnect.server.target import BAD_HOST, NOT_SERVED, UNSERVED, check_version, read_host, read_target, unserved
from zconnect.server.tunnel import Tunnel, offers_websocket
from zconnect.values import NO_BODY, Body, Headers, Peer, Request

PIPELINED = 256  # requests that may wait on one connection; a browser sends 6, a load generator 64
_WATCHED = frozenset({b"host", b"authorization", b"content-length", b"transfer-encoding", b"expect"}) | PRIVATE


class Exchange(NamedTuple):
    """A request, and whether its connection may carry another one; `body` and `tunnel` still come in, `expects` a 100 (Continue)."""

    request: Request
    keep: bool
    body: Incoming | None = None
    expects: bool = False
    tunnel: Tunnel | None = None


class Reader:
    """Reads the requests of one connection into `queue`; a refusal in it stands for what cannot be read on.

    `receiving` is the body that is still coming in, `turns` counts the heads and messages that have come to their end.
    `tunnel` takes all that comes behind an offer of WebSocket, until that is declined.
    """

    def __init__(self, edge: Edge, peer: Peer, source: Source) -> None:
        self.queue: deque[Exchange | Refused] = deque()
        self.receiving: Incoming | None = None
        self.tunnel: Tunnel | None = None
        self.turns = 0
        self._edge = edge
        self._peer = peer
        self._source = source
        self._scheme = "https" if peer.secure else "http"
        self._parser = HttpRequestParser(self)
        self._limits = edge.limits
        self._refusal: Refused | None = None
        self._events = 0
        self._silent = 0
        self._replayed = False
        self._last = False
        self._begun = False  # the parser has a part of a message, be it a letter of its method
        self._url = b""
        self._seen = Seen(b"", b"", [], None, None)
        self._meaning: tuple[list[tuple[bytes, bytes]], bytes | None, Request] | None = None
        self._begin()

    def _begin(self) -> None:
        self._fields: list[tuple[bytes, bytes]] = []
        self._host: bytes | None = None
        self._length: bytes | None = None
        self._chunked = False
        self._expects = False
        self._claimed = False

    @property
    def at_rest(self) -> bool:
        """Everything that began to come in has come in."""
        return not self._url and self.receiving is None

    @property
    def buffered(self) -> int:
        """How many bytes nobody has read yet."""
        incoming = self.receiving or self.tunnel
        return 0 if incoming is None else incoming.buffered

    def feed(self, data: bytes) -> None:
        """Take what has come in."""
        if self.tunnel is not None:
            return self.tunnel.feed(data)
        if self._last and (self.receiving is None or self.receiving.failed):
            return  # the caller has said that he asks no more, or nobody understands him
        events = self._events
        head, seen, block = data, self._seen, b""
        if not self._begun:
            if data == seen.head and seen.request is not None and not self.queue:
                return self._again(seen.request)
            line, block = divided(data)
            if block and block == seen.block:
                data, self._fields, self._host = line, seen.fields, seen.host
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            block = b""
            self._without_upgrade(data[upgrade.args[0] :])
        except HttpParserError as error:
            self._stop(self._refusal or malformed(error, data))
            return
        if self._events != events:
            self._silent = 0
            if block and not self._begun and self._meaning:
                self._seen = Seen(head, block, *self._meaning)
            return
        self._silent += len(data)
        if self._silent > self._limits.head:
            self._stop(Refused(400, LIMIT(attribute="maxHeaderBlockSize", limit=self._limits.head)))

    def _again(self, request: Request) -> None:
        """The head of a request without a body has come again."""
        self._events += 1
        self._silent = 0
        self.turns += 1
        edge = self._edge
        again = renewed(request, time.time(), edge.identifier())
        self.queue.append(Exchange(again if edge.identify is None else edge.identify(again, []), True))

    def _stop(self, refusal: Refused) -> None:
        """What comes cannot be read: the body that is under way breaks off, or else the caller is told."""
        if self.receiving is not None:
            self.receiving.fail(refusal)
        elif not self._last:
            self.queue.append(refusal)
        self._last = True

    def _without_upgrade(self, rest: bytes) -> None:
        """Go on as if no other protocol had been offered: the parser left off behind the head, so a new one reads the body.

        It gets a head that announces the same framing; all that it says of that head is passed over.
        """
        self._parser = HttpRequestParser(self)
        body = self.receiving
        if body is not None:
            framing = b"transfer-encoding: chunked" if body.length is None else b"content-length: %d" % body.length
            self._replayed = True
            self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % framing)
            self._replayed = False
        if rest:
            self.feed(rest)

    def declined(self) -> None:
        """The offer of WebSocket was not taken up: what came behind it is requests."""
        if self.tunnel is not None:
            rest, self.tunnel = self.tunnel.taken_back(), None
            self.feed(rest)

    def on_message_begin(self) -> None:
        """The first byte of a request line is there (of httptools)."""
        self._begun = True

    def on_url(self, url: bytes) -> None:
        """Part of the target (of httptools)."""
        if not self._replayed:
            self._url += url
            if len(self._url) > self._limits.field:
                raise self._refused(400, LIMIT(attribute="limitFieldSize", limit=self._limits.field))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header or trailer field (of httptools)."""
        if self._replayed:
            return
        limits = self._limits
        if len(value) > limits.field or len(name) > limits.field:
            raise self._refused(400, LIMIT(attribute="limitFieldSize", limit=limits.field))
        if len(self._fields) >= limits.headers:
            raise self._refused(400, LIMIT(attribute="limitNumHeaders", limit=limits.headers))
        name = name.lower()
        value = value.rstrip(b" \t")
        self._fields.append((name, value))
        if name in _WATCHED and self._url:
            self._watch(name, value)

    def _watch(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            if self._host is not None:
                raise self._refused(400, BAD_HOST(reason="there is more than one"))
            self._host = value
        elif name == b"authorization":
            if sum(known == name for known, _ in self._fields) > 1:
                raise self._refused(400, MALFORMED(reason=TWO_CREDENTIALS))
        elif name in PRIVATE:
            self._claimed = True
        elif name == b"content-length":
            self._length = value
        elif name == b"transfer-encoding":
            if self._chunked or value.lower() != b"chunked":
                raise self._refused(400, NOT_SERVED(what="a transfer encoding other than chunked"))
            self._chunked = True
        elif value.lower() == b"100-continue":
            self._expects = True
        else:
            raise self._refused(417, NOT_SERVED(what="an expectation other than 100-continue"))

    def on_headers_complete(self) -> None:
        """The head is there (of httptools)."""
        self._events += 1
        if self._replayed:
            return
        try:
            self.queue.append(self._exchange())
        except Refused as refusal:
            self._refusal = refusal
            self.receiving = None
            raise
        self._url = b""
        self.turns += 1
        self._begin()

    def _exchange(self) -> Exchange:
        parser = self._parser
        version = parser.get_http_version()
        method = parser.get_method().decode()
        if version != "1.1":
            check_version(version, chunked=self._chunked)
        if method in UNSERVED:
            raise unserved(method)
        if len(self.queue) >= PIPELINED:
            raise Refused(400, MALFORMED(reason="too many requests were sent before their answers were read"))
        path, query, authority = read_target(self._url, method, self._scheme)
        body = self._body() if self._chunked or self._length is not None else NO_BODY
        if parser.should_upgrade() and method == "GET" and version == "1.1" and body is NO_BODY and offers_websocket(self._fields):
            self.tunnel = Tunnel(self._source, self._limits)
        claims: Fields = []
        if self._claimed:
            self._fields, claims = parted(self._fields)
        request = Request(
            method,
            self._url.decode(),
            path,
            query,
            Headers(self._fields),
            body,
            self._peer,
            self._scheme,
            read_host(self._host, authority, version),
            version,
            time.time(),
            self._edge.identifier(),
            {},
            self.tunnel,
        )
        self._meaning = None if claims or self.tunnel else (self._fields, self._host, request)
        if body is not NO_BODY and self._edge.unpack is not None:
            request = self._edge.unpack(request)
        if self._edge.identify is not None:
            request = self._edge.identify(request, claims)
        if self.tunnel is not None:
            self.tunnel.page = self._edge.page(request)
        keep = parser.should_keep_alive()
        self._last = not keep
        return Exchange(request, keep, self.receiving, self._expects and version == "1.1", self.tunnel)

    def _body(self) -> Body:
        """The body that is announced; without a byte it is none."""
        length = None if self._chunked else int(self._length or b"0")
        if length == 0:
            return NO_BODY
        limit = self._limits.message
        allowed = None
        if limit is not None:
            # VERIFIED on a real server: the head counts.
            allowed = limit - len(self._url) - sum(len(name) + len(value) + 4 for name, value in self._fields)
            if allowed < (length or 0):
                raise Refused(413, TOO_LARGE(limit=limit))
        self.receiving = Incoming(self._source, length, allowed, limit)
        return self.receiving

    def on_body(self, piece: bytes) -> None:
        """Part of a body (of httptools)."""
        self._events += 1
        if self.receiving is not None:
            self.receiving.feed(piece)

    def on_message_complete(self) -> None:
        """The request is there as a whole (of httptools)."""
        self._begun = False
        if self.receiving is not None and not self._replayed:
            if self._parser.should_upgrade():
                return  # the parser leaves off before the body: see _without_upgrade
            self.receiving.end()
            self.receiving = None
            self.turns += 1
        if self._fields:
            self._fields = []  # trailer fields, which nobody asked for (RFC 9110, 6.5.1)

    def broken(self, refusal: Refused, *, closed: bool = False) -> None:
        """Nothing more will come."""
        for incoming in filter(None, (self.receiving, self.tunnel)):
            incoming.fail(refusal)
        if closed:  # the circle that holds a connection would wait for the garbage collector, with all buffers of TLS
            self._meaning = None
            del self._parser, self._source

    def _refused(self, status: int, told: Told) -> Refused:
        self._refusal = Refused(status, told)
        return self._refusal
