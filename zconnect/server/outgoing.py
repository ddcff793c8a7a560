"""The framing of an answer that is sent as it comes (RFC 9112, 6.3): by length, in chunks, or until the connection closes."""

from zconnect.server.answer import CHUNKED, LAST_CHUNK, announced, has_no_body
from zconnect.server.tunnel import SWITCHING
from zconnect.values import Request, Response


class Outgoing:
    """One answer on its way: `framing` has its header lines, `silent` says that no body may follow.

    `until_close`: only the end of the connection can tell the end of the body. `switches`: it takes up an offer of WebSocket,
    so that frames of that follow.
    """

    def __init__(self, request: Request, response: Response) -> None:
        status = response.status
        self.switches = status == 101 and request.tunnel is not None
        self.silent = not self.switches and (has_no_body(status) or request.method == "HEAD")
        self.sent = 0
        self._length = announced(response.headers)
        self._chunked = self._length is None and request.version == "1.1" and not has_no_body(status)
        self.until_close = not (self.silent or self._chunked or self._length is not None)
        self.framing = SWITCHING if self.switches else CHUNKED if self._chunked else b""
        if self._length is not None and (status == 304 or not has_no_body(status)):
            self.framing = b"content-length: %d\r\n" % self._length

    def framed(self, piece: bytes) -> bytes | None:
        """A piece as it goes over the wire; None where there is more than was announced."""
        self.sent += len(piece)
        if self._chunked:
            return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        return None if self._length is not None and self.sent > self._length else piece

    def end(self) -> bytes | None:
        """What marks the end; None where less has come than was announced."""
        if self.silent:
            return b""
        if self._chunked:
            return LAST_CHUNK
        return b"" if self._length in {None, self.sent} else None
