"""What a provider says about a token."""

from typing import Any

import pytest

from zconnect.errors import Refused
from zconnect.security.bearer import open_bearer
from zconnect.security.challenges import TokenRejected
from zconnect.security.introspection import Judge
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.validation import rules_of

from .op import good
from .support import NOW, assembly
from .test_enquiry import bearing
from .tokens import ISSUER

SECONDS = int(NOW)

GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("I01", {}, good()),
    ("60 exp-text", {}, good(exp=str(SECONDS + 600))),
    ("60 iat-text", {}, good(iat=str(SECONDS - 5))),
    ("60 exp-past-285", {}, good(exp=SECONDS - 285)),
    ("60 iat-future-285", {}, good(iat=SECONDS + 285)),
    ("60 nbf-text", {}, good(nbf=str(SECONDS - 5))),
    ("60 exp-ms", {}, good(exp=4102444800000)),
    ("60 aud-other", {}, good(aud="other")),
    ("60 error-member", {}, good(error="x")),
    ("I06", {"disable_iss_checking": True}, good(iss=None)),
    ("I08", {"issuer_identifier": "", "validation_endpoint_url": "https://op/oidc/introspect"}, good(iss="https://op/oidc")),
    ("no exp needed", {"require_exp_claim_for_introspection": False}, good(exp=None)),
    ("no iat needed", {"require_iat_claim_for_introspection": False}, good(iat=None)),
    ("audience", {"audiences": ("api",)}, good(aud=["x", "api"])),
    ("any audience", {"audiences": ("ALL_AUDIENCES",)}, good()),
    ("I14", {"validation_method": "userinfo"}, {"sub": "alice"}),
    ("64 inactive userinfo", {"validation_method": "userinfo"}, good(active=False, exp=0)),
]
BAD: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("I02 no active (Liberty: 200)", {}, good(active=None), "CWWKS1720E"),
    ("I03", {}, good(active=False), "CWWKS1720E"),
    ("60 active-text", {}, good(active="true"), "CWWKS1727E"),
    ("60 active-one", {}, good(active=1), "CWWKS1727E"),
    ("active null", {}, {**good(), "active": None}, "CWWKS1727E"),
    ("I04", {}, good(exp=None), "CWWKS1718E"),
    ("60 no-iat", {}, good(iat=None), "CWWKS1718E"),
    ("I05", {}, good(iss=None), "CWWKS1718E"),
    ("60 exp-text-past", {}, good(exp=str(SECONDS - 600)), "CWWKS1716E"),
    ("60 exp-past-305", {}, good(exp=SECONDS - 305), "CWWKS1716E"),
    ("60 exp-zero", {}, good(exp=0), "CWWKS1716E"),
    ("60 exp-fraction", {}, good(exp=NOW + 600.5), "CWWKS1718E"),
    ("60 exp-word", {}, good(exp="never"), "CWWKS1718E"),
    ("exp true", {}, good(exp=True), "CWWKS1718E"),
    ("exp beyond 63 bits", {}, good(exp=2**70), "CWWKS1718E"),
    ("60 iat-future-340", {}, good(iat=SECONDS + 340), "CWWKS1717E"),
    ("60 nbf-future", {}, good(nbf=SECONDS + 340), "CWWKS1719E"),
    ("nbf as list", {}, good(nbf=[]), "CWWKS1718E"),
    ("60 iss-other", {}, good(iss="https://evil.example"), "CWWKS1724E"),
    ("60 iss-slash", {}, good(iss=f"{ISSUER}/"), "CWWKS1724E"),
    ("60 iss-list", {}, good(iss=[ISSUER]), "CWWKS1727E"),
    ("I07", {"disable_iss_checking": True}, good(), "CWWKS1735E"),
    ("another audience (Liberty: 200)", {"audiences": ("api",)}, good(aud="other"), "CWWKS1727E"),
    ("no audience (Liberty: 200)", {"audiences": ("api",)}, good(), "CWWKS1727E"),
    ("64 error", {"validation_method": "userinfo"}, {"sub": "alice", "error": "invalid_token"}, "CWWKS1720E"),
    ("64 iss-other", {"validation_method": "userinfo"}, {"sub": "alice", "iss": "https://evil.example"}, "CWWKS1724E"),
]


def client(**changes: Any) -> OpenidConnectClient:
    return OpenidConnectClient(**{"id": "c1", "inbound_propagation": "required", "issuer_identifier": ISSUER, **changes})


def judge(settings: OpenidConnectClient) -> Judge:
    return Judge(settings, rules_of(settings)._replace(issuers=settings.remote_issuers))


@pytest.mark.parametrize(("origin", "changes", "said"), GOOD, ids=[row[0] for row in GOOD])
def test_a_good_answer(origin: str, changes: dict[str, Any], said: dict[str, Any]) -> None:
    """Reference 10.3 and recorded cases 60 and 64."""
    accepted = judge(client(**changes)).judge(said, NOW)
    assert accepted.claims == said
    assert (accepted.jti, accepted.readable, accepted.bound_to_origin) == (None, False, False)


@pytest.mark.parametrize(("origin", "changes", "said", "number"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_answer(origin: str, changes: dict[str, Any], said: dict[str, Any], number: str) -> None:
    """With Liberty's number in the log."""
    with pytest.raises(TokenRejected) as caught:
        judge(client(**changes)).judge(said, NOW)
    assert str(caught.value.told).startswith(number)
    assert not caught.value.sent


def test_how_long_it_holds() -> None:
    """Until exp and the skew; without exp as long as it may be remembered."""
    assert judge(client()).judge(good(exp=SECONDS + 7), NOW).expires == NOW + 7 + 300
    assert judge(client(validation_method="userinfo")).judge({"sub": "alice"}, NOW).expires == NOW + 300


async def test_a_client_without_an_address_asks_nobody() -> None:
    """Reference O39."""
    async with assembly(client()) as parts:
        bearer = await open_bearer(client(), parts)
        with pytest.raises(Refused) as caught:
            await bearer.identify(bearing("opaque"))
    assert caught.value.reason.startswith("CWWKS1725E")
