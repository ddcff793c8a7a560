"""User and password in the Authorization header."""

import base64

import pytest

from zconnect.config.passwords import Password, encode_hash
from zconnect.security.attempts import FailedLogins
from zconnect.security.authcache import Authentication
from zconnect.security.basic import open_basic, read
from zconnect.security.registry import BasicRegistry, RegistryUser

from .support import NOW, assembly, request

USERS = {"alice": "alicepw", "carol": "a:b:c", "jürgen": "päss", "hashed": encode_hash("slow", iterations=1000)}
REGISTRY = BasicRegistry(
    realm="Local", users=tuple(RegistryUser(name=name, password=Password(password)) for name, password in USERS.items())
)


def encoded(user: str, password: str, charset: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode(charset)).decode()


# recorded cases 01 and 08
HEADERS = [
    ("good", [encoded("alice", "alicepw")], "alice"),
    ("none", [], None),
    ("wrong password", [encoded("alice", "nope")], None),
    ("unknown user", [encoded("nobody", "x")], None),
    ("lower scheme (C04)", [encoded("alice", "alicepw").replace("Basic", "basic")], None),
    ("upper scheme", [encoded("alice", "alicepw").replace("Basic", "BASIC")], None),
    ("two blanks", [encoded("alice", "alicepw").replace(" ", "  ")], None),
    ("no padding", [encoded("alice", "alicepw").rstrip("=")], None),
    ("trailing junk", [encoded("alice", "alicepw") + ", x"], None),
    ("no colon (C05)", ["Basic YWxpY2U="], None),
    ("garbage", ["Basic !!!!"], None),
    ("scheme only", ["Basic"], None),
    ("empty user", [encoded("", "alicepw")], None),
    ("empty password", [encoded("alice", "")], None),
    ("blank password", [encoded("alice", "  ")], None),
    ("blank before the user", [encoded(" alice", "alicepw")], None),
    ("other case", [encoded("ALICE", "alicepw")], None),
    ("colon in the password", [encoded("carol", "a:b:c")], "carol"),
    ("the first header counts", [encoded("alice", "alicepw"), "Basic YTpi"], "alice"),
    ("the second does not", ["Basic YTpi", encoded("alice", "alicepw")], None),
    ("another scheme", ["Bearer abc"], None),
    ("UTF-8", [encoded("jürgen", "päss")], "jürgen"),
    ("Latin-1", [encoded("jürgen", "päss", "latin-1")], None),
    ("a hash", [encoded("hashed", "slow")], "hashed"),
    ("a hash, wrong", [encoded("hashed", "x")], None),
    ("the stored text as password", [encoded("hashed", USERS["hashed"])], None),
]


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize(("_", "headers", "user"), HEADERS, ids=[row[0] for row in HEADERS])
async def test_credentials_are_good_or_nobody(_: str, headers: list[str], user: str | None, cached: bool) -> None:
    """The scheme is exact as in Liberty, the text is UTF-8, and a second look gives what the first one gave."""
    async with assembly(REGISTRY, Authentication(cache_enabled=cached)) as opened:
        basic = await open_basic(opened)
        asked = request(headers=tuple(("Authorization", header) for header in headers))
        for found in (await basic.identify(asked), await basic.identify(asked)):
            assert user == (found and found.user)


async def test_the_client_does_not_choose_the_charset() -> None:
    """Recorded case 08: Liberty decodes as Authorization-Encoding says; here the header is not read."""
    async with assembly(REGISTRY) as opened:
        headers = (("Authorization", encoded("jürgen", "päss", "latin-1")), ("Authorization-Encoding", "ISO-8859-1"))
        assert await (await open_basic(opened)).identify(request(headers=headers)) is None


async def test_a_failed_login_is_logged_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    """CWWKS1100A names the user."""
    async with assembly(REGISTRY) as opened:
        await (await open_basic(opened)).identify(request(headers=(("Authorization", encoded("alice", "s3cret")),)))
    assert "CWWKS1100A" in caplog.text
    assert "alice" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_remembered_login_ends() -> None:
    """After the timeout of authCache the registry is asked again."""
    async with assembly(REGISTRY) as opened:
        basic = await open_basic(opened)
        headers = (("Authorization", encoded("alice", "alicepw")),)
        first = await basic.identify(request(headers=headers))
        assert first is await basic.identify(request(headers=headers, arrived=NOW + 599))
        assert first is not await basic.identify(request(headers=headers, arrived=NOW + 601))


async def test_the_challenge_quotes_the_realm() -> None:
    """A quotation mark in a realm does not end the parameter, and there is no charset parameter."""
    async with assembly(REGISTRY) as opened:
        refusal = (await open_basic(opened)).challenge('a "b" \\')
    assert (refusal.status, refusal.body) == (401, b"")
    assert dict(refusal.headers)[b"www-authenticate"] == b'Basic realm="a \\"b\\" \\\\"'


def test_a_header_is_read_into_user_and_password() -> None:
    """The first colon divides."""
    assert read(encoded("carol", "a:b:c").encode()) == ("carol", "a:b:c")


async def test_a_flood_of_failed_logins_is_counted_and_not_written(caplog: pytest.LogCaptureFixture) -> None:
    """Strangers do not push everything else out of the log."""
    async with assembly(REGISTRY, FailedLogins(per_user=0, per_address=0)) as opened:
        basic = await open_basic(opened)
        for arrived in (*[NOW] * 150, NOW + 2):
            await basic.identify(request(headers=(("Authorization", encoded("alice", "nope")),), arrived=arrived))
    assert caplog.text.count("CWWKS1100A") == 101
    assert "ZCON0001W: 50 more" in caplog.text
