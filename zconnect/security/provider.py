"""How the provider of an <openidConnectClient> is reached: the TLS settings of connections to it."""

from ssl import SSLContext
from urllib.parse import urlsplit

from zconnect.roles import Assembly
from zconnect.security.oidc import OpenidConnectClient
from zconnect.trust.tls import outbound_tls


async def provider_context(settings: OpenidConnectClient, url: str, assembly: Assembly) -> SSLContext | None:
    """How to trust the provider; None: as the system does, because server.xml says nothing of TLS. Raises `Unavailable`."""
    tls = settings.ssl or outbound_tls(assembly)
    if tls is None or not url.startswith("https:"):
        return None
    opened = await assembly.opened(tls)
    return opened.client_context(urlsplit(url).hostname or "", settings.host_name_verification_enabled)
