"""The quickstart's API: a small catalogue, as a plain ASGI application. Whoever gets here has passed the guard."""

import json

ITEMS = {
    "4711": {"id": "4711", "name": "Paper, 500 sheets", "price": "4.90"},
    "4712": {"id": "4712", "name": "Pencil, HB", "price": "0.85"},
    "4713": {"id": "4713", "name": "Eraser", "price": "1.20"},
}


def answer(path, caller):
    """The status and the document for a path below the context root."""
    if path == "/items":
        return 200, {"caller": caller, "items": list(ITEMS.values())}
    item = ITEMS.get(path.removeprefix("/items/"))
    return (200, {"caller": caller, **item}) if item else (404, {"errorMessage": f"There is no {path} in the catalogue."})


async def app(scope, receive, send):
    """ASGI 3: scope["user"] is the caller whom the server has authenticated."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    path = scope["path"].removeprefix(scope["root_path"])
    status, document = answer(path, scope["user"].display_name)
    body = json.dumps(document).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
