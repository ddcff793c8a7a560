"""The single sign-on cookie on the wire: found in a request, set, and taken back."""

import re
import socket
from email.utils import formatdate

from zconnect.config.configuration import Configuration
from zconnect.security.credential import cookies
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.values import Place, Request

Fields = tuple[tuple[bytes, bytes], ...]

USUAL = "LtpaToken2"
_MOST = 8  # cookies of the name that are looked at; each may cost a signature
_GONE = b"; Expires=Thu, 01 Dec 1994 16:00:00 GMT; Path=/; Secure; HttpOnly"
_ADDRESS = re.compile(r"[0-9.]+|.*:.*|[^.]*")  # numbers, IPv6, and names without a domain


class SsoCookie:
    """The cookie of a server under its name, which Liberty compares in any letter case, and under the usual one."""

    __slots__ = ("_domains", "_names", "_settings", "name")

    def __init__(self, settings: WebAppSecurity, name: str) -> None:
        self.name = name.encode("latin-1", "replace")
        names = (name,) if settings.use_only_custom_cookie_name else (name, USUAL)
        self._names = tuple(dict.fromkeys(each.lower().encode("latin-1", "replace") for each in names))
        self._settings = settings
        self._domains = tuple(filter(None, map(str.strip, settings.sso_domain_names.split("|"))))

    def found(self, request: Request) -> tuple[bytes, list[bytes]]:
        """The name under which the request has the cookie, and the values in order; the usual name counts where the own one is absent."""
        values: dict[bytes, list[bytes]] = {}
        for name, value in cookies(request.headers):
            if name in self._names:
                values.setdefault(name, []).append(value)
        for name in self._names:
            if name in values:
                return (self.name if name == self.name.lower() else USUAL.encode()), values[name][:_MOST]
        return b"", []

    def set(self, request: Request, token: bytes) -> Fields:
        """The field that gives the caller the cookie; none where there shall be none."""
        settings = self._settings
        if not settings.single_signon_enabled or (settings.sso_requires_ssl and request.scheme != "https"):
            return ()
        site = settings.same_site_cookie
        secure = b"; Secure" if settings.sso_requires_ssl or site == "None" else b""
        same_site = b"" if site == "Disabled" else f"; SameSite={site}".encode()
        partitioned = b"; Partitioned" if site == "None" and settings.partitioned_cookie == "true" else b""
        http_only = b"; HttpOnly" if settings.http_only_cookies else b""
        parts = (self.name, b"=", token, b"; Path=/", self._domain(request), secure, http_only, same_site, partitioned)
        return ((b"set-cookie", b"".join(parts)),)

    def taken_back(self, request: Request, name: bytes) -> tuple[bytes, bytes]:
        """The field that makes the caller forget the cookie of a name."""
        return b"set-cookie", b"".join((name, b"=", _GONE, self._domain(request)))

    def passing(self, request: Request, name: bytes, value: bytes, until: float, *, secure: bool) -> tuple[bytes, bytes]:
        """The field of a cookie for a way that leads over another server, from whose links it must come back; `until` as elsewhere."""
        site = self._settings.same_site_cookie
        back = b"" if site == "Disabled" else b"; SameSite=None" if site == "None" else b"; SameSite=Lax"
        ends = b"; Expires=" + formatdate(until, usegmt=True).encode()
        kept = b"; Secure" if secure else b""
        hidden = b"; HttpOnly" if self._settings.http_only_cookies else b""
        return b"set-cookie", b"".join((name, b"=", value, ends, b"; Path=/", self._domain(request), kept, hidden, back))

    def _domain(self, request: Request) -> bytes:
        """The listed domain that the host is in, else the host's own where that is wanted; labels are compared, not ends of text."""
        host = re.sub(r":[0-9]*$", "", request.authority)
        if _ADDRESS.fullmatch(host):
            return b""
        for domain in self._domains:
            bare = domain.lstrip(".")
            if host == bare or host.endswith(f".{bare}"):
                return f"; Domain={domain}".encode()
        return f"; Domain={host[host.index('.') :].lower()}".encode() if self._settings.sso_use_domain_from_url else b""


def values_of(request: Request, name: str) -> list[bytes]:
    """The values of the cookies of a name, which may have any letter case."""
    wanted = name.lower().encode()
    return [value for known, value in cookies(request.headers) if known == wanted][:_MOST]


def cookie_name(configuration: Configuration, place: Place) -> str:
    """The configured name; where it is the usual one and OpenID Connect is there, one of this server's own, as in Liberty."""
    name = configuration.one(WebAppSecurity).sso_cookie_name.strip() or USUAL
    with_clients = any(each.startswith("openidconnectclient-") for each in configuration.features)
    if name.lower() != USUAL.lower() or not (with_clients or configuration.all(OpenidConnectClient)):
        return name
    return "WAS_" + numbered(f"{socket.gethostname().lower()}_{place.user_dir}/servers/{place.name}")


def numbered(text: str) -> str:
    """The number by which Liberty tells cookies apart: Java's hash of a text, p or n for its sign."""
    number = 0
    for character in text:
        number = (31 * number + ord(character)) & 0xFFFFFFFF
    return f"p{number}" if number < 2**31 else f"n{2**32 - number}"
