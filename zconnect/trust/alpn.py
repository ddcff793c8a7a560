"""ALPN (RFC 7301): the protocol that is spoken above TLS, and the end of a handshake that offers none of ours."""

import _ssl
import ssl
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

_HANDSHAKE, _CLIENT_HELLO = 22, 1  # content type, kind of message
_ALPN = 16
_NO_APPLICATION_PROTOCOL = 120  # the alert; ssl.AlertDescription does not know it

_Connection = ssl.SSLObject | ssl.SSLSocket
_HOOK = _ssl._SSLContext._msg_callback.__set__  # type: ignore[attr-defined]


class _Strict:
    """Ends the handshake of a client that offers protocols and none of ours.

    OpenSSL as Python drives it goes on without a protocol there, against RFC 7301, section 3.2. A caller who means another
    protocol would speak with this server then (the ALPACA attack). What the client offers is seen as the ClientHello
    arrives; the answer is given at the next step of the handshake that may refuse.
    """

    def __init__(self, protocols: Sequence[str]) -> None:
        self._ours = frozenset(protocol.encode() for protocol in protocols)
        self._strangers: WeakKeyDictionary[_Connection, None] = WeakKeyDictionary()

    def seen(self, connection: _Connection, direction: str, _version: int, content: int, message: int, data: bytes) -> None:
        """A message of the handshake, as OpenSSL has put it together."""
        if message == _CLIENT_HELLO and content == _HANDSHAKE and direction == "read":
            offered = alpn_of(data)
            if offered and self._ours.isdisjoint(offered):
                self._strangers[connection] = None

    def judged(self, connection: _Connection, _name: str | None, _context: ssl.SSLContext) -> int | None:
        """The alert that ends the handshake, or None to go on."""
        return _NO_APPLICATION_PROTOCOL if connection in self._strangers else None


def speak(context: ssl.SSLContext, protocols: Sequence[str]) -> None:
    """Have a server's context choose the first of `protocols` that the client offers, and refuse who offers others only."""
    context.set_alpn_protocols(list(protocols))
    strict = _Strict(protocols)
    # Python's own way to set this makes enumeration members of every message, which is a tenth of a handshake's price.
    _HOOK(context, strict.seen)
    context.sni_callback = strict.judged


def alpn_of(hello: bytes) -> tuple[bytes, ...]:
    """The protocols that a ClientHello (RFC 8446, section 4.1.2) offers; empty without ALPN, or where it cannot be read."""
    try:
        return tuple(_names(hello))
    except IndexError:
        return ()


def _names(hello: bytes) -> Iterator[bytes]:
    at = 4 + 2 + 32  # header, version, random
    for width in (1, 2, 1):  # session id, cipher suites, compression methods
        at += width + _number(hello, at, width)
    end = at + 2 + _number(hello, at, 2)
    at += 2
    while at < end:
        kind, length = _number(hello, at, 2), _number(hello, at + 2, 2)
        at += 4
        if kind == _ALPN:
            at += 2  # the length of the list
            stop = at + length - 2
            while at < stop:
                size = hello[at]
                yield hello[at + 1 : at + 1 + size]
                at += 1 + size
            return
        at += length


def _number(data: bytes, at: int, width: int) -> int:
    if at + width > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + width])
