"""The engine alone: the server's own protocol and port, answering the same document without any guard behind it."""

import ssl
import sys
from datetime import timedelta
from pathlib import Path

import uvloop

from tests.bench.item import ITEM, encode
from zconnect.errors import Refused
from zconnect.server.clock import Clock
from zconnect.server.edge import Edge
from zconnect.server.httpoptions import HttpOptions
from zconnect.server.listener import Listener
from zconnect.values import Request, Response

HEADERS = ((b"content-type", b"application/json"),)


class Alike:
    """Answers every request alike."""

    async def handle(self, request: Request) -> Response:
        """The document."""
        return Response(200, HEADERS, encode(ITEM).encode())

    async def refuse(self, request: Request, refusal: Refused) -> Response:
        """Nobody is refused."""
        return refusal.response

    def entered(self) -> None:
        """Nobody counts."""

    def left(self) -> None:
        """Nobody counts."""


async def main(port: int, keys: Path, tls: bool) -> None:
    """Serve until killed."""
    clock = Clock()
    listener = Listener("engine", "engine", "127.0.0.1", port, Edge(Alike(), HttpOptions().limits(timedelta(minutes=1)), clock))
    if tls:
        listener.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listener.context.load_cert_chain(keys / "tls/server-ec.pem", keys / "tls/server-ec.key")
    await listener.open()
    await clock.run()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] != "none"))
