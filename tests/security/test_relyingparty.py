"""What keeps a client from logging users in, told before anybody tries."""

from typing import Any

import pytest

from zconnect.security.relyingparty import OidcClientWebapp

from .support import request
from .test_loginrequest import client, sent

# Attributes, then which of them is told with which message.
HINDRANCES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, []),
    ({"client_id": " "}, [("ZCON0460E", "@clientId")]),
    ({"token_endpoint_url": ""}, [("ZCON0460E", "@tokenEndpointUrl")]),
    ({"grant_type": "implicit"}, [("ZCON0460E", "@grantType")]),
    ({"response_type": "id_token token"}, [("ZCON0460E", "@responseType")]),
    ({"token_endpoint_auth_method": "private_key_jwt"}, [("ZCON0460E", "@tokenEndpointAuthMethod")]),
    ({"scope": "openidx profile"}, [("CWWKS1713E", "@scope")]),
    ({"authorization_endpoint_url": "http://op/a"}, [("CWWKS1703E", "@authorizationEndpointUrl")]),
    ({"token_endpoint_url": "http://op/t"}, [("CWWKS1703E", "@tokenEndpointUrl")]),
    ({"redirect_to_rp_host_and_port": "http://rp"}, [("CWWKS1703E", "@redirectToRPHostAndPort")]),
    ({"authorization_endpoint_url": "http://op/a", "token_endpoint_url": "http://op/t", "https_required": False}, []),
    ({"disable_ltpa_cookie": True, "scope": ""}, [("ZCON0460E", "@disableLtpaCookie"), ("CWWKS1713E", "@scope")]),
]


@pytest.mark.parametrize(("changes", "expected"), HINDRANCES, ids=str)
async def test_what_keeps_from_logging_in(
    changes: dict[str, Any], expected: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    """All are mistakes of the configuration; whoever comes all the same is refused for the first."""
    settings = client(**changes)
    assert [(each.told.message.number, each.path) for each in settings.mistakes()] == expected
    answer = await sent(settings, request())
    assert answer.status == (401 if expected else 200)
    assert expected == [] or expected[0][0] in caplog.text


async def test_tokens_alone_have_no_use_for_it(caplog: pytest.LogCaptureFixture) -> None:
    """With inboundPropagation required nobody is sent anywhere."""
    settings = client(inbound_propagation="required", audiences=("a",), grant_type="implicit")
    assert list(settings.mistakes()) == []
    assert not settings.sends_to_login
    assert (await sent(settings, request())).status == 401


def test_parameters_that_a_login_sets_itself_are_not_passed_on() -> None:
    """Whoever makes a link would else choose them."""
    settings = client(forward_login_parameter=("hint", " state", "redirect_uri", "request_uri"))
    assert settings.forwarded == ("hint",)
    [told] = settings.mistakes()
    assert told.told.message.number == "CWWKS1783W"
    assert "state, redirect_uri, request_uri" in told.told.text


def test_signatures_are_needed_here_too() -> None:
    """As for tokens of callers."""
    assert [(each.told.message.number, each.stops) for each in client(signature_algorithm="none").mistakes()] == [("ZCON0420E", True)]
    assert list(client(signature_algorithm="none", authorization_endpoint_url="").mistakes()) == []


@pytest.mark.parametrize(("written", "path"), [("/oidcclient", "/oidcclient"), ("a", "/a"), (" /a/b/ ", "/a/b")])
def test_the_path_has_one_slash_before_it(written: str, path: str) -> None:
    """And none behind."""
    assert OidcClientWebapp(context_path=written).path == path
