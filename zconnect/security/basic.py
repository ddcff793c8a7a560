"""User and password from the Authorization header (RFC 7617)."""

import base64
import binascii
from functools import partial
from logging import getLogger

from zconnect.errors import Refused
from zconnect.messages import Sparing, error
from zconnect.roles import Assembly, UserRegistry
from zconnect.security.attempts import Attempts, open_attempts
from zconnect.security.authcache import LoginCache, open_login_cache, remembered
from zconnect.security.registry import active_registry
from zconnect.values import Identity, Request

logger = getLogger(__name__)

LOGIN_FAILED = error(
    "CWWKS1100A",
    "Authentication did not succeed for user ID {user}. An invalid user ID or password was specified.",
    "Give a user and a password that the user registry knows.",
)
NO_CREDENTIALS = error(
    "ZCON0405E",
    "The request carries no user and password.",
    "Send them as an Authorization header of the Basic scheme (RFC 7617).",
)

_SCHEME = b"Basic "


class Basic:
    """Authenticates by user and password against the user registry."""

    gives_cookie = True

    def __init__(self, registry: UserRegistry, cache: LoginCache | None, attempts: Attempts) -> None:
        self._registry = registry
        self._attempts = attempts
        self._cache = cache
        self._sparing = Sparing()

    async def identify(self, request: Request) -> Identity | None:
        """The caller, or None where the credentials are absent, unreadable or wrong; raises `Refused` where they cannot be judged."""
        header = request.headers.get(b"authorization")
        if header is None or not header.startswith(_SCHEME):
            return None
        return await remembered(self._cache, header, request.arrived, partial(self._login, header, request.peer.address, request.arrived))

    async def _login(self, header: bytes, address: str, now: float) -> Identity | None:
        credentials = read(header)
        if credentials is None:
            return None
        user, password = credentials
        counted = self._attempts.begin(user, address, now)
        try:
            name = await self._registry.check_password(user, password)
        except Refused:
            self._attempts.withdraw(counted, now)
            raise
        if name is None:
            self._sparing.log(LOGIN_FAILED(user=user), logger, now)
            return None
        self._attempts.succeeded(counted, user, address, now)
        groups = await self._registry.groups_of(name)
        return Identity(name, self._registry.realm, await self._registry.unique_id(name), groups, mechanism="BASIC")

    def challenge(self, realm: str) -> Refused:
        """The answer to a request without good credentials; the body is empty as Liberty's is."""
        quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
        return Refused(401, NO_CREDENTIALS(), headers=[(b"www-authenticate", f'Basic realm="{quoted}"'.encode())])


def read(header: bytes) -> tuple[str, str] | None:
    """User and password of an Authorization header, or None where it is not as RFC 7617 wants it, in UTF-8."""
    try:
        text = base64.b64decode(header[len(_SCHEME) :], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon and user.strip() and password.strip() else None


async def open_basic(assembly: Assembly) -> Basic:
    """The one authenticator for user and password of this runtime."""
    return Basic(await active_registry(assembly), await assembly.shared(open_login_cache), await assembly.shared(open_attempts))
