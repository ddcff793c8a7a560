"""A provider on a loopback port that is asked about tokens; it says of each what `says` holds, and counts who asks."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from .support import NOW
from .tokens import ISSUER


def good(**changes: Any) -> dict[str, Any]:
    """What is said of a good token of alice's, with changes; None takes a member away."""
    whole = {"active": True, "sub": "alice", "iss": ISSUER, "iat": int(NOW) - 5, "exp": int(NOW) + 600, **changes}
    return {name: value for name, value in whole.items() if value is not None}


class Op:
    """A provider; `status`, `raw`, `kind` and `fields` change what every answer is, `pause` is in seconds."""

    def __init__(self) -> None:
        self.says: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.raw: bytes | None = None
        self.kind = "application/json"
        self.fields: dict[str, str] = {}
        self.pause = 0.0
        self.asked: list[dict[str, str]] = []
        self.origin = ""

    @property
    def url(self) -> str:
        """Where it is asked about tokens."""
        return f"{self.origin}/introspect"

    async def answer(self, request: web.Request) -> web.Response:
        """What it says."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        authorization = request.headers.get("Authorization", "")
        self.asked.append({"method": request.method, "authorization": authorization, **form})
        said = self.says.get(form.get("token") or authorization.removeprefix("Bearer "), {"active": False})
        await asyncio.sleep(self.pause)
        headers = {"Content-Type": self.kind, **self.fields} if self.kind else self.fields
        if self.raw is not None or self.status != 200:
            return web.Response(status=self.status, body=self.raw or b"", headers=headers)
        return web.json_response(said)


@asynccontextmanager
async def op(context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Op]:
    """A provider that answers."""
    found = Op()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=context)
    await site.start()
    scheme = "http" if context is None else "https"
    found.origin = f"{scheme}://localhost:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()
