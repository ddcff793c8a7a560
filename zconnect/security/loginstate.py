"""The state of logins at a provider. Browsers keep it, under a seal; this server remembers only which was used."""

import base64
import hmac
import json
import re
from collections.abc import Iterable
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple

from zconnect.messages import error
from zconnect.roles import Store
from zconnect.security.replay import UsedTokens

FULL = error(
    "ZCON0461E",
    "So many users are logging in at a provider that another login could not be remembered.",
    "Find out who begins so many; set authenticationTimeLimit shorter.",
)

LONGEST = 3800  # bytes of a value; browsers keep cookies of 4096 with name and attributes (RFC 6265, section 6.1)
_STATE = re.compile(r"[0-9]{15}[A-Za-z0-9_-]{43}")  # Liberty's: when it began, in milliseconds, and something nobody guesses


class StateRefused(Exception):
    """No login of this browser belongs to a state; the text says why."""


class BegunLogin(NamedTuple):
    """A login under way: what is told to the provider, what the browser keeps, and where the user wanted to go.

    `verifier` is that of RFC 7636; `until` is seconds since the epoch.
    """

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    address: str
    cookie: bytes
    until: float

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        return _text(sha256(self.verifier.encode()).digest())


class LoginStates:
    """Begins and ends the logins of one client; `life` is in seconds.

    Nonce and verifier are made of the state by a secret that the processes of this server share, so that nobody has to keep them.
    """

    def __init__(self, client: str, life: float, store: Store) -> None:
        self._client = client
        self._life = life
        self._key = hmac.digest(store.secret, b"logins at a provider: " + client.encode(), "sha256")
        self._used = UsedTokens(store, space="logins at a provider", full=FULL)

    def begin(self, redirect_uri: str, address: str, now: float) -> BegunLogin:
        """A new login."""
        return self._login(f"{int(now * 1000):015d}{token_urlsafe(32)}", _text(json.dumps([redirect_uri, address]).encode()))

    def resume(self, state: str, cookies: Iterable[bytes], now: float) -> BegunLogin:
        """The login that the provider and the browser speak of; raises `StateRefused`."""
        if not _STATE.fullmatch(state):
            raise StateRefused("the state is none of this server")
        for cookie in cookies:
            kept = cookie.partition(b".")[0].decode("ascii", "replace")
            if hmac.compare_digest(cookie, self._sealed(state, kept)):
                login = self._login(state, kept)
                if now < login.until:
                    return login
                raise StateRefused("it has taken longer than authenticationTimeLimit")
        raise StateRefused("this browser has begun no such login")

    def use(self, login: BegunLogin, now: float) -> bool:
        """Whether it is the first use; raises `Refused` (503) where that cannot be remembered."""
        return self._used.use(self._client, login.state, login.until, now)

    def _login(self, state: str, kept: str) -> BegunLogin:
        redirect_uri, address = json.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
        return BegunLogin(
            state,
            nonce=_text(self._mac("nonce", state)),
            verifier=_text(self._mac("verifier", state)),
            redirect_uri=redirect_uri,
            address=address,
            cookie=self._sealed(state, kept),
            until=int(state[:15]) / 1000 + self._life,
        )

    def _sealed(self, state: str, kept: str) -> bytes:
        return f"{kept}.{_text(self._mac('cookie', state, kept))}".encode("ascii", "replace")

    def _mac(self, *parts: str) -> bytes:
        return hmac.digest(self._key, " ".join(parts).encode(), "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
