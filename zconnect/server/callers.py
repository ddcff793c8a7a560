"""Who has sent a request, where proxies stand between: what an endpoint believes of them, opened with its configuration."""

from collections.abc import Callable
from dataclasses import dataclass

from zconnect.errors import Refused, Unavailable
from zconnect.runtime.handle import Runtime
from zconnect.runtime.unmatched import HttpDispatcher
from zconnect.server.edge import REFUSAL
from zconnect.server.endpoint import HttpEndpoint, SslOptions, own_or_default
from zconnect.server.remoteip import identified
from zconnect.server.terminator import Claims, Terminator
from zconnect.server.webcontainer import WebContainer
from zconnect.trust.clientcert import Verifier
from zconnect.trust.tls import default_tls
from zconnect.values import Request


@dataclass(frozen=True, slots=True)
class Callers:
    """Makes of a request, and of what its header claims about its caller, the request as the caller sent it."""

    terminator: Terminator | None
    remote: Callable[[Request], Request] | None

    def __call__(self, request: Request, claims: Claims) -> Request:
        """Where a proxy that is believed says what cannot be, the request is as it came, and `REFUSAL` says why it is refused."""
        peer = request.peer
        if self.remote is not None:
            request = self.remote(request)
        if self.terminator is None:
            return request
        try:
            return self.terminator.told(peer, request, claims)
        except Refused as refusal:
            request.known[REFUSAL] = refusal
            return request


async def open_callers(endpoint: HttpEndpoint, runtime: Runtime) -> Callers | None:
    """What holds for an endpoint, None where no proxy is believed; raises `Unavailable`."""
    dispatcher = runtime.configuration.one(HttpDispatcher)
    private = runtime.configuration.one(WebContainer).trusted
    plain, sensitive = (dispatcher.origins, dispatcher.sensitive_origins) if private else ((), ())
    terminator = None
    if endpoint.tls_terminator or plain or sensitive:
        terminator = Terminator(endpoint.tls_terminator, await _verifier(endpoint, runtime), plain, sensitive, private=private)
    remote = identified(endpoint.remote_ip) if endpoint.remote_ip else None
    return Callers(terminator, remote) if terminator or remote else None


async def _verifier(endpoint: HttpEndpoint, runtime: Runtime) -> Verifier:
    opened = runtime.assembly.opened
    if endpoint.tls_terminator and endpoint.tls_terminator.trust_store:
        store = await opened(endpoint.tls_terminator.trust_store)
        return Verifier(store.anchors, store.entries.revoked)
    settings = own_or_default(endpoint.ssl_options, SslOptions, runtime.configuration).ssl or default_tls(runtime.configuration)
    try:
        trust = (await opened(settings)).trust
    except Unavailable:  # told where the https port is opened, and then nobody is trusted
        trust = None
    return Verifier(trust.anchors, trust.entries.revoked) if trust else Verifier(())
