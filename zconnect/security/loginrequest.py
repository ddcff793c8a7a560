"""Sends users to log in at the provider of one client (OpenID Connect Core, section 3.1.2.1)."""

import json
from logging import getLogger
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from zconnect.config.configuration import Configuration
from zconnect.errors import Refused
from zconnect.messages import Sparing, Told, error, info
from zconnect.security.challenges import login_needed
from zconnect.security.httpsports import HttpsPorts, authority_of, target_of
from zconnect.security.loginstate import LONGEST, BegunLogin, LoginStates
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.relyingparty import OidcClientWebapp
from zconnect.security.ssocookie import Fields, SsoCookie, numbered
from zconnect.values import Identity, Request

logger = getLogger(__name__)

SENT_TO_LOGIN = info("ZCON0462I", "The OpenID Connect client {client} sends the caller to log in at the provider.")
TOO_FAR = error(
    "ZCON0463E",
    "The OpenID Connect client {client} cannot log the caller in, because the address that he asks is too long to come back to.",
    "Ask a shorter address first.",
)
STATE_COOKIE, ADDRESS_COOKIE, _CODE_COOKIE = "WASOidcState", "WASReqURLOidc", b"WASOidcCode"
GONE = 786297600.0  # when cookies end that are taken back, as Liberty writes it
_UNKEPT = (
    (b"cache-control", b"no-cache, no-store, must-revalidate, private, max-age=0"),
    (b"pragma", b"no-cache"),
    (b"expires", b"Thu, 01 Jan 1970 00:00:00 GMT"),
)
_HTML = (b"content-type", b"text/html; charset=UTF-8")
_PAGE = """<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<script type="text/javascript" language="javascript">var loc=window.location.href;document.cookie="{name}="+loc+"; path=/; \
max-age={life}{secure}"</script><script type="text/javascript" language="javascript">window.location.replace({url})</script>
<title>Redirect To OP</title>
</head>
<body></body>
</html>
"""


class LoggedIn(NamedTuple):
    """A login that has ended well: who it is, where he wanted to go, and the cookies of the login, taken back."""

    identity: Identity
    address: str
    fields: Fields


class NoLogins:
    """Stands for logins that are not possible, and says why."""

    def __init__(self, told: Told, status: int = 401) -> None:
        self._told = told
        self._status = status
        self._sparing = Sparing()

    def begin(self, request: Request) -> Refused:
        """The answer to a caller who would have to log in."""
        self._sparing.log(self._told, logger, request.arrived)
        return login_needed(self._told) if self._status == 401 else Refused(self._status, self._told, headers=[(b"retry-after", b"30")])

    async def finish(self, request: Request) -> LoggedIn:
        """Raise that."""
        raise self.begin(request)


class LoginRequests:
    """Begins the logins of one client."""

    def __init__(self, settings: OpenidConnectClient, states: LoginStates, cookies: SsoCookie, configuration: Configuration) -> None:
        self._settings = settings
        self._states = states
        self._cookies = cookies
        self._callback = f"{configuration.one(OidcClientWebapp).path}/redirect/{quote(settings.id)}"
        self._https_ports = HttpsPorts(configuration)
        self._sparing = Sparing()

    def begin(self, request: Request) -> Refused:
        """The answer that sends a caller to the provider; what a request says beside its address is not kept."""
        origin = f"{request.scheme}://{authority_of(request)}"
        login = self._states.begin(self._redirect_uri(request), origin + target_of(request), request.arrived)
        if len(login.cookie) > LONGEST:
            told = TOO_FAR(client=self._settings.name)
            self._sparing.log(told, logger, request.arrived)
            return login_needed(told)
        told = SENT_TO_LOGIN(client=self._settings.name)
        number, secure = numbered(login.state), request.scheme == "https"
        url = self._question(login, request)
        fields = (
            self._cookies.passing(
                request, _CODE_COOKIE, b"", GONE, secure=False
            ),  # a Liberty server that stood here may have left a code in it
            self._cookies.passing(request, f"{STATE_COOKIE}{number}".encode(), login.cookie, login.until, secure=secure),
            *_UNKEPT,
        )
        if not self._settings.is_client_side_redirect_supported:
            return Refused(302, told, headers=((b"location", url.encode("utf-8", "replace")), *fields))
        life = int(self._settings.authentication_time_limit.total_seconds())
        script = json.dumps(url).replace("<", "\\u003c")
        page = _PAGE.format(name=f"{ADDRESS_COOKIE}{number}", life=life, secure="; secure" if secure else "", url=script)
        return Refused(200, told, headers=(_HTML, *fields), body=page.encode())

    def _redirect_uri(self, request: Request) -> str:
        base = self._settings.redirect_to_rp_host_and_port.strip().rstrip("/")
        if not base:
            authority = authority_of(request) if request.scheme == "https" else self._https_ports.authority(request)
            base = f"https://{(authority or urlsplit(f'//{authority_of(request)}').hostname or '').removesuffix(':443')}"
        scheme, _, rest = base.partition("://")
        host, slash, path = rest.partition("/")
        junction = self._settings.redirect_junction_path.strip().strip("/")
        return f"{scheme}://{host}{'/' if junction else ''}{junction}{slash}{path}{self._callback}"

    def _question(self, login: BegunLogin, request: Request) -> str:
        """The address at the provider, its parameters in Liberty's order."""
        settings = self._settings
        asked = parse_qs(request.query)
        parameters = [
            ("scope", settings.scope),
            ("response_type", "code"),
            ("client_id", settings.client_id),
            ("redirect_uri", login.redirect_uri),
            ("state", login.state),
        ]
        if settings.nonce_enabled:
            parameters.append(("nonce", login.nonce))
        if levels := settings.auth_context_class_reference.strip() or asked.get("acr_values", [""])[0]:
            parameters.append(("acr_values", levels))
        if prompt := settings.prompt.strip():
            parameters.append(("prompt", prompt))
        if settings.pkce_code_challenge_method != "disabled":
            parameters += [("code_challenge", login.challenge), ("code_challenge_method", "S256")]
        if settings.resource:
            parameters.append(("resource", " ".join(settings.resource)))
        parameters += [(name, asked[name][0]) for name in settings.forwarded if name in asked]
        url = settings.authorization_endpoint_url.strip()
        return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters, safe='*')}"
