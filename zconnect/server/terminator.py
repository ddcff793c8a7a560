"""<zconnect_tlsTerminator>: proxies in front that end TLS, and what they are believed to say about callers; from others nobody hears it."""

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import ClassVar, NamedTuple

from cryptography import x509

from zconnect.config.schema import Element, attr, children, element, ref
from zconnect.errors import Problem, Refused
from zconnect.messages import error, warning
from zconnect.security.addresses import range_of
from zconnect.server.target import read_authority
from zconnect.trust.clientcert import Unbelieved, Verifier
from zconnect.trust.keystore import KeyStore
from zconnect.values import Headers, Peer, Request

UNBELIEVED = warning(
    "ZCON0874W",
    "A client certificate that the proxy {address} has passed on is not believed: {reason}.",
    "If the caller is honest, put the certificate of his authority into the trust store of the zconnect_tlsTerminator or ssl element.",
)
UNREADABLE = warning(
    "ZCON0875W",
    "What the proxy {address} says about its caller cannot be read: {field} {reason}.",
    "Correct the configuration of the proxy.",
)
NO_PROXY = error(
    "ZCON0876E",
    "The zconnect_tlsTerminator {id} has no proxy.",
    "Name the proxies that are believed by address, by certificate or by both.",
)
ANY_PROXY = error(
    "ZCON0877E",
    "A proxy of the zconnect_tlsTerminator {id} may be anybody.",
    "Give it an address, the subject of its certificate, or both.",
)

CERTIFICATE, CHAIN = b"client-cert", b"client-cert-chain"  # RFC 9440
_PRIVATE_CERTIFICATE = b"$wscc"
# What of the private fields of a web server plug-in has a meaning here; the rest is dropped.
_FIELDS = frozenset({CERTIFICATE, CHAIN, _PRIVATE_CERTIFICATE, b"$wsra", b"$wsis", b"$wssc", b"$wssn", b"$wssp"})
_STANDARD = frozenset({CERTIFICATE, CHAIN})
_PLAIN = _FIELDS - _STANDARD - {_PRIVATE_CERTIFICATE, b"$wsra"}
_NOTHING = frozenset[bytes]()

Claims = Sequence[tuple[bytes, bytes]]


def within(text: str) -> Callable[[str], bool]:
    """Whether an address is that of `text` or in its network (10.1.0.0/16) or range (10.1.*.*); raises ValueError."""
    if "/" in text:
        network = ipaddress.ip_network(text)
        if not network.prefixlen:
            raise ValueError("it stands for every address")
        return lambda address: ipaddress.ip_address(address) in network
    low, high = range_of(text)
    version = 6 if ":" in text else 4

    def match(address: str) -> bool:
        found = ipaddress.ip_address(address)
        return found.version == version and low <= int(found) <= high

    return match


def _address_check(text: str) -> None:
    if text:
        within(text)


def _name_check(text: str) -> None:
    try:
        x509.Name.from_rfc4514_string(text)
    except (ValueError, IndexError):
        raise ValueError("it is no distinguished name such as CN=edge,O=Example") from None


@element
class Proxy(Element):
    """A proxy that is believed; all that is written about it must hold."""

    tag: ClassVar[str] = "proxy"
    address: str = attr(default="", guard=True, check=_address_check, doc="Its address, or a network such as 10.1.0.0/16")
    subject: str = attr(
        default="", guard=True, check=_name_check, doc="The subject of its own client certificate, such as CN=edge,O=Example (RFC 4514)"
    )
    issuer: str = attr(default="", guard=True, check=_name_check, doc="The issuer of its own client certificate")

    def recogniser(self) -> Callable[[Peer, float], bool]:
        """Whether the far end of a connection is this proxy, at a time in seconds since the epoch."""
        address = within(self.address) if self.address else None
        names = [x509.Name.from_rfc4514_string(text) if text else None for text in (self.subject, self.issuer)]
        by_certificate = names != [None, None]

        def recognise(peer: Peer, now: float) -> bool:
            if address is not None and not address(peer.address):
                return False
            if not by_certificate:
                return address is not None
            shown = _shown(peer.certificates[0]) if peer.certificates else None
            return shown is not None and now < shown.ends and all(name in (None, told) for name, told in zip(names, shown, strict=False))

        return recognise


class _Shown(NamedTuple):
    """What a certificate of the handshake says."""

    subject: x509.Name
    issuer: x509.Name
    ends: float


@lru_cache(maxsize=256)
def _shown(certificate: bytes) -> _Shown:
    parsed = x509.load_der_x509_certificate(certificate)
    return _Shown(parsed.subject, parsed.issuer, parsed.not_valid_after_utc.timestamp())


@element
class TlsTerminator(Element):
    """Proxies that end TLS in front of an endpoint and say with which certificate a caller came.

    <httpEndpoint id="defaultHttpEndpoint" host="*" httpPort="9080" httpsPort="9443">
        <zconnect_tlsTerminator trustStoreRef="partners">
            <proxy subject="CN=edge,O=Example" issuer="CN=Internal CA,O=Example"/>
            <proxy address="10.1.0.0/16"/>
        </zconnect_tlsTerminator>
    </httpEndpoint>
    <keyStore id="partners" location="partners.pem"/>

    They say it in `Client-Cert` and `Client-Cert-Chain` (RFC 9440), or in the private fields of a web server plug-in, `$WSCC` with the
    certificate, `$WSRA` with the address, `$WSIS`, `$WSSC`, `$WSSN` and `$WSSP` with what was called. A certificate is verified here
    once more before it stands for its caller; that of the proxy never does. All these fields, and `X-Forwarded-Client-Cert`, are taken out
    of every request: applications and back ends do not see them, whoever has sent them. What the caller's address is in
    `Forwarded` and `X-Forwarded-For` is up to `remoteIp`.
    """

    tag: ClassVar[str] = "zconnect_tlsTerminator"

    proxies: tuple[Proxy, ...] = children(guard=True, doc="The proxies that are believed; the first that is recognised is enough")
    trust_store: KeyStore | None = ref(
        guard=True, doc="Whose client certificates are believed when they are passed on; without it those of the endpoint's ssl element"
    )
    secure: bool = attr(
        default=False, guard=True, doc="All that these proxies pass on came to them over TLS, also where they do not say so (AT-TLS)"
    )

    def mistakes(self) -> Iterable[Problem]:
        """Proxies that are nobody, or may be anybody."""
        if not self.proxies:
            yield self.mistake(NO_PROXY(id=self.id), stops=True)
        for proxy in self.proxies:
            if not (proxy.address or proxy.subject or proxy.issuer):
                yield self.mistake(ANY_PROXY(id=self.id), "proxy", stops=True)


class Terminator:
    """Who is believed on an endpoint, and what a request comes to with what they say.

    `plain` and `sensitive` are the addresses of httpDispatcher that are believed about what was called, and about who calls.
    `private`: the fields of plug-ins count, too, where a proxy of the element sends them.
    """

    def __init__(
        self, element: TlsTerminator | None, verifier: Verifier, plain: Iterable[str], sensitive: Iterable[str], *, private: bool
    ) -> None:
        self._passed_on = _FIELDS if private else _STANDARD
        self._proxies = [proxy.recogniser() for proxy in element.proxies] if element else []
        self._secure = element is not None and element.secure
        self._verifier = verifier
        self._sensitive = [within(text) for text in sensitive]
        self._plain = [*self._sensitive, *(within(text) for text in plain)]

    def told(self, peer: Peer, request: Request, claims: Claims) -> Request:
        """The request as its caller sent it to the proxy at the far end, `peer`; raises `Refused` (400, 403) where that is not clear."""
        proxy = any(recognise(peer, request.arrived) for recognise in self._proxies)
        believed = self._passed_on if proxy else self._believed(peer.address) if claims else _NOTHING
        fields = [field for field in claims if field[0] in believed]
        if not fields and not proxy:
            return request
        said = dict(fields)
        if len(said) < sum(name != CHAIN for name, _ in fields) + (CHAIN in said):
            raise Refused(400, UNREADABLE(address=peer.address, field="a field", reason="is there twice"))
        chain = self._chain(peer, fields, said, request.arrived)
        request = _called(peer, request, said, "https" if chain or (proxy and self._secure) else request.scheme)
        caller = request.peer._replace(secure=request.scheme == "https", address=_address(peer, said) or request.peer.address)
        if proxy or chain:
            caller = caller._replace(certificates=chain)
        return request._replace(peer=caller)

    def _believed(self, address: str) -> frozenset[bytes]:
        if any(match(address) for match in self._sensitive):
            return _FIELDS - _STANDARD
        return _PLAIN if any(match(address) for match in self._plain) else _NOTHING

    def _chain(self, peer: Peer, fields: Claims, said: dict[bytes, bytes], now: float) -> tuple[bytes, ...]:
        """The certificates of the caller, in DER, leaf first; empty where none is passed on."""
        leaves = [said[name] for name in (CERTIFICATE, _PRIVATE_CERTIFICATE) if name in said]
        between = [part.strip() for name, value in fields if name == CHAIN for part in value.split(b",")]
        if len(leaves) != 1:
            if leaves or between:
                raise Refused(400, UNREADABLE(address=peer.address, field="Client-Cert", reason="is not there just once"))
            return ()
        try:
            return self._verifier.verified((*leaves, *between), now)
        except Unbelieved as problem:
            raise Refused(403, UNBELIEVED(address=peer.address, reason=problem)) from None


def _called(peer: Peer, request: Request, said: dict[bytes, bytes], scheme: str) -> Request:
    """What was called: scheme, host and port, which then stand in Host as well."""
    secure = said.get(b"$wsis", b"").lower()
    told = {b"true": b"https", b"false": b"http"}.get(secure, secure) or said.get(b"$wssc", b"").lower() or scheme.encode()
    if told not in {b"http", b"https"}:
        raise Refused(400, UNREADABLE(address=peer.address, field="$WSIS or $WSSC", reason="is no scheme"))
    host, port = said.get(b"$wssn"), said.get(b"$wssp")
    authority = request.authority
    if host is not None or port is not None:
        name, colon, number = authority.rpartition(":") if authority.rpartition(":")[2].isdigit() else (authority, "", "")
        authority = (host or name.encode()).decode("latin-1") + (f":{port.decode('latin-1')}" if port else colon + number)
        authority = read_authority(authority.encode())
    if authority != request.authority:  # applications make their addresses of Host
        fields = [(name, authority.encode("latin-1") if name == b"host" else value) for name, value in request.headers]
        request = request._replace(headers=Headers(fields), authority=authority)
    return request._replace(scheme=told.decode())


def _address(peer: Peer, said: dict[bytes, bytes]) -> str:
    text = said.get(b"$wsra")
    if text is None:
        return ""
    try:
        return str(ipaddress.ip_address(text.decode("latin-1")))
    except ValueError:
        raise Refused(400, UNREADABLE(address=peer.address, field="$WSRA", reason="is no address")) from None
