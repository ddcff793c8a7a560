"""The API of the benchmark: one JSON document of 200 bytes, encoded anew for each request."""

import json
from typing import Any

ITEM = {
    "account": "4711-0815-42",
    "owner": "USER000001",
    "currency": "EUR",
    "balance": "1234.56",
    "status": "OPEN",
    "limits": {"daily": "5000.00", "monthly": "50000.00"},
    "updated": "2026-11-22T20:00:00Z",
    "branch": "BERLI",
}
encode = json.JSONEncoder(separators=(",", ":")).encode


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI 3."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    body = encode(ITEM).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
