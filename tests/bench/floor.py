"""The floor: what any server in Python pays, an asyncio.Protocol over httptools that answers the same document, nothing else."""

import asyncio
import ssl
import sys
from pathlib import Path
from typing import cast

import httptools
import uvloop

from tests.bench.item import ITEM, encode


class Connection(asyncio.Protocol):
    """Answers every request alike."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        body = encode(ITEM).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))


async def main(port: int, keys: Path, tls: bool) -> None:
    """Serve until killed."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys / "tls/server-ec.pem", keys / "tls/server-ec.key")
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] != "none"))
