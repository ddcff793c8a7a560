"""A caller's offer of WebSocket in HTTP/1.1, and what he sends once it is taken up (RFC 9110, 7.8; RFC 6455, 4.2.1)."""

from collections.abc import Callable, Iterable

from zconnect.server.body import Incoming, Source
from zconnect.server.httpoptions import Limits
from zconnect.values import Page

SWITCHING = b"connection: Upgrade\r\nupgrade: websocket\r\n"
LARGEST = 1 << 20  # bytes of a message where MessageSizeLimit says nothing: it has to fit into memory
LOST = 1006  # closed without a word (RFC 6455, 7.1.5)


class Tunnel(Incoming):
    """The bytes behind an offer; an edge whose page nobody has judged must not be trusted, so it begins as a foreign one."""

    __slots__ = ("_leave", "_left", "code", "largest", "page", "patience", "reason")

    def __init__(self, source: Source, limits: Limits) -> None:
        super().__init__(source, None)
        self.page = Page.FOREIGN
        self.largest = LARGEST if limits.message is None else limits.message
        self.patience = limits.read
        self.code = LOST
        self.reason = ""
        self._leave: Callable[[], None] | None = None
        self._left = False

    def on_leave(self, leave: Callable[[], None]) -> None:
        """Call this once when the connection has to end soon; at once where that is known already."""
        self._leave = leave
        if self._left:
            leave()

    def leave(self) -> None:
        """The connection has to end soon."""
        if not self._left:
            self._left = True
            if self._leave is not None:
                self._leave()

    def taken_back(self) -> bytes:
        """What has come in, because the offer was not taken up."""
        rest = b"".join(self._pieces)
        self._pieces.clear()
        self.buffered = 0
        return rest


def offers_websocket(fields: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether WebSocket is among the protocols that the Upgrade fields name."""
    return any(b"websocket" in map(bytes.strip, value.lower().split(b",")) for name, value in fields if name == b"upgrade")
