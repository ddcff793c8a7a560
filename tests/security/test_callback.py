"""Where providers send users back to."""

from pathlib import Path

import pytest

from tests.server.certificates import Authority
from zconnect.security.relyingparty import OidcClientWebapp
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.server.workers import Workers

from .bound import fresh
from .browser import login


async def test_the_path_is_configured(tmp_path: Path, authority: Authority) -> None:
    """contextPath of oidcClientWebapp."""
    async with login(tmp_path, authority, OidcClientWebapp(context_path="/in")) as walk:
        browser = walk.browser()
        assert (await browser.sent_back()).startswith(f"{browser.base}/in/redirect/c1?code=")
        assert (await walk.browser().logged_in()).body == "alice"


async def test_only_what_a_link_can_do(tmp_path: Path, authority: Authority) -> None:
    """Nothing but GET; a client that logs nobody in, and an unknown one, have no such address."""
    async with login(tmp_path, authority) as walk:
        browser = walk.browser()
        back = await browser.sent_back()
        page = await browser.open(back, "POST", data=b"")
        assert (page.status, page.headers["Allow"]) == (405, "GET")
        assert (await browser.open(back)).status == 302
        for path in ("c2?code=x&state=y", "c1/x", "", "C1"):
            assert (await browser.open(f"/oidcclient/redirect/{path}")).status == 404


async def test_nobody_has_to_be_known_there(tmp_path: Path, authority: Authority) -> None:
    """Credentials beside a response are not even looked at: a bad cookie or token would send the user to log in for ever."""
    async with login(tmp_path, authority, inbound_propagation="supported", audiences=("api",)) as walk:
        browser = walk.browser()
        back = await browser.sent_back()
        page = await browser.open(back, headers={"Authorization": f"Bearer {fresh(exp=1)}"})
        assert (page.status, page.link) == (302, f"{browser.base}/app/x")


@pytest.mark.parametrize("settings", [{"single_signon_enabled": False}, {"single_signon_enabled": False, "sso_requires_ssl": True}])
async def test_a_login_without_a_cookie_is_refused(
    tmp_path: Path, authority: Authority, settings: dict[str, bool], caplog: pytest.LogCaptureFixture
) -> None:
    """He would be sent to log in again at once."""
    async with login(tmp_path, authority, WebAppSecurity(**settings)) as walk:  # type: ignore[arg-type]  # all are booleans
        assert (await walk.browser().logged_in()).status == 401
    assert "ZCON0469E" in caplog.text


@pytest.mark.parametrize(("site", "told"), [("Strict", True), ("Lax", False), ("None", False)])
async def test_a_cookie_that_browsers_would_not_show_is_told(
    tmp_path: Path, authority: Authority, site: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Strict means: not with a link from elsewhere, such as the provider's."""
    async with login(tmp_path, authority, WebAppSecurity(same_site_cookie=site)):  # type: ignore[arg-type]  # one of its words
        assert ("ZCON0530W" in caplog.text) is told


@pytest.mark.parametrize(("count", "mapped", "told"), [("2", False, True), ("2", True, False), ("1", False, False)])
async def test_users_whom_one_process_alone_knows_are_told(
    tmp_path: Path, authority: Authority, count: str, mapped: bool, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The single sign-on cookie of a user of another realm is good where it was given."""
    async with login(tmp_path, authority, Workers(count=count), map_identity_to_registry_user=mapped):
        assert ("ZCON0532W" in caplog.text) is told
