"""In which order the ways to log in act."""

import contextlib
import gc

import pytest

from zconnect.errors import Refused
from zconnect.roles import Login, Protection
from zconnect.security.authentication import methods, open_logins
from zconnect.security.webappsecurity import WebAppSecurity

from .support import assembly, request

FAIL_OVER = WebAppSecurity(allow_fail_over_to_basic_auth=True)
APP_DEFINED = WebAppSecurity(allow_authentication_fail_over_to_auth_method="APP_DEFINED")


# reference 3.5, recorded cases 70 to 75
@pytest.mark.parametrize(
    ("settings", "method", "expected"),
    [
        (WebAppSecurity(), "BASIC", ("BASIC",)),
        (WebAppSecurity(), "", ("BASIC",)),
        (WebAppSecurity(), "CLIENT-CERT", ("CLIENT-CERT",)),
        (WebAppSecurity(), "FORM", ("FORM",)),
        (FAIL_OVER, "BASIC", ("BASIC",)),
        (FAIL_OVER, "CLIENT-CERT", ("CLIENT-CERT", "BASIC")),
        (WebAppSecurity(allow_authentication_fail_over_to_auth_method="BASIC"), "CLIENT-CERT", ("CLIENT-CERT", "BASIC")),
        (WebAppSecurity(allow_authentication_fail_over_to_auth_method="FORM"), "CLIENT-CERT", ("CLIENT-CERT", "FORM")),
        (APP_DEFINED, "CLIENT-CERT", ("CLIENT-CERT",)),
        (WebAppSecurity(override_http_auth_method="CLIENT_CERT"), "BASIC", ("CLIENT-CERT",)),
        (WebAppSecurity(override_http_auth_method="BASIC"), "CLIENT-CERT", ("BASIC",)),
        (
            WebAppSecurity(override_http_auth_method="CLIENT_CERT", allow_authentication_fail_over_to_auth_method="APP_DEFINED"),
            "BASIC",
            ("CLIENT-CERT", "BASIC"),
        ),
    ],
)
def test_which_methods_apply(settings: WebAppSecurity, method: str, expected: tuple[str, ...]) -> None:
    """Only a certificate login fails over, and only to what is allowed."""
    assert expected == methods(Login(method), settings)  # type: ignore[arg-type]  # the table has the words


@pytest.mark.parametrize(
    ("value", "carries"),
    [
        ("Basic YTpi", True),
        ("basic YTpi", True),
        ("Bearer x", True),
        ("BEARER x", True),
        ("Digest x", False),
        ("Bearer", False),
        ("", False),
    ],
)
async def test_which_credentials_count_where_none_are_needed(value: str, carries: bool) -> None:
    """An unprotected resource asks who calls only where the request says so (reference 3.5)."""
    async with assembly() as opened:
        logins = await open_logins(Protection(secure=False, roles=None), opened)
        assert logins.volunteers(request(headers=(("Authorization", value),))) is carries
        assert not logins.volunteers(request(certificates=(b"x",)))


async def test_a_certificate_counts_where_certificates_log_in() -> None:
    """Only for the login method CLIENT-CERT."""
    async with assembly() as opened:
        logins = await open_logins(Protection(secure=False, roles=None, login=Login("CLIENT-CERT")), opened)
        assert logins.volunteers(request(certificates=(b"x",)))
        assert not logins.volunteers(request())
    async with assembly(WebAppSecurity(override_http_auth_method="CLIENT_CERT")) as opened:
        logins = await open_logins(Protection(secure=False, roles=None, login=Login("BASIC")), opened)
        assert not logins.volunteers(request(certificates=(b"x",)))


async def test_a_login_form_is_announced_as_missing(caplog: pytest.LogCaptureFixture) -> None:
    """What wants a form is closed to all but tokens."""
    async with assembly() as opened:
        await open_logins(Protection(secure=False, roles=("R",), login=Login("FORM")), opened)
    assert "ZCON0415W" in caplog.text


async def test_a_refusal_leaves_no_work_for_the_collector() -> None:
    """A flood of bad credentials would stop all requests for it again and again."""
    async with assembly() as opened:
        logins = await open_logins(Protection(secure=False, roles=None), opened)
        gc.collect()
        gc.disable()
        try:
            for _ in range(100):
                with contextlib.suppress(Refused):
                    await logins.login(request())
            assert gc.collect() < 100
        finally:
            gc.enable()
