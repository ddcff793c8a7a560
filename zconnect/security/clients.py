"""Which <mpJwt> or <openidConnectClient> judges the token of a request."""

from collections.abc import Mapping
from logging import getLogger
from typing import NamedTuple, Protocol

from zconnect.config.configuration import Configuration
from zconnect.messages import Sparing, warning
from zconnect.roles import Assembly
from zconnect.security.authfilter import AuthFilter, Filter, compiled
from zconnect.security.discovery import open_client
from zconnect.security.loginrequest import LoggedIn
from zconnect.security.microprofile import MicroProfileTokens, open_microprofile
from zconnect.security.oidc import OpenidConnectClient
from zconnect.values import Identity, Request

logger = getLogger(__name__)

SHARED_FILTER = warning(
    "CWWKS1530W",
    "The OpenID Connect clients {first} and {second} have the same authentication filter {filter}; {first} judges what it accepts.",
    "Give each client a filter of its own.",
)
SEVERAL_FILTERS = warning(
    "CWWKS1531W",
    "The request for {path} is accepted by the authentication filters {filters} of several OpenID Connect clients; the first judges it.",
    "Write the filters so that a request is for one of them.",
)
_SECONDS = 60.0  # between two such messages: they are about the configuration, and every request may cause one


class TokenClient(Protocol):
    """A client at work (`bearer.BearerToken`, `discovery.DiscoveredClient`, `microprofile.MicroProfileToken`)."""

    header: bytes
    before_cookie: bool
    gives_cookie: bool
    takes_proofs: bool

    def recall(self, request: Request) -> Identity | None: ...
    def trusts_issuer_of(self, request: Request) -> bool: ...
    def steps_back(self, request: Request) -> bool: ...
    async def identify(self, request: Request) -> Identity: ...
    def next_nonce(self, request: Request) -> str: ...
    async def finish(self, request: Request) -> LoggedIn: ...


class Filtered(NamedTuple):
    """A client and the filter of an id that chooses it."""

    id: str
    filter: Filter
    client: TokenClient


class Clients:
    """The clients of a runtime: those with a filter, and those for all other requests, both in document order.

    Before them all there are those of `microprofile`, in charge of what they are for; `login` is the method of the resource.
    `take_proofs`: one of them knows the scheme DPoP.
    """

    def __init__(
        self,
        filtered: tuple[Filtered, ...],
        free: tuple[TokenClient, ...],
        every: Mapping[str, TokenClient],
        microprofile: MicroProfileTokens | None = None,
        login: str = "",
    ) -> None:
        self._every = every
        self._microprofile = microprofile
        self._login = login
        self._filtered = filtered
        self._free = free
        self._sparing = Sparing(1, _SECONDS)
        self.take_proofs = any(client.takes_proofs for client in (*free, *(each.client for each in filtered)))
        # A remembered token tells which of several free clients was chosen for it, unless they look in different places.
        self._recallable = free if len({client.header for client in free}) == 1 else ()

    def for_login(self, method: str) -> "Clients":
        """The same for resources with a login method."""
        return Clients(self._filtered, self._free, self._every, self._microprofile, method) if self._microprofile else self

    def named(self, id: str) -> TokenClient:
        """The client of an id."""
        return self._every[id]

    def recall(self, request: Request, application: str) -> Identity | None:
        """Whom the token of a request stands for, if the client that is in charge has found it good before."""
        client = self._selected(request, application)
        if client is not None:
            return client.recall(request)
        for client in self._recallable:
            identity = client.recall(request)
            if identity is not None:
                return identity
        return None

    def _selected(self, request: Request, application: str) -> TokenClient | None:
        """Whoever is in charge whatever the token says; filters look at nothing but the head and the connection."""
        if self in request.known:
            client: TokenClient | None = request.known[self]
            return client
        client = self._microprofile.selected(request, application, self._login) if self._microprofile else None
        if client is None:
            client = self._filtering(request, application)
        request.known[self] = client
        return client

    def _filtering(self, request: Request, application: str) -> TokenClient | None:
        accepting = [each for each in self._filtered if each.filter.accepts(request, application)]
        if len(accepting) > 1 and len(filters := dict.fromkeys(each.id for each in accepting)) > 1:
            self._sparing.log(SEVERAL_FILTERS(path=request.path, filters=", ".join(filters)), logger, request.arrived)
        return accepting[0].client if accepting else None

    def in_charge(self, request: Request, application: str) -> TokenClient | None:
        """The <mpJwt> for the request; else the first client whose filter accepts, that trusts the token's issuer, or has no filter.

        A client whose filter does not accept is never in charge, whatever the token says.
        """
        client = self._selected(request, application)
        if client is not None:
            return client
        if len(self._free) > 1:
            for client in self._free:
                if client.trusts_issuer_of(request):
                    return client
        return self._free[0] if self._free else None


def divided(configuration: Configuration) -> tuple[list[tuple[OpenidConnectClient, AuthFilter]], list[OpenidConnectClient]]:
    """The clients that are for what their filters accept, in the order in which they are tried, and those for the rest."""
    every = configuration.all(OpenidConnectClient)
    return [(each, each.auth_filter) for each in every if each.auth_filter], [each for each in every if not each.auth_filter]


async def open_clients(assembly: Assembly) -> Clients:
    """All clients of this runtime."""
    filtered = []
    owners: dict[str, OpenidConnectClient] = {}
    selected, rest = divided(assembly.configuration)
    every = {settings.id: await open_client(settings, assembly) for settings in assembly.configuration.all(OpenidConnectClient)}
    for settings, auth_filter in selected:
        filtered.append(Filtered(auth_filter.id, compiled(auth_filter), every[settings.id]))
        first = owners.setdefault(auth_filter.id, settings)
        if first is not settings:
            SHARED_FILTER.log(logger, first=first.id, second=settings.id, filter=auth_filter.id)
    free = [every[settings.id] for settings in rest]
    return Clients(tuple(filtered), tuple(free), every, await open_microprofile(assembly))
