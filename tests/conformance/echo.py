"""The echo application of the http corpus as an ASGI application; copied into the folder apps of a server."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cryptography import x509

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def parameters(query: str) -> Mapping[str, str]:
    """What steers an answer, undecoded as in the original."""
    return dict(pair.split("=", 1) for pair in query.split("&") if pair.find("=") > 0)


def subject(scope: Message) -> str | None:
    """The subject of the client's certificate, in the form of RFC 2253."""
    chain = scope["extensions"].get("tls", {}).get("client_cert_chain", ())
    return x509.load_pem_x509_certificate(chain[0].encode()).subject.rfc4514_string() if chain else None


def named(scope: Message) -> tuple[str, int]:
    """The name and port under which the caller reached the server."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    if not host:
        return "localhost", scope["server"][1]
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        return name, int(port)
    return host, 443 if scope["scheme"] == "https" else 80


async def body(receive: Receive) -> tuple[bytes, str | None]:
    """The body, and what went wrong with it."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces), "io"
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces), None


def seen(scope: Message, data: bytes, error: str | None) -> Message:
    """What the application sees of a request."""
    name, port = named(scope)
    scheme, uri, query = scope["scheme"], scope["raw_path"].decode(), scope["query_string"].decode("latin-1")
    standard = port == (443 if scheme == "https" else 80)
    address = scope["client"][0]
    result = {
        "method": scope["method"],
        "uri": uri,
        "url": f"{scheme}://{name}{'' if standard else f':{port}'}{uri}",
        "path": scope["path"][len(scope["root_path"]) :] or "/",
        "query": query or None,
        "protocol": f"HTTP/{scope['http_version']}",
        "scheme": scheme,
        "secure": scheme == "https",
        "serverName": name,
        "serverPort": port,
        "remoteAddr": address,
        "remoteHost": "localhost" if address.startswith("127.") else address,
        "remotePort": scope["client"][1] > 0,
        "user": scope["state"]["identity"].user if scope["state"]["identity"] else None,
        "authType": scope["state"]["identity"].mechanism if scope["state"]["identity"] else None,
        "cipher": None,
        "clientCert": subject(scope),
        "bodyLength": len(data),
        "bodyStart": data[:40].decode("latin-1"),
    }
    fields = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    return result | ({"bodyError": error} if error else {}) | {"headers": fields}


def answer(scope: Message, wanted: Mapping[str, str], data: bytes, error: str | None) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, fields and body."""
    fields = []
    if "cookie" in wanted:
        fields.append((b"set-cookie", b"c1=" + wanted["cookie"].encode()))
    if "head" in wanted:
        fields.append((b"x-app", wanted["head"].encode()))
    if "senderror" in wanted:
        return int(wanted["senderror"]), [*fields, (b"content-type", b"text/html;charset=ISO-8859-1"), (b"$wsep", b"")], b"Error"
    if "redirect" in wanted:
        name, port = named(scope)
        return 302, [*fields, (b"location", f"{scope['scheme']}://{name}:{port}{wanted['redirect']}".encode())], b""
    if "throw" in wanted:
        raise RuntimeError("made up")
    kind, separator, _ = wanted.get("type", "application/json").partition(";charset=")
    fields.append((b"content-type", f"{kind}{separator or '; charset='}UTF-8".encode()))
    pad = {"pad": "x" * int(wanted["size"])} if "size" in wanted else {}
    text = json.dumps(seen(scope, data, error) | pad).encode()
    if "length" in wanted:
        fields.append((b"content-length", b"%d" % len(text)))
    return int(wanted.get("status", 200)), fields, text


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answers everything below its context root."""
    if scope["type"] != "http":
        return
    wanted = parameters(scope["query_string"].decode("latin-1"))
    data, error = (b"", None) if wanted.get("read") == "no" else await body(receive)
    if "sleep" in wanted:
        await asyncio.sleep(int(wanted["sleep"]) / 1000)
    status, fields, text = answer(scope, wanted, data, error)
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": text})
