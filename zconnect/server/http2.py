"""A connection of HTTP/2."""

import asyncio

from zconnect.server.edge import Edge

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Http2Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
