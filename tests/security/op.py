"""A provider on a loopback port that is asked about tokens; it says of each what `says` holds, and counts who asks."""

import asyncio
import ssl
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from .support import NOW
from .tokens import ISSUER, SECRET, token

AnyOp = TypeVar("AnyOp", bound="Op")


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


class LoginOp(Op):
    """A provider at which alice is logged in already, and each code is good once.

    `claims` change its ID tokens, `back` changes what browsers are sent back with (None takes it away), `token_status`
    is that of the answers to codes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Any] = {}
        self.drop: tuple[str, ...] = ()
        self.back: dict[str, str | None] = {}
        self.logins: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.credentials = ("rs", SECRET)
        self.token_status = 200

    async def answer(self, request: web.Request) -> web.Response:
        match request.path:
            case "/authorize":
                return self._authorized(dict(request.query))
            case "/token":
                form = {name: str(value) for name, value in (await request.post()).items()}
                authorization = request.headers.get("Authorization", "")
                self.asked.append({"origin": request.headers.get("Origin", ""), "authorization": authorization, **form})
                return self._exchanged(form, authorization)
        return await super().answer(request)

    def _authorized(self, asked: dict[str, str]) -> web.Response:
        self.logins.append(asked)
        code = token_urlsafe(8)
        self.codes[code] = asked
        said = {"code": code, "state": asked["state"], **self.back}
        query = urlencode({name: value for name, value in said.items() if value is not None})
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{query}"})

    def _exchanged(self, form: dict[str, str], authorization: str) -> web.Response:
        if self.raw is not None or self.token_status != 200:
            return web.Response(status=self.token_status, body=self.raw or b"", content_type="application/json")
        basic = b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1) if authorization else ["", ""]
        shown = (form.get("client_id", basic[0]), form.get("client_secret", basic[1]))
        if shown != self.credentials:
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.codes.pop(form["code"], {})
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        good = asked.get("redirect_uri") == form["redirect_uri"] and asked.get("code_challenge", challenge) == challenge
        if not good or form["grant_type"] != "authorization_code":
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"aud": "rs", "iat": now, "exp": now + 60, "nonce": asked.get("nonce", ""), **self.claims}
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": token(drop=self.drop, **claims)})


@asynccontextmanager
async def op(context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Op]:
    """A provider that answers."""
    async with answering(Op(), context, port) as found:
        yield found


@asynccontextmanager
async def answering(found: AnyOp, context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[AnyOp]:
    """The same with one of any kind."""
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
