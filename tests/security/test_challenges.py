"""What a caller is told when a token is not accepted."""

import json

import pytest

from zconnect.messages import error
from zconnect.security.challenges import Shape, login_needed, required

TOLD = error("ZCON0999E", "x", "y")()
CHECK_ACCESS = 'Bearer realm="oauth", error="invalid_token", error_description="Check access token"'
CHECK_JWT = 'Bearer realm="jwt", error="invalid_token", error_description="Check JWT token"'
FAILED = "OpenID Connect client failed the request..."
SENT = "OpenID Connect client returned with status: SEND_401"


# reference 2.7, recorded cases 20 and 39
@pytest.mark.parametrize(
    ("shape", "sent", "challenge", "description"),
    [
        (Shape.OPAQUE, False, CHECK_ACCESS, FAILED),
        (Shape.OPAQUE, True, CHECK_ACCESS, SENT),
        (Shape.JWT, True, CHECK_JWT, SENT),
        (Shape.JWT, False, CHECK_JWT, FAILED),
    ],
)
def test_a_required_token_that_is_not_good_gets_a_challenge(shape: Shape, sent: bool, challenge: str, description: str) -> None:
    """Challenge and body tell the shape of the token, never the reason (recorded cases 60 and 65)."""
    refusal = required(TOLD, shape, sent=sent)
    headers = dict(refusal.headers)
    assert refusal.status == 401
    assert challenge == headers[b"www-authenticate"].decode()
    assert headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert {"error_description": description, "error": 401} == json.loads(refusal.body)


def test_a_client_that_would_log_in_says_only_where() -> None:
    """Without a required token the challenge is bare."""
    refusal = login_needed(TOLD)
    assert dict(refusal.headers)[b"www-authenticate"] == b'Bearer realm="oauth"'
    assert json.loads(refusal.body) == {"error_description": SENT, "error": 401}
