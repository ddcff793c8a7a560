"""An ASGI 3 application as a service: Call → scope, a task for the application → Response."""

import asyncio
import re
import ssl
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from zconnect.errors import Refused
from zconnect.messages import warning
from zconnect.services.exchange import GRACE, Exchange, Message
from zconnect.services.forwarding import SAFE_IN_PATH
from zconnect.values import NOBODY, Call, Farewell, Identity, Request, Response, Tunnel

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PRIVATE = warning("ZCON0625W", "The path {path} is private to the application {application}.", "Nobody may ask for it.")

# What an archive of Liberty keeps to itself (Servlet 10.5), in any case of letters.
_private = re.compile(r"/(?:web|meta)-inf(?:/|$)", re.IGNORECASE).match
_TEXT = ((b"content-type", b"text/plain"),)
_TLS_VERSIONS: Mapping[str, int] = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


class User:
    """The caller as an application sees him (`scope["user"]`, Starlette's `request.user`); without a login all is empty."""

    __slots__ = ("_identity", "has_logged_out")

    def __init__(self, identity: Identity | None) -> None:
        self._identity = identity
        self.has_logged_out = False

    def logout(self) -> None:
        """Log the caller out: the answer takes his single sign-on cookie back; to be called before it begins."""
        self._identity = None
        self.has_logged_out = True

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody has logged in."""
        return self._identity is not None

    @property
    def display_name(self) -> str:
        """The name that a person would use."""
        return self._identity.user if self._identity else ""

    @property
    def identity(self) -> str:
        """The name that no other caller has: `user:REALM/UNIQUE_ID`."""
        return self._identity.access_id if self._identity else ""

    def __getattr__(self, name: str) -> object:
        """The fields of `Identity`: user, realm, unique_id, groups, mechanism, mapped_user, claims, expires."""
        if name not in Identity._fields:
            raise AttributeError(name)
        return getattr(self._identity or NOBODY, name)


class Auth:
    """What the caller may do, as an application sees it (`scope["auth"]`): his groups, and `authenticated`."""

    __slots__ = ("_identity",)

    def __init__(self, identity: Identity | None) -> None:
        self._identity = identity

    @property
    def scopes(self) -> list[str]:
        """The words that Starlette's `requires` asks for."""
        return ["authenticated", *sorted(self._identity.groups)] if self._identity else []


class Application:
    """The service of one application; each call runs in one task of its own, which may outlive the answer."""

    def __init__(self, app: ASGIApp, name: str, root_path: str, state: Message) -> None:
        self._app = app
        self._name = name
        self._root_path = root_path
        self._state = state
        self._tasks: set[asyncio.Task[None]] = set()

    async def invoke(self, call: Call) -> Response:
        """The application's answer; raises what the application raises before it has one."""
        if _private(call.subpath):
            raise Refused(404, PRIVATE(path=call.request.path, application=self._name), headers=_TEXT, body=b"Error 404: Not Found\n")
        user = User(call.identity)
        scope = self._scope(call, user)
        tunnel = call.request.tunnel
        exchange = Exchange(call.request, self._name) if tunnel is None else self._socket(call, tunnel, scope)
        task = _begun(self._run(scope, exchange))
        self._tasks.add(task)
        response = await exchange.answered(task, self._tasks.discard)
        return Farewell(*response) if user.has_logged_out else response

    def _socket(self, call: Call, tunnel: Tunnel, scope: Message) -> Exchange:
        """A WebSocket, and what its scope has other than that of a request (ASGI WebSocket 2.4); raises `Refused`."""
        from zconnect.services.websocket import Socket  # many servers never need it

        socket = Socket(call, tunnel, self._name)
        del scope["method"]
        scope["type"] = "websocket"
        scope["scheme"] = "wss" if call.request.scheme == "https" else "ws"
        scope["subprotocols"] = socket.subprotocols
        scope["extensions"]["websocket.http.response"] = {}
        return socket

    async def _run(self, scope: Message, exchange: Exchange) -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except SystemExit as cause:
            raise RuntimeError("the application tried to end the server") from cause
        except StopAsyncIteration as cause:  # whoever reads the answer would take it for the end
            raise RuntimeError("the application failed with StopAsyncIteration") from cause

    async def close(self) -> None:
        """Let what still runs come to its end, for a while."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _scope(self, call: Call, user: User) -> Message:
        request, peer = call.request, call.request.peer
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": request.version,
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            # Made from the path that the guards saw, not from what was sent, so that the two cannot differ.
            "raw_path": _raw(request.path),
            "query_string": request.query.encode("latin-1", "replace"),
            "root_path": self._root_path,
            "headers": list(request.headers.fields),
            "client": (peer.address, peer.port),
            "server": _server(request),
            "user": user,
            "auth": Auth(call.identity),
            "state": {**self._state, "identity": call.identity},
            "extensions": {"tls": _tls(request)} if peer.secure else {},
        }


def _server(request: Request) -> tuple[str, int]:
    """Where the request came in; where there is no Host, as in HTTP/2, what was called, of which applications make their addresses."""
    peer, authority = request.peer, request.authority
    if request.headers.get(b"host") is not None or not authority:
        return peer.local_address, peer.local_port
    name, _, port = authority.rpartition(":")
    return (name, int(port)) if port.isdigit() else (authority, 443 if request.scheme == "https" else 80)


@lru_cache(maxsize=64)
def _raw(path: str) -> bytes:
    """A path in percent-encoding."""
    return quote(path, SAFE_IN_PATH).encode("ascii")


def _begun(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """A task for an application; where Python can, its first step is taken at once, and for many that is the only one."""
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    return loop.create_task(work)


def _tls(request: Request) -> Message:
    """The TLS extension of ASGI."""
    peer = request.peer
    return {
        "server_cert": None,
        "client_cert_chain": tuple(ssl.DER_cert_to_PEM_cert(each) for each in peer.certificates),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": _TLS_VERSIONS.get(peer.tls_version),
        "cipher_suite": None,
    }
