"""<webAppSecurity> and what it makes of a login method."""

import pytest

from zconnect.roles import Login
from zconnect.security.authentication import methods
from zconnect.security.webappsecurity import WebAppSecurity

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
