"""The state that browsers keep of their logins."""

import base64
import re
from hashlib import sha256

import pytest

from zconnect.runtime.store import Store
from zconnect.security.loginstate import BegunLogin, LoginStates, StateRefused

from .support import NOW

STORE = Store()
STATES = LoginStates("c1", 420, STORE)
BACK, ADDRESS = "https://rp/oidcclient/redirect/c1", "https://rp/app/x?a=1"


@pytest.fixture
def login() -> BegunLogin:
    return STATES.begin(BACK, ADDRESS, NOW)


def test_the_state_is_of_libertys_form_and_different_each_time(login: BegunLogin) -> None:
    """When it began, and 256 bits; nonce and verifier (RFC 7636, section 4.1) tell nothing of it nor of each other."""
    assert re.fullmatch(rf"{int(NOW * 1000):015d}[\w-]{{43}}", login.state)
    other = STATES.begin(BACK, ADDRESS, NOW)
    assert len({login.state, login.nonce, login.verifier, other.state, other.nonce, other.verifier}) == 6
    assert len(login.verifier) == 43
    assert login.challenge == base64.urlsafe_b64encode(sha256(login.verifier.encode()).digest()).rstrip(b"=").decode()
    assert login.verifier.encode() not in login.cookie


def test_the_browser_that_began_goes_on(login: BegunLogin) -> None:
    """Also in another process of the same server, and among cookies that others have put there."""
    elsewhere = LoginStates("c1", 420, Store(secret=STORE.secret))
    assert elsewhere.resume(login.state, [b"", b"x.y", b"\xff.\xff", login.cookie], NOW + 419) == login


@pytest.mark.parametrize("position", range(0, 200, 7))
def test_a_changed_cookie_is_none(login: BegunLogin, position: int) -> None:
    """Wherever it was changed."""
    at = position % len(login.cookie)
    changed = login.cookie[:at] + (b"B" if login.cookie[at : at + 1] == b"A" else b"A") + login.cookie[at + 1 :]
    with pytest.raises(StateRefused, match="no such login"):
        STATES.resume(login.state, [changed], NOW)


def test_what_belongs_to_others_is_refused(login: BegunLogin) -> None:
    """Another login of the same browser, another client, another server, a time that is over."""
    other = STATES.begin(BACK, ADDRESS, NOW)
    for states, state, now, reason in (
        (STATES, other.state, NOW, "no such login"),
        (LoginStates("c2", 420, STORE), login.state, NOW, "no such login"),
        (LoginStates("c1", 420, Store()), login.state, NOW, "no such login"),
        (STATES, login.state, NOW + 420, "longer than authenticationTimeLimit"),
        (STATES, f"{int(NOW * 1000) + 1:015d}{login.state[15:]}", NOW, "no such login"),
        (STATES, "", NOW, "none of this server"),
        (STATES, f"{login.state}\n", NOW, "none of this server"),
        (STATES, f"\u0661{login.state[1:]}", NOW, "none of this server"),
    ):
        with pytest.raises(StateRefused, match=reason):
            states.resume(state, [login.cookie], now)


def test_a_login_is_used_once(login: BegunLogin) -> None:
    """In all processes that share the store, and for its client alone."""
    assert STATES.use(login, NOW)
    assert not LoginStates("c1", 420, STORE).use(login, NOW + 1)
    assert LoginStates("c2", 420, STORE).use(login, NOW + 1)
