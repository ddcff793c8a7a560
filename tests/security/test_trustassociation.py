"""Classes of the server's owner that say who calls; the recorded cases 80 to 85 play them in a running server."""

import asyncio
import base64
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_servers import ROOT, signed
from zconnect.config.location import Location
from zconnect.config.passwords import Password
from zconnect.errors import ConfigurationError, Refused
from zconnect.roles import Assembly, Protection, SecurityRole, SpecialSubject
from zconnect.security.gate import open_gate
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser
from zconnect.security.trustassociation import InterceptorProperties, TrustAssociation, TrustInterceptor, open_associations
from zconnect.security.webappsecurity import WebAppSecurity
from zconnect.trust.library import Folder, Library
from zconnect.values import Identity

from .support import NOW, assembly, request
from .tokens import ISSUER, SECRET, token

CORPUS = Library(folder=(Folder(dir=Location(str(ROOT / "tests" / "conformance"))),))
EXAMPLE = Library(folder=(Folder(dir=Location(str(ROOT / "servers" / "gateway" / "lib"))),))
REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("a")), RegistryUser(name="bob", password=Password("b"))),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)
ALL = SpecialSubject(type="ALL_AUTHENTICATED_USERS")
GUARDED = Protection(secure=False, roles=("R",), bindings=(SecurityRole(name="R", special_subjects=(ALL,)),))
OPEN = Protection(secure=False, roles=None)
BASIC = ("Authorization", "Basic " + base64.b64encode(b"bob:b").decode())
BEARER = ("Authorization", f"Bearer {token(sub='carol')}")
REQUIRED = OpenidConnectClient(id="c1", inbound_propagation="required", shared_key=Password(SECRET), issuer_identifier=ISSUER)
ALICE, CHALLENGE = "TAI user:Local/alice [staff]", 401


def one(
    name: str = "one", prefix: str = "", library: Library = CORPUS, class_name: str = "casetai.CaseTai", **changes: Any
) -> TrustInterceptor:
    """The interceptor of the corpus."""
    told = InterceptorProperties(values=(("prefix", Password(prefix)),))
    return TrustInterceptor(id=name, class_name=class_name, library=library, properties=(told,), **changes)


@contextlib.asynccontextmanager
async def server(*interceptors: TrustInterceptor, others: Any = (), **changes: Any) -> AsyncIterator[Assembly]:
    async with assembly(REGISTRY, TrustAssociation(interceptors=interceptors, **changes), *others) as opened:
        yield opened


async def walked(opened: Assembly, *headers: tuple[str, str], guarded: Protection = GUARDED) -> tuple[str | int, int]:
    """Who gets in or the status, and how many cookies are set."""
    gate = await open_gate(guarded, opened)
    try:
        identity, fields = await gate.admit(request(headers=headers))
        who: str | int = f"{identity.mechanism} {identity.access_id} {sorted(identity.groups)}".replace("'", "") if identity else ""
    except Refused as refusal:
        who, fields = refusal.status, refusal.headers
    return who, sum(name == b"set-cookie" for name, _ in fields)


def says(order: str) -> tuple[str, str]:
    return "X-Tai", order


# recorded cases 80, 81, 82
@pytest.mark.parametrize(
    ("order", "alone", "with_basic", "failing_over"),
    [
        ("user alice", (ALICE, 1), (ALICE, 1), (ALICE, 1)),
        ("subject dora R9 g", ("TAI user:R9/dora [g]", 1), ("TAI user:R9/dora [g]", 1), ("TAI user:R9/dora [g]", 1)),
        ("user zoe", (401, 0), ("BASIC user:Local/bob []", 1), ("BASIC user:Local/bob []", 1)),
        ("continue", (401, 0), ("BASIC user:Local/bob []", 1), ("BASIC user:Local/bob []", 1)),
        ("status 403", (403, 0), (403, 0), ("BASIC user:Local/bob []", 1)),
        ("challenge", (401, 0), (401, 0), ("BASIC user:Local/bob []", 1)),
        ("throw", (500, 0), (500, 0), (500, 0)),
        ("nouser", (500, 0), (500, 0), (500, 0)),
    ],
)
async def test_what_an_answer_does(order: str, alone: Any, with_basic: Any, failing_over: Any) -> None:
    """A user, a status, not mine, or a failure; the last refuses whatever else is good."""
    async with server(one()) as opened:
        assert await walked(opened, says(order)) == alone
        assert await walked(opened, says(order), BASIC) == with_basic
    async with server(one(), fail_over_to_app_auth_type=True) as opened:
        assert await walked(opened, says(order), BASIC) == failing_over


async def test_a_refusal_says_what_the_class_says() -> None:
    """Its status, its challenge, and the reason for the audit record alone."""
    async with server(one()) as opened:
        gate = await open_gate(GUARDED, opened)
        with pytest.raises(Refused, match="the order says so") as refused:
            await gate.admit(request(headers=(says("challenge"),)))
        assert refused.value.response == (401, ((b"www-authenticate", b'Custom realm="tai"'),), b"")


async def test_a_failure_names_the_interceptor(caplog: pytest.LogCaptureFixture) -> None:
    """Beside the message of the gate, whose refusal is audited like any other."""
    async with server(one("mine")) as opened:
        assert await walked(opened, says("throw")) == (500, 0)
    assert "CWWKS9109E: The trust association interceptor mine has failed, so the request is refused: RuntimeError: throw (" in caplog.text
    assert "ZCON0417E" in caplog.text


async def test_the_first_answer_counts_in_the_order_of_the_document() -> None:
    """One that is disabled is not asked (recorded case 83)."""
    async with server(one("1", "a:", enabled=False), one("2", "b:"), one("3"), disable_ltpa_cookie=True) as opened:
        assert await walked(opened, says("a:user alice")) == (500, 0)  # the third does not know the word
        assert await walked(opened, says("b:user alice")) == (ALICE, 0)
        assert await walked(opened, says("user alice")) == (ALICE, 0)
        assert await walked(opened) == (401, 0)


async def test_before_and_after_the_cookie() -> None:
    """A cookie, and a token that is required, come between the two stages (recorded cases 81, 84)."""
    async with server(one(invoke_before_sso=True)) as opened:
        gate = await open_gate(GUARDED, opened)
        _, fields = await gate.admit(request(headers=(BASIC,)))
        cookie = ("Cookie", fields[0][1].decode().partition(";")[0])
        assert await walked(opened, says("user alice"), cookie) == (ALICE, 1)
        assert await walked(opened, cookie) == ("LTPA user:Local/bob []", 0)
    async with server(one()) as opened:
        gate = await open_gate(GUARDED, opened)
        _, fields = await gate.admit(request(headers=(BASIC,)))
        cookie = ("Cookie", fields[0][1].decode().partition(";")[0])
        assert await walked(opened, says("user alice"), cookie) == ("LTPA user:Local/bob []", 0)
    carol = f"BEARER user:{ISSUER}/carol []"
    for _ in range(2):  # a token that is remembered is no short cut
        async with server(one(invoke_before_sso=True), others=(REQUIRED,)) as opened:
            assert [(await walked(opened, BEARER, says("user alice")))[0] for _ in range(2)] == [ALICE, ALICE]
            assert (await walked(opened, BEARER))[0] == carol
            assert (await walked(opened, BEARER, says("throw")))[0] == 500
    async with server(one(), others=(REQUIRED,)) as opened:
        assert [(await walked(opened, BEARER, says("user alice")))[0] for _ in range(2)] == [carol, carol]


@pytest.mark.parametrize("looks", [True, False])
async def test_where_nobody_has_to_log_in(looks: bool) -> None:
    """They are asked where invokeForUnprotectedURI says so, whatever the credentials (recorded cases 82, 83)."""
    web = WebAppSecurity(use_authentication_data_for_unprotected_resource=looks)
    bob = ("BASIC user:Local/bob []", 1) if looks else ("", 0)
    async with server(one(), others=(web,)) as opened:
        assert await walked(opened, says("user alice"), guarded=OPEN) == ("", 0)
        assert await walked(opened, says("throw"), BASIC, guarded=OPEN) == bob
    async with server(one(), others=(web, REQUIRED), invoke_for_unprotected_uri=True) as opened:
        assert await walked(opened, guarded=OPEN) == ("", 0)
        assert await walked(opened, says("status 403"), guarded=OPEN) == (403, 0)
    async with server(one(), others=(web,), invoke_for_unprotected_uri=True, fail_over_to_app_auth_type=True) as opened:
        assert await walked(opened, says("user alice"), guarded=OPEN) == (ALICE, 1)
        assert await walked(opened, says("status 403"), guarded=OPEN) == ("", 0)
        assert await walked(opened, says("status 403"), BASIC, guarded=OPEN) == bob
        assert await walked(opened, says("user zoe"), guarded=OPEN) == ("", 0)
        assert await walked(opened, says("throw"), guarded=OPEN) == (500, 0)
        assert await walked(opened, guarded=OPEN) == ("", 0)


async def test_one_that_waits_holds_nobody_up(tmp_path: Path) -> None:
    """The first caller is answered after the second has come."""
    (tmp_path / "slow.py").write_text(
        "import asyncio\n"
        "class Slow:\n"
        "    def __init__(self, properties, store):\n"
        "        self.second = asyncio.Event()\n"
        "    async def identify(self, request):\n"
        "        if request.path == '/second':\n"
        "            self.second.set()\n"
        "        async with asyncio.timeout(60):\n"
        "            await self.second.wait()\n"
        "        return 'alice'\n"
    )
    library = Library(folder=(Folder(dir=Location(str(tmp_path))),))
    async with server(one(library=library, class_name="slow.Slow")) as opened:
        gate = await open_gate(GUARDED, opened)
        first = asyncio.ensure_future(gate.admit(request()))
        await asyncio.sleep(0)
        assert [identity.user for identity, _ in [await gate.admit(request(path="/second")), await first] if identity] == ["alice"] * 2


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (None, "ModuleNotFoundError: No module named 'mine'"),
        ("1/0", "ZeroDivisionError: division by zero ("),
        ("class Other: pass", "AttributeError: module 'mine' has no attribute 'Mine'"),
        ("class Mine:\n    def identify(self, request): pass", "TypeError: mine.Mine is no class with `async def identify(self, request)`"),
        ("Mine = 7", "TypeError: mine.Mine is no class with"),
        ("class Mine:\n    async def identify(self, request): pass", "TypeError: Mine() takes no arguments"),
        ("class Mine:\n    def __init__(self, p, s): raise SystemExit(0)\n    async def identify(self, request): pass", "SystemExit: 0"),
        ("class Mine:\n    def __init__(self, p, s): p['key']\n    async def identify(self, request): pass", "KeyError: 'key'"),
    ],
)
async def test_one_that_cannot_be_made_stops_the_start(tmp_path: Path, text: str | None, cause: str) -> None:
    """All of them are told; the files are watched, so that a mended one is noticed."""
    if text is not None:
        (tmp_path / "mine.py").write_text(text)
    library = Library(folder=(Folder(dir=Location(str(tmp_path))),))
    broken = [one(name, library=library, class_name="mine.Mine") for name in ("1", "2")]
    async with server(one(), *broken) as opened:
        with pytest.raises(ConfigurationError) as refused:
            await open_gate(GUARDED, opened)
        assert tmp_path / "mine.py" in opened.watched  # type: ignore[attr-defined]  # of the assembly of a runtime
    texts = [(problem.told.message.number, problem.path, problem.stops) for problem in refused.value.problems]
    assert texts == [("CWWKS1203E", f"/server/trustAssociation/interceptors[{name}]/@className", True) for name in ("1", "2")]
    assert f"could not be loaded: {cause}" in refused.value.problems[0].told.text
    assert not [name for name in sys.modules if name.startswith("zconnect_app_")]


def test_one_that_nobody_asks_is_told() -> None:
    """Neither before nor after."""
    assert [each.told.message.number for each in one(invoke_after_sso=False).mistakes()] == ["ZCON0490W"]
    assert list(one(invoke_after_sso=False, invoke_before_sso=True).mistakes()) == []
    assert list(one(invoke_after_sso=False, enabled=False).mistakes()) == []


ODD = [
    7,
    b"alice",
    " ",
    Identity("", "R", "x"),
    Identity("x", "", "x"),
    Identity("x", "R", " "),
    Identity("x", "R", None),  # type: ignore[arg-type]  # that is what is tried
    Identity("x", "R", "x", ["g"]),  # type: ignore[arg-type]
    Identity("x", "R", "x", frozenset([7])),  # type: ignore[list-item]
]


@pytest.mark.parametrize("answer", ODD, ids=repr)
async def test_an_answer_of_another_kind_is_a_failure(tmp_path: Path, answer: object) -> None:
    """Nobody is let in by a mistake of the class."""
    (tmp_path / "odd.py").write_text(
        "from tests.security.test_trustassociation import ODD\n"
        "class Odd:\n"
        "    def __init__(self, properties, store): self.answer = ODD[int(properties['prefix'])]\n"
        "    async def identify(self, request): return self.answer\n"
    )
    library = Library(folder=(Folder(dir=Location(str(tmp_path))),))
    async with server(one(prefix=str(ODD.index(answer)), library=library, class_name="odd.Odd")) as opened:
        assert await walked(opened) == (500, 0)


async def test_the_example_of_a_gateway_reads_one_header_only() -> None:
    """The rest of it is played in a running server (servers/gateway)."""
    key = "change-me-a-secret-of-gateway-and-server"
    values = {"header": "X-G", "key": key, "realm": "gateway"}
    told = InterceptorProperties(values=tuple((name, Password(value)) for name, value in values.items()))
    gateway = TrustInterceptor(id="g", class_name="gateway.SignedHeader", library=EXAMPLE, properties=(told,))
    header = ("X-G", signed({"user": "alice", "groups": [], "time": 0}, "", "/app/x", NOW))
    async with server(gateway) as opened:
        assert await walked(opened, header, ("X-G", "another")) == (401, 0)
        assert await walked(opened, header) == ("TAI user:gateway/alice []", 1)
        assert await walked(opened, header) == (401, 0)
    async with server(TrustInterceptor(id="g", class_name="gateway.SignedHeader", library=EXAMPLE)) as opened:
        with pytest.raises(ConfigurationError, match="KeyError"):
            await open_associations(opened)
