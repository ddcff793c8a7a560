"""Elements of API requesters, which call other servers."""

from zconnect.config.passwords import Password
from zconnect.services.outbound import ELEMENTS, AuthData


def test_the_elements_of_api_requesters_are_all_there() -> None:
    """zosconnect.md, 3.9."""
    assert {kind.tag.removeprefix("zosconnect_") for kind in ELEMENTS} == {
        "apiRequesters",
        "endpointConnection",
        "authData",
        "oAuthConfig",
        "authorizationServer",
        "authToken",
        "authTokenLocal",
        "proxyConfig",
    }


def test_a_password_wears_its_mask_here_too() -> None:
    """It is not used, but it is read."""
    assert "secret" not in repr(AuthData(id="a", user="u", password=Password("secret")))
