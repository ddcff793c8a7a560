"""The two ends of a connection and what TLS says about it, read once for each connection."""

import asyncio
import ssl
from typing import Any

from zconnect.values import Peer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # with which a client begins HTTP/2 (RFC 9113 section 3.4)


def peer_of(transport: asyncio.BaseTransport) -> Peer:
    """The ends of an open connection, with the facts of TLS where it has them."""
    far = transport.get_extra_info("peername") or ("", 0)
    near = transport.get_extra_info("sockname") or ("", 0)
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    ends = (_plain(far[0]), far[1], _plain(near[0]), near[1])
    if secured is None:
        return Peer(*ends)
    cipher = secured.cipher()
    return Peer(*ends, True, _chain(secured), secured.version() or "", cipher[0] if cipher else "")


def _plain(address: str) -> str:
    """An IPv4 address that came in through an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:") if "." in address else address


def _chain(secured: ssl.SSLObject) -> tuple[bytes, ...]:
    """The client's certificates as OpenSSL verified them, in DER, leaf first."""
    leaf = secured.getpeercert(binary_form=True)
    if not leaf:
        return ()
    if hasattr(secured, "get_verified_chain"):
        return tuple(secured.get_verified_chain()) or (leaf,)  # public from Python 3.13 on
    inner: Any = secured._sslobj  # type: ignore[attr-defined]  # the same call under its earlier name
    # A resumed session keeps the leaf that was verified when it began, and not the rest of the chain.
    return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in inner.get_verified_chain() or ()) or (leaf,)


def speaks_http2(transport: asyncio.BaseTransport) -> bool:
    """The client chose HTTP/2 in the TLS handshake."""
    secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return secured is not None and secured.selected_alpn_protocol() == "h2"
