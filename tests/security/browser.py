"""A browser that logs in at a provider: an independent client with cookies, which follows a link only when it is told to."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from tests.applied import Applied
from tests.server.certificates import Authority
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.security.oidc import OpenidConnectClient

from .bound import guarded
from .op import LoginOp, answering
from .tokens import ISSUER, SECRET

WHO = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["user"].display_name.encode()})
"""


class Page(NamedTuple):
    """What a browser was shown; `link` is where it leads on, by itself or by its script."""

    status: int
    body: str
    link: str
    cookies: list[str]
    headers: Any


class Browser:
    """One with cookies of its own."""

    def __init__(self, session: aiohttp.ClientSession, tls: Any, base: str) -> None:
        self._session = session
        self._tls = tls
        self.base = base

    async def open(self, url: str, method: str = "GET", **more: Any) -> Page:
        """The page of an address."""
        url = f"{self.base}{url}" if url.startswith("/") else url
        async with self._session.request(method, url, ssl=self._tls, allow_redirects=False, **more) as answer:
            body = await answer.text()
            script = re.search(r'location\.replace\("(.*?)"\)', body)
            link = answer.headers.get("Location") or (script[1] if script else "")
            return Page(answer.status, body, link, answer.headers.getall("Set-Cookie", []), answer.headers)

    async def sent_back(self, path: str = "/app/x") -> str:
        """The address at which a login comes back from the provider."""
        return (await self.open((await self.open(path)).link)).link

    async def logged_in(self, path: str = "/app/x") -> Page:
        """What the whole walk ends with."""
        back = await self.open(await self.sent_back(path))
        return await self.open(back.link) if back.status == 302 else back

    def cookies(self) -> dict[str, str]:
        """Those it holds."""
        return {cookie.key: cookie.value for cookie in self._session.cookie_jar}


def altered(url: str, **changes: str | None) -> str:
    """An address with other parameters; None takes one away."""
    found: dict[str, str | None] = {**dict(parse_qsl(urlsplit(url).query)), **changes}
    return f"{url.partition('?')[0]}?{urlencode({name: value for name, value in found.items() if value is not None})}"


def logging_in(provider: LoginOp, **changes: Any) -> OpenidConnectClient:
    """A client that sends users to a provider."""
    settings = {
        "id": "c1",
        "client_id": "rs",
        "client_secret": Password(SECRET),
        "issuer_identifier": ISSUER,
        "authorization_endpoint_url": f"{provider.origin}/authorize",
        "token_endpoint_url": f"{provider.origin}/token",
        "https_required": False,
    }
    return OpenidConnectClient(**{**settings, **changes})


class Login:
    """A guarded server, its provider, and browsers."""

    def __init__(self, server: Applied, provider: LoginOp, authority: Authority, sessions: list[aiohttp.ClientSession]) -> None:
        self.server = server
        self.provider = provider
        self._authority = authority
        self._sessions = sessions

    def browser(self) -> Browser:
        """A new one."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False))
        self._sessions.append(session)
        return Browser(session, self._authority.client(), f"https://localhost:{self.server.address(True)[1]}")


@asynccontextmanager
async def login(folder: Path, authority: Authority, *elements: Element, **changes: Any) -> AsyncIterator[Login]:
    """A server whose client has these attributes."""
    sessions: list[aiohttp.ClientSession] = []
    async with answering(LoginOp()) as provider, guarded(folder, authority, logging_in(provider, **changes), *elements, text=WHO) as server:
        try:
            yield Login(server, provider, authority, sessions)
        finally:
            for session in sessions:
                await session.close()
