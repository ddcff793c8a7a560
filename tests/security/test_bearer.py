"""One <openidConnectClient> at work."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.errors import ConfigurationError, Refused
from zconnect.security.bearer import BearerToken, open_bearer
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser
from zconnect.values import Identity

from .support import NOW, assembly, request
from .tokens import ISSUER, OTHER_RSA, SECRET, tampered, token

REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("a")),),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)


def client(**changes: Any) -> OpenidConnectClient:
    """A client that requires HS256 tokens, with changes."""
    settings = {
        "id": "c1",
        "inbound_propagation": "required",
        "shared_key": Password(SECRET),
        "issuer_identifier": ISSUER,
    }
    return OpenidConnectClient(**{**settings, **changes})


async def opened(settings: OpenidConnectClient, *elements: Element) -> AsyncIterator[BearerToken]:
    async with assembly(REGISTRY, settings, *elements) as parts:
        yield await open_bearer(settings, parts)


def bearing(text: str, **changes: Any) -> Any:
    return request(headers=(("Authorization", f"Bearer {text}"),), **changes)


async def identified(settings: OpenidConnectClient, *requests: Any) -> list[Identity | int]:
    """What becomes of some requests in turn: an identity, or the status of a refusal."""
    found: list[Identity | int] = []
    async for bearer in opened(settings):
        for asked in requests:
            try:
                found.append(await bearer.identify(asked))
            except Refused as refusal:
                found.append(refusal.status)
    return found


async def refusal(settings: OpenidConnectClient, asked: Any) -> Refused:
    async for bearer in opened(settings):
        with pytest.raises(Refused) as caught:
            await bearer.identify(asked)
    return caught.value


# Vectors of the reference, section 10.2, with HS256 in the place of RS256, and recorded cases 20, 30 to 33.
GOOD: list[tuple[str, dict[str, Any], str]] = [
    ("O02", {}, token()),
    ("O04 expired by 299 s", {}, token(exp=NOW - 299, iat=NOW - 600)),
    ("O06 without iat", {}, token(drop=("iat",))),
    ("iat 299 s ahead", {}, token(iat=NOW + 299)),
    ("nbf 300 s ahead", {}, token(nbf=NOW + 300)),
    ("exp with a fraction", {}, token(exp=NOW + 0.5)),
    ("O10", {"issuer_identifier": "https://a, https://b"}, token(iss="https://b")),
    ("30 list-whole", {"issuer_identifier": "https://a, https://b"}, token(iss="https://a, https://b")),
    ("O11", {"issuer_identifier": "", "token_endpoint_url": "https://op/oidc/token"}, token(iss="https://op/oidc")),
    ("O12 without iss", {"disable_iss_checking": True, "realm_name": "R"}, token(drop=("iss",))),
    ("O14", {}, token(aud="https://localhost:9443/x")),
    ("31 unset-url-in-list", {}, token(aud=["x", "https://localhost:9443"])),
    ("31 unset-empty-list", {}, token(aud=[])),
    ("O16", {"audiences": ("api",)}, token(aud=["x", "api"])),
    ("O19", {"audiences": ("ALL_AUDIENCES",)}, token(aud="anything")),
    ("O19 none", {"audiences": ("ALL_AUDIENCES",)}, token()),
    ("typ is free", {}, token(header={"typ": "at+jwt"})),
    ("clientSecret", {"shared_key": None, "client_secret": Password(SECRET)}, token()),
]
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("O03 expired by 301 s", {}, token(exp=NOW - 301), "CWWKS1773E"),
    ("expired and tampered", {}, tampered(token(exp=NOW - 3600)), "CWWKS1773E"),
    ("O05 without exp", {}, token(drop=("exp",)), "CWWKS1737E"),
    ("O07", {}, token(iat=NOW + 301), "CWWKS1773E"),
    ("O08", {}, token(nbf=NOW + 301), "CWWKS1780E"),
    ("32 exp as text", {}, token(exp="1800000300"), "ZCON0313E"),
    ("32 exp true", {}, token(exp=True), "ZCON0313E"),
    ("32 exp null", {}, token(exp=None), "ZCON0313E"),
    ("32 exp beyond 63 bits", {}, token(exp=1e30), "ZCON0313E"),
    ("32 nbf as text", {}, token(nbf="0"), "ZCON0313E"),
    ("O09", {}, token(iss="https://evil"), "CWWKS1781E"),
    ("20 issuer-case", {}, token(iss="https://OP.example"), "CWWKS1781E"),
    ("20 issuer-slash", {}, token(iss="https://op.example/"), "CWWKS1781E"),
    ("20 issuer-missing", {}, token(drop=("iss",)), "CWWKS1781E"),
    ("20 issuer-list (Liberty: 500)", {}, token(iss=[ISSUER]), "CWWKS1781E"),
    ("30 unset", {"issuer_identifier": ""}, token(), "CWWKS1781E"),
    ("O12", {"disable_iss_checking": True, "realm_name": "R"}, token(), "CWWKS1782E"),
    ("30 disabled-missing (Liberty: realm null)", {"disable_iss_checking": True}, token(drop=("iss",)), "ZCON0411E"),
    ("30 disabled-empty (Liberty: the registry's realm)", {"disable_iss_checking": True}, token(iss=""), "ZCON0411E"),
    ("O13", {"client_id": "c1"}, token(aud="c1"), "CWWKS1774E"),
    ("O15", {}, token(aud="https://localhost"), "CWWKS1774E"),
    ("31 unset-spoofed-host (Liberty: 200)", {}, token(aud="https://victim.example"), "CWWKS1774E"),
    ("31 unset-url-port-prefix", {}, token(aud="https://localhost:94439"), "CWWKS1774E"),
    ("O17", {"audiences": ("api",)}, token(aud="API"), "CWWKS1774E"),
    ("O18", {"audiences": ("api",)}, token(), "CWWKS1779E"),
    ("31 one-mixed-list", {"audiences": ("api",)}, token(aud=["api", 5]), "ZCON0313E"),
    ("O20", {"signature_algorithm": "HS512", "shared_key": Password(SECRET * 2)}, token(), "CWWKS1777E"),
    ("20 alg-HS256 with a public key's client", {"signature_algorithm": "RS256"}, token(), "CWWKS1739E"),
    ("22 nokey", {"shared_key": None}, token(), "CWWKS1739E"),
    ("O24", {}, tampered(token()), "CWWKS1776E"),
    ("another key", {}, token(SECRET.upper()), "CWWKS1776E"),
    ("RS256 where HS256 is wanted", {}, token(OTHER_RSA, alg="RS256"), "CWWKS1777E"),
    ("O21", {}, token("", alg="none"), "CWWKS1778E"),
    ("21 logout token", {}, token(header={"typ": "logout+jwt"}), "CWWKS1785E"),
    ("two segments", {}, token().rpartition(".")[0], "CWWKS1737E"),
    ("N-501 crit", {}, token(header={"crit": []}), "ZCON0312E"),
    ("O28", {"user_identifier": "email"}, token(), "CWWKS1738E"),
    ("20 sub-missing", {}, token(drop=("sub",)), "CWWKS1738E"),
    ("20 sub-number", {}, token(sub=42), "ZCON0409E"),
    ("20 sub-list", {}, token(sub=["alice"]), "ZCON0409E"),
    ("20 sub-null", {}, token(sub=None), "CWWKS1738E"),
    ("20 sub-empty", {}, token(sub=""), "CWWKS1738E"),
    ("20 sub-blank (Liberty: 200)", {}, token(sub=" "), "ZCON0410E"),
    ("33 def-blank-sub (Liberty: 200)", {}, token(sub=" alice"), "ZCON0410E"),
    ("33 groups as number", {}, token(groupIds=5), "ZCON0409E"),
    ("33 groups with a number", {}, token(groupIds=["a", 5]), "ZCON0409E"),
    ("33 the registry's realm (Liberty: 200)", {}, token(realmName="Local"), "ZCON0412E"),
    ("jti as number", {}, token(jti=5), "ZCON0409E"),
    ("aud as number", {}, token(aud=5), "ZCON0313E"),
    ("remote validation required", {"jwt_access_token_remote_validation": "require"}, token(), "CWWKS1725E"),
]


@pytest.mark.parametrize(("_", "changes", "text"), GOOD, ids=[row[0] for row in GOOD])
async def test_a_good_token_is_accepted(_: str, changes: dict[str, Any], text: str) -> None:
    """The caller is the token's user, at the first sight of the token and at the second."""
    found = await identified(client(**changes), bearing(text), bearing(text))
    assert [identity.user for identity in found if isinstance(identity, Identity)] == ["alice", "alice"]


@pytest.mark.parametrize(("_", "changes", "text", "number"), BAD, ids=[row[0] for row in BAD])
async def test_a_bad_token_is_refused_with_its_reason(
    _: str, changes: dict[str, Any], text: str, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The status is 401 and never anything else; the reason is in the log and in the refusal, not in the answer."""
    found = await refusal(client(**changes), bearing(text))
    assert found.status == 401
    assert number in found.reason
    assert number in caplog.text
    assert number.encode() not in found.body
    assert text not in caplog.text


# Vectors O01, O32 to O35, O38, O39; recorded cases 21 and 38.
PLACES: list[tuple[str, dict[str, Any], tuple[tuple[str, str], ...], int | str]] = [
    ("O01", {}, (), 401),
    ("O35", {}, (("Authorization", f"bearer {token()}"),), "alice"),
    ("no scheme", {}, (("Authorization", token()),), "alice"),
    ("a trailing blank", {}, (("Authorization", f"Bearer {token()} "),), "alice"),
    ("a second blank", {}, (("Authorization", f"Bearer  {token()}"),), 401),
    ("another scheme", {}, (("Authorization", f"JWT {token()}"),), 401),
    ("the first header counts", {}, (("Authorization", f"Bearer {token()}"), ("Authorization", "Bearer x")), "alice"),
    ("the second does not", {}, (("Authorization", "Bearer x"), ("Authorization", f"Bearer {token()}")), 401),
    ("O39", {}, (("Authorization", "Basic YTpi"),), 401),
    ("opaque", {}, (("Authorization", "Bearer garbage"),), 401),
    ("O32", {"header_name": "X-Token"}, (("Authorization", f"Bearer {token()}"),), 401),
    ("O33", {"header_name": "X-Token"}, (("X-Token", token()),), "alice"),
    ("38 both-good-basic", {"header_name": "X-Token"}, (("X-Token", token()), ("Authorization", "Basic YTpi")), "alice"),
    ("O34", {"header_name": "X-Token"}, (("X-Token-segments", "2"), ("X-Token-1", token()[:9]), ("X-Token-2", token()[9:])), "alice"),
]


@pytest.mark.parametrize(("_", "changes", "headers", "expected"), PLACES, ids=[row[0] for row in PLACES])
async def test_the_token_is_taken_from_one_place(
    _: str, changes: dict[str, Any], headers: tuple[tuple[str, str], ...], expected: int | str
) -> None:
    """Authorization without a headerName, else that header alone; the first field of the name counts."""
    found = await identified(client(**changes), request(headers=headers), request(headers=headers))
    assert [expected] * 2 == [one.user if isinstance(one, Identity) else one for one in found]


@pytest.mark.parametrize(
    ("text", "challenge"),
    [(None, b'realm="oauth", error'), ("garbage", b'realm="oauth", error'), (tampered(token()), b'realm="jwt", error')],
    ids=["none", "opaque", "jwt"],
)
async def test_required_answers_with_a_challenge(text: str | None, challenge: bytes) -> None:
    """Reference 2.7; a missing token is not worth a line in the log."""
    found = await refusal(client(), bearing(text) if text else request())
    assert challenge in dict(found.headers)[b"www-authenticate"]


@pytest.mark.parametrize(
    ("mode", "text", "logged", "silent"),
    [
        ("supported", None, ["CWWKS1534E"], ["CWWKS1740W"]),  # O44
        ("supported", tampered(token()), ["CWWKS1737E", "CWWKS1740W", "CWWKS1534E"], []),  # O43
        ("supported", token(drop=("sub",)), ["CWWKS1738E", "CWWKS1534E"], ["CWWKS1740W"]),
        ("none", token(), ["CWWKS1534E"], ["CWWKS1740W", "CWWKS1737E"]),  # O45
    ],
)
async def test_without_required_the_caller_would_have_to_log_in(
    mode: str, text: str | None, logged: list[str], silent: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Reference 2.7, recorded case 39: a bare challenge, and nothing falls over to Basic."""
    found = await refusal(client(inbound_propagation=mode), bearing(text) if text else request())
    assert (found.status, dict(found.headers)[b"www-authenticate"]) == (401, b'Bearer realm="oauth"')
    assert [number for number in logged if number not in caplog.text] == []
    assert [number for number in silent if number in caplog.text] == []


async def test_supported_accepts_a_good_token() -> None:
    """A token that is looked at and good is enough."""
    (found,) = await identified(client(inbound_propagation="supported"), bearing(token()))
    assert isinstance(found, Identity)


async def test_a_token_with_a_jti_is_accepted_once() -> None:
    """O25 to O27, recorded case 42: until exp and skew; without jti, or with tokenReuse, as often as one likes."""
    once = token(jti="1", exp=NOW + 10)
    found = await identified(client(), bearing(once), bearing(once), bearing(once, arrived=NOW + 200), bearing(token(jti="2")))
    assert [one if isinstance(one, int) else type(one).__name__ for one in found] == ["Identity", 401, 401, "Identity"]
    assert all(isinstance(one, Identity) for one in await identified(client(token_reuse=True), bearing(once), bearing(once)))


async def test_a_token_that_names_no_user_is_used_up(caplog: pytest.LogCaptureFixture) -> None:
    """Recorded case 42; one that is not good otherwise is not."""
    mail = client(user_identifier="email")
    forged = tampered(token(jti="2", email="e@x"))
    found = await identified(mail, *map(bearing, (token(jti="1"), token(jti="1", email="e@x"), forged, token(jti="2", email="e@x"))))
    assert [one if isinstance(one, int) else one.user for one in found] == [401, 401, 401, "e@x"]
    assert caplog.text.index("CWWKS1738E") < caplog.text.index("CWWKS1743E")


async def test_a_used_token_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """CWWKS1743E stands by itself, without the wrapper."""
    await identified(client(), bearing(token(jti="1")), bearing(token(jti="1")))
    assert "CWWKS1743E" in caplog.text
    assert "CWWKS1737E" not in caplog.text


async def test_a_remembered_token_ends_with_its_time() -> None:
    """N-903: exp and skew hold on every request, however well the token is remembered."""
    text = token(exp=NOW + 10, drop=("iat",))
    found = await identified(client(), bearing(text), bearing(text, arrived=NOW + 309), bearing(text, arrived=NOW + 311))
    assert found[2] == 401
    assert isinstance(found[1], Identity)


async def test_a_remembered_token_is_that_text_alone() -> None:
    """N-902: one changed byte makes it another token."""
    good = token()
    found = await identified(client(), bearing(good), bearing(tampered(good)), bearing(good))
    assert [one if isinstance(one, int) else type(one).__name__ for one in found] == ["Identity", 401, "Identity"]


async def test_an_audience_that_is_this_address_is_judged_at_each_address() -> None:
    """A token for the URL of one port is not good at another one, although it is remembered."""
    text = token(aud="https://localhost:9443")
    found = await identified(client(), bearing(text), bearing(text, local_port=9444), bearing(text))
    assert [one if isinstance(one, int) else type(one).__name__ for one in found] == ["Identity", 401, "Identity"]


async def test_a_cache_that_is_off_changes_nothing_but_the_work() -> None:
    """accessTokenCacheEnabled false judges each time, with the same result."""
    found = await identified(client(access_token_cache_enabled=False), bearing(token()), bearing(token()))
    assert all(isinstance(one, Identity) for one in found)
    assert found[0] is not found[1]


async def test_signature_algorithm_none_needs_a_loud_word() -> None:
    """N-102: without allowUnsignedTokens the server does not start; with it, it warns and takes anything (O22)."""
    with pytest.raises(ConfigurationError) as caught:
        await identified(client(signature_algorithm="none"))
    assert "ZCON0420E" in str(caught.value)
    settings = client(signature_algorithm="none", allow_unsigned_tokens=True)
    assert all(isinstance(one, Identity) for one in await identified(settings, bearing(token("", alg="none")), bearing(token())))
    assert "CWWKS1741W" in [each.told.message.number for each in settings.mistakes()]


def test_what_is_odd_about_a_client_is_told() -> None:
    """No audiences, and a skew of some milliseconds (recorded case 32: clockSkew="10" is none)."""
    told = [(each.told.message.number, each.path, each.stops) for each in client(clock_skew=timedelta(milliseconds=10)).mistakes()]
    assert told == [("ZCON0421W", "@audiences", False), ("ZCON0422W", "@clockSkew", False)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [({}, ["ZCON0421W"]), ({"validation_endpoint_url": "https://op.example"}, ["ZCON0450W"]), ({"audiences": ("a",)}, [])],
)
def test_missing_audiences_are_told_once(changes: dict[str, Any], told: list[str]) -> None:
    """In one message, which says what they let in."""
    assert [each.told.message.number for each in client(**changes).mistakes()] == told


@pytest.mark.parametrize("mode", ["supported", "none"])
async def test_a_flood_of_callers_without_tokens_is_counted_and_not_written(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """Strangers do not push everything else out of the log."""
    await identified(client(inbound_propagation=mode), *[request()] * 150)
    assert caplog.text.count("CWWKS1534E") == 100
