"""Nonces of DPoP: values of the time, which nobody can foretell."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.applied import Applied
from tests.server.certificates import Authority
from tests.server.conftest import Client
from zconnect.runtime.store import Store
from zconnect.security.nonces import Nonces

from .bound import Answer, Prover, asked, challenges, client, fresh, guarded

OWN = Prover()
AGE = 3600.0
NOW = 1_800_000_000.0
AGE_AS_TIME = timedelta(seconds=AGE)
KNOWN = Nonces(b"secret", "c1", AGE)


@pytest.mark.parametrize(
    ("later", "good"), [(0, True), (1799, True), (1800, True), (3599, True), (3600, False), (-1, False), (-3600, False), (10**9, False)]
)
def test_how_long_a_nonce_is_good(later: float, good: bool) -> None:
    """Until the end of the half behind its own, and never before it is given."""
    begin = NOW - NOW % (AGE / 2)
    assert KNOWN.good(KNOWN.newest(begin), begin + later) is good


@pytest.mark.parametrize(
    "nonce", [None, "", "x", 5, True, ["x"], {}, "\ud800", "A" * 10_000, KNOWN.newest(NOW).lower(), KNOWN.newest(NOW) + "="]
)
def test_nothing_else_is_good(nonce: object) -> None:
    """Whatever stands in the claim."""
    assert KNOWN.newest(NOW).lower() != KNOWN.newest(NOW)
    assert not KNOWN.good(nonce, NOW)


def test_who_agrees_on_a_nonce(tmp_path: Path) -> None:
    """All processes of a server for one client, and nobody else: other clients and other servers have others."""
    processes = [Store(tmp_path / "state.db", secret=b"s" * 32) for _ in range(2)]
    first, second = [Nonces(each.secret, "c1", AGE).newest(NOW) for each in processes]
    assert first == second
    others = Nonces(b"s" * 32, "c2", AGE), Nonces(Store(tmp_path / "other.db").secret, "c1", AGE), Nonces(b"s" * 32, "c1", 2 * AGE)
    assert first not in {each.newest(NOW) for each in others}
    assert Nonces(processes[0].secret, "c1", AGE).good(second, NOW)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def served(server: Applied) -> Nonces:
    """The nonces of a server."""
    return Nonces(server.runtime.assembly.store.secret, "c1", AGE)


async def sent(connection: Client, access: str, **claims: Any) -> Answer:
    return await asked(connection, ("Authorization", f"DPoP {access}"), ("DPoP", OWN.proof(access, **claims)))


async def test_a_caller_learns_the_nonce_and_the_next_one(tmp_path: Path, authority: Authority) -> None:
    """RFC 9449, sections 8.2 and 9: 401 with the nonce, the newest one is no news, an older one brings the next with the answer."""
    async with guarded(tmp_path, authority, client(dpop="required", dpop_nonce_age=AGE_AS_TIME)) as server:
        connection, access = await server.connect(authority.client()), fresh(cnf=OWN.cnf)
        first = await sent(connection, access)
        nonce = first.headers["dpop-nonce"]
        assert (first.status, 'error="use_dpop_nonce"' in first.challenge, nonce) == (401, True, served(server).newest(time.time()))
        for _ in range(2):  # judged and remembered
            good = await sent(connection, access, nonce=nonce)
            assert (good.status, "dpop-nonce" in good.headers) == (200, False)
        older = await sent(connection, access, nonce=served(server).newest(time.time() - AGE / 2))
        assert (older.status, older.headers["dpop-nonce"]) == (200, nonce)
        assert ["ZCON0641I" in line for line in await server.audit(4)] == [True, False, False, False]


ATTACKS: list[tuple[str, Any]] = [
    ("none", lambda of: {}),
    ("of the time before", lambda of: {"nonce": of.newest(time.time() - 2 * AGE)}),
    ("of the time to come", lambda of: {"nonce": of.newest(time.time() + AGE / 2)}),
    ("made up", lambda of: {"nonce": "AAAAAAAAAAAAAAAAAAAAAAAA"}),
    ("of another server", lambda of: {"nonce": Nonces(b"x" * 32, "c1", AGE).newest(time.time())}),
    ("in a list", lambda of: {"nonce": [of.newest(time.time())]}),
    ("a number", lambda of: {"nonce": 1}),
    ("null", lambda of: {"nonce": None}),
]


@pytest.mark.parametrize(("_", "claims"), ATTACKS, ids=[row[0] for row in ATTACKS])
async def test_a_proof_without_a_good_nonce_is_refused(tmp_path: Path, authority: Authority, _: str, claims: Any) -> None:
    """Also where token and key are known to be good; so a proof that was made beforehand is worth nothing."""
    async with guarded(tmp_path, authority, client(dpop="required", dpop_nonce_age=AGE_AS_TIME)) as server:
        connection, access = await server.connect(authority.client()), fresh(cnf=OWN.cnf)
        assert (await sent(connection, access, nonce=served(server).newest(time.time()))).status == 200
        refused = await sent(connection, access, **claims(served(server)))
        assert (refused.status, refused.headers["dpop-nonce"]) == (401, served(server).newest(time.time()))


async def test_a_nonce_makes_no_bad_proof_good(tmp_path: Path, authority: Authority) -> None:
    """Nor a used one; of other errors the caller learns nothing new."""
    async with guarded(tmp_path, authority, client(dpop="required", dpop_nonce_age=AGE_AS_TIME)) as server:
        connection, access = await server.connect(authority.client()), fresh(cnf=OWN.cnf)
        nonce = served(server).newest(time.time())
        for bad in ({"htm": "POST"}, {"iat": time.time() - 300}, {"ath": "x"}):
            refused = await sent(connection, access, nonce=nonce, **bad)
            assert (refused.status, 'error="invalid_dpop_proof"' in refused.challenge, "dpop-nonce" in refused.headers) == (
                401,
                True,
                False,
            )
        assert [(await sent(connection, access, nonce=nonce, jti="1")).status for _ in range(2)] == [200, 401]


async def test_without_the_attribute_nobody_is_asked(tmp_path: Path, authority: Authority) -> None:
    """And a claim of that name does not matter; nor do unbound tokens have anything to do with it."""
    (tmp_path / "off").mkdir()
    async with guarded(tmp_path / "off", authority, client(dpop="supported")) as server:
        connection, access = await server.connect(authority.client()), fresh(cnf=OWN.cnf)
        for claims in ({}, {"nonce": "x"}):
            answer = await sent(connection, access, **claims)
            assert (answer.status, "dpop-nonce" in answer.headers) == (200, False)
    async with guarded(tmp_path, authority, client(dpop="supported", dpop_nonce_age=AGE_AS_TIME)) as server:
        connection = await server.connect(authority.client())
        answer = await asked(connection, ("Authorization", f"Bearer {fresh()}"))
        assert (answer.status, "dpop-nonce" in answer.headers) == (200, False)
        assert not [each for each in await challenges(connection) if "nonce" in each]


@pytest.mark.parametrize(("mode", "told"), [("off", ["ZCON0643W"]), ("supported", []), ("required", [])])
def test_without_proofs_there_are_no_nonces(mode: str, told: list[str]) -> None:
    """Which is told."""
    assert [each.told.message.number for each in client(dpop=mode, dpop_nonce_age=AGE_AS_TIME).mistakes()] == told
