"""HTTP to other servers over connections that are kept: how every session of aiohttp is made, and small questions to one address.

Imported by whatever needs it only when that is opened, because aiohttp takes long to import."""

import ssl
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from yarl import URL

from zconnect.trust.fetch import Address, FetchFailed

MAXIMUM = 64 * 1024  # bytes of an answer: what is said about one user
CONNECTIONS = 20
_LONGEST_FIELD = 32 * 1024
# aiohttp would add these of its own accord.
_NOT_OURS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


def client_session(connections: int, tls: ssl.SSLContext | None, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
    """A session that keeps no cookies, unpacks nothing, heeds no proxy of the environment and adds no header fields."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ssl=tls or True),
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_NOT_OURS,
        max_line_size=_LONGEST_FIELD,
        max_field_size=_LONGEST_FIELD,
    )


class Answer(NamedTuple):
    """What came back: `kind` is the media type as it came, without its parameters, `challenge` the field WWW-Authenticate."""

    status: int
    kind: str
    body: bytes
    challenge: str = ""


class HttpClient:
    """Asks one address small questions; redirects are not followed."""

    def __init__(self, address: Address) -> None:
        address.connection()  # refuses what is no address
        self._address = address
        self._url = URL(address.url)
        self._session = client_session(CONNECTIONS, address.context, aiohttp.ClientTimeout(total=address.deadline))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def ask(self, form: str | None, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST of a form, or to a GET without one; must run in a task. Raises `FetchFailed`."""
        try:
            try:
                return await self._asked(form, headers)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as lost:
                if isinstance(lost, aiohttp.ClientConnectorError):
                    raise
                return await self._asked(form, headers)  # a kept connection may end at the far end while it is taken up here
        except TimeoutError:
            raise FetchFailed(f"there was no whole answer within {self._address.deadline:g} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            raise FetchFailed(str(problem) or type(problem).__name__) from None

    async def _asked(self, form: str | None, headers: Mapping[str, str]) -> Answer:
        fields = {"Accept": "application/json", **self._address.headers, **headers}
        if form is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        method = "GET" if form is None else "POST"
        data = None if form is None else form.encode()
        async with self._session.request(method, self._url, headers=fields, data=data, allow_redirects=False) as response:
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > MAXIMUM:
                    raise FetchFailed(f"the answer has more than {MAXIMUM} bytes")
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
            return Answer(response.status, kind, bytes(body), response.headers.get("WWW-Authenticate", ""))
