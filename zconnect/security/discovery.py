"""A client whose provider describes itself (OpenID Connect Discovery, RFC 8414): endpoints, issuer and algorithm come from its document."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from hashlib import blake2b
from logging import getLogger
from typing import Any, TypeVar

from zconnect.errors import ConfigurationError, Refused, Unavailable
from zconnect.messages import Sparing, error, info
from zconnect.roles import Assembly
from zconnect.security.bearer import BearerToken, open_bearer
from zconnect.security.loginrequest import LoggedIn
from zconnect.security.oidc import NOT_DESCRIBED, OpenidConnectClient
from zconnect.security.provider import provider_context
from zconnect.trust.compact import json_object
from zconnect.trust.fetch import Address, FetchFailed, fetch
from zconnect.values import Identity, Request

W = TypeVar("W", bound=str)

logger = getLogger(__name__)

NOT_YET = error(
    "ZCON0456E",
    "The OpenID Connect client {client} cannot judge tokens before {url} has described the provider.",
    "See why it cannot be fetched; the log says it (CWWKS1524E).",
)
DESCRIBED = info("ZCON0457I", "The OpenID Connect client {client} goes by what {url} says: issuer {issuer}, keys of {keys}.")

_WELL_KNOWN = "/.well-known/openid-configuration"
_SPACE = "discovery"
_LONGEST = 24 * 3600.0  # seconds for which a description holds without a new one, as with key sets
_RETRY = 10.0
_PAUSE = 1.0  # seconds between two fetches that requests cause
_DRAIN = 30.0  # seconds for requests under way, before what they use is closed


def described(settings: OpenidConnectClient, document: Mapping[str, object]) -> OpenidConnectClient:
    """The settings as a provider's document completes them (reference 2.9); raises ValueError where it must not be believed."""
    issuer = _address(document, "issuer")
    if not issuer or any(each.isspace() or each == "," for each in issuer):
        raise ValueError("it names no issuer")
    if settings.issuer_identifier.strip():
        if issuer not in settings.issuers:
            raise ValueError(f"its issuer is {issuer}, which is not that of issuerIdentifier")
    elif (url := settings.discovery_endpoint_url.strip()).endswith(_WELL_KNOWN) and issuer.rstrip("/") != url.removesuffix(_WELL_KNOWN):
        raise ValueError(f"its issuer is {issuer}, which has another address; if that is right, write it as issuerIdentifier")
    asked = "userinfo_endpoint" if settings.validation_method == "userinfo" else "introspection_endpoint"
    return replace(
        settings,
        issuer_identifier=issuer,
        jwk_endpoint_url=_address(document, "jwks_uri") or settings.jwk_endpoint_url,
        token_endpoint_url=_address(document, "token_endpoint") or settings.token_endpoint_url,
        authorization_endpoint_url=_address(document, "authorization_endpoint") or settings.authorization_endpoint_url,
        validation_endpoint_url=_address(document, asked) or settings.validation_endpoint_url,
        signature_algorithm=_chosen(settings.signature_algorithm, "HS256", "RS256", document, "id_token_signing_alg_values_supported"),
        token_endpoint_auth_method=_chosen(
            settings.token_endpoint_auth_method, "post", "basic", document, "token_endpoint_auth_methods_supported", "client_secret_"
        ),
    )


def _address(document: Mapping[str, object], name: str) -> str:
    """An address in the document, "" where there is none; raises ValueError."""
    value = document.get(name, "")
    if not isinstance(value, str) or (value and not value.startswith(("https://", "http://"))):
        raise ValueError(f"{name} is no address")
    return value


def _chosen(own: W, usual: W, other: W, document: Mapping[str, object], name: str, prefix: str = "") -> W:
    """What is configured; the other one where the usual one is and the provider knows only the other."""
    known = document.get(name)
    if own == usual and isinstance(known, list) and prefix + usual not in known and prefix + other in known:
        return other
    return own


class _Scope:
    """An assembly for what goes by one description of the provider; it is closed when another takes its place."""

    def __init__(self, outer: Assembly) -> None:
        self.configuration, self.place, self.store = outer.configuration, outer.place, outer.store
        self.opened, self.shared, self.kept, self.watch = outer.opened, outer.shared, outer.kept, outer.watch
        self._held = AsyncExitStack()

    def closing(self, close: Callable[[], Awaitable[None]]) -> None:
        self._held.push_async_callback(close)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)

        async def cancelled() -> None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

        self._held.push_async_callback(cancelled)

    async def close(self) -> None:
        await self._held.aclose()


class DiscoveredClient:
    """A client that is made anew whenever the provider describes itself otherwise; an outage leaves the last one at work."""

    def __init__(self, settings: OpenidConnectClient, assembly: Assembly, address: Address, name: bytes) -> None:
        self.header = settings.token_header
        self.before_cookie = settings.before_cookie
        self.gives_cookie = settings.gives_cookie
        self.takes_proofs = settings.takes_proofs
        self._settings = settings
        self._assembly = assembly
        self._address = address
        self._name = name
        self._client: BearerToken | None = None
        self._scope = _Scope(assembly)
        self._document = b""
        self._fetching: asyncio.Task[bool] | None = None
        self._next_fetch = 0.0
        self._sparing = Sparing()

    def recall(self, request: Request) -> Identity | None:
        """As `BearerToken.recall`."""
        return self._client.recall(request) if self._client else None

    def trusts_issuer_of(self, request: Request) -> bool:
        """As `BearerToken.trusts_issuer_of`."""
        return self._client is not None and self._client.trusts_issuer_of(request)

    def steps_back(self, request: Request) -> bool:
        """As `BearerToken.steps_back`."""
        return False

    async def identify(self, request: Request) -> Identity:
        """As `BearerToken.identify`; raises `Refused` (503) before there is a description."""
        return await (await self._described(request)).identify(request)

    async def finish(self, request: Request) -> LoggedIn:
        """As `BearerToken.finish`; raises `Refused` (503) before there is a description."""
        return await (await self._described(request)).finish(request)

    async def _described(self, request: Request) -> BearerToken:
        if self._client is None:
            await asyncio.sleep(0)  # from here on the request has a task
            if self._fetching is not None or time.monotonic() >= self._next_fetch:
                await self.refresh()
        if self._client is None:
            told = NOT_YET(client=self._settings.name, url=self._address.url)
            self._sparing.log(told, logger, request.arrived)
            raise Refused(503, told, headers=[(b"retry-after", b"10")])
        return self._client

    def next_nonce(self, request: Request) -> str:
        """As `BearerToken.next_nonce`."""
        return self._client.next_nonce(request) if self._client else ""

    async def refresh(self) -> bool:
        """Fetch the description now, or wait for the fetch under way; whether it came and is good."""
        if self._fetching is None:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return await asyncio.shield(self._fetching)

    def _fetched(self, _: "asyncio.Task[bool]") -> None:
        self._fetching = None
        self._next_fetch = time.monotonic() + _PAUSE

    async def _fetch(self) -> bool:
        try:
            document = await fetch(self._address)
            await self.take(document)
        except (FetchFailed, ValueError, Unavailable, ConfigurationError) as problem:
            NOT_DESCRIBED.log(logger, client=self._settings.name, url=self._address.url, reason=problem)
            return False
        self._save(document, time.time())
        return True

    async def take(self, document: bytes) -> None:
        """Go by a description from now on; raises ValueError where it must not be believed, and what `open_bearer` raises."""
        if document == self._document:
            return
        settings = described(self._settings, json_object(document))
        scope = _Scope(self._assembly)
        client = await open_bearer(settings, scope)
        before, self._scope, self._client, self._document = self._scope, scope, client, document
        self._assembly.begin(_drained(before))
        DESCRIBED.log(
            logger,
            client=settings.name,
            url=self._address.url,
            issuer=settings.issuer_identifier,
            keys=settings.jwk_endpoint_url or "no key set",
        )

    async def take_saved(self) -> None:
        """Go by what was fetched before a restart, or by another process."""
        with suppress(ValueError, Unavailable):
            saved = self._assembly.store.read(_SPACE, self._name, time.time())
            if saved:
                await self.take(saved)

    def _save(self, document: bytes, now: float) -> None:
        store = self._assembly.store
        with suppress(Unavailable):  # the store tells by itself; the next start then has to fetch
            store.replace(_SPACE, self._name, store.read(_SPACE, self._name, now), document, now + _LONGEST, now)

    async def keep_fresh(self) -> None:
        """Fetch again and again, for ever."""
        while True:
            came = await self.refresh()
            await asyncio.sleep(max(_PAUSE, self._settings.discovery_polling_rate.total_seconds()) if came else _RETRY)

    async def close(self) -> None:
        """Give up a fetch under way, and close what goes by the description."""
        if self._fetching is not None:
            self._fetching.cancel()
        await self._scope.close()


async def _drained(scope: _Scope) -> None:
    try:
        await asyncio.sleep(_DRAIN)
    finally:
        await scope.close()


async def open_client(settings: OpenidConnectClient, assembly: Assembly) -> BearerToken | DiscoveredClient:
    """A client at work; one with discovery does not wait for the first description."""
    url = settings.discovery_endpoint_url.strip()
    if not url:
        return await open_bearer(settings, assembly)
    if settings.discovers_by_http:  # as in Liberty nothing is known of the provider then, so that every token is refused
        return await open_bearer(
            replace(
                settings, issuer_identifier="", token_endpoint_url="", jwk_endpoint_url="", json_web_key="", validation_endpoint_url=""
            ),
            assembly,
        )
    address = Address(url, await provider_context(settings, url, assembly))
    name = blake2b(repr((url, settings.ssl, settings.host_name_verification_enabled)).encode(), digest_size=16).digest()
    client = DiscoveredClient(settings, assembly, address, name)
    await client.take_saved()
    assembly.closing(client.close)
    assembly.begin(client.keep_fresh())
    return client
