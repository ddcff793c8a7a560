"""DPoP proofs, over real connections."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.applied import Applied
from tests.server.certificates import Authority
from tests.server.conftest import Client
from zconnect.errors import ConfigurationError

from .bound import Answer, Prover, asked, certified, challenges, client, fresh, guarded, thumbprint
from .tokens import tampered

ALGS = 'DPoP algs="ES256 EdDSA PS256 RS256"'
OWN, OTHER = Prover(), Prover()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def server(tmp_path: Path, authority: Authority) -> AsyncIterator[Applied]:
    async with guarded(tmp_path, authority, client(dpop="supported")) as found:
        yield found


def bound(**changes: Any) -> str:
    return fresh(cnf=OWN.cnf, **changes)


async def sent(connection: Client, access: str, *proofs: str, scheme: str = "DPoP", **where: str) -> Answer:
    return await asked(connection, ("Authorization", f"{scheme} {access}"), *[("DPoP", proof) for proof in proofs], **where)


async def test_a_new_proof_for_each_request_is_good(server: Applied, authority: Authority) -> None:
    """At the first sight of the token and later; the scheme has any letter case."""
    connection, access = await server.connect(authority.client()), bound()
    assert [(await sent(connection, access, OWN.proof(access), scheme=scheme)).status for scheme in ("DPoP", "dpop", "DPOP")] == [200] * 3


ACCESS = bound()
SYMMETRIC = {"kty": "oct", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}
# RFC 9449, sections 4.3, 7.1 and 11; N-1801. A function, because proofs are about now.
ATTACKS: list[tuple[str, Any]] = [
    ("none", lambda: ()),
    ("two", lambda: (OWN.proof(ACCESS), OWN.proof(ACCESS))),
    ("two in one", lambda: (f"{OWN.proof(ACCESS)}, {OWN.proof(ACCESS)}",)),
    ("no token of any form", lambda: ("proof",)),
    ("empty", lambda: ("",)),
    ("the access token", lambda: (ACCESS,)),
    ("another method", lambda: (OWN.proof(ACCESS, htm="POST"),)),
    ("another letter case of the method", lambda: (OWN.proof(ACCESS, htm="get"),)),
    ("without method", lambda: (OWN.proof(ACCESS, drop=("htm",)),)),
    ("another path", lambda: (OWN.proof(ACCESS, htu="https://localhost/app/y"),)),
    ("a path below", lambda: (OWN.proof(ACCESS, htu="https://localhost/app/x/"),)),
    ("another letter case of the path", lambda: (OWN.proof(ACCESS, htu="https://localhost/app/X"),)),
    ("another host", lambda: (OWN.proof(ACCESS, htu="https://evil.example/app/x"),)),
    ("another host before an @", lambda: (OWN.proof(ACCESS, htu="https://evil.example@localhost/app/x"),)),
    ("another port", lambda: (OWN.proof(ACCESS, htu="https://localhost:8443/app/x"),)),
    ("a port beyond all", lambda: (OWN.proof(ACCESS, htu="https://localhost:99999/app/x"),)),
    ("another scheme", lambda: (OWN.proof(ACCESS, htu="http://localhost/app/x"),)),
    ("the path alone", lambda: (OWN.proof(ACCESS, htu="/app/x"),)),
    ("a line feed in the address", lambda: (OWN.proof(ACCESS, htu="https://local\nhost/app/x"),)),
    ("an encoded slash", lambda: (OWN.proof(ACCESS, htu="https://localhost/app%2Fx"),)),
    ("no address", lambda: (OWN.proof(ACCESS, drop=("htu",)),)),
    ("a list of addresses", lambda: (OWN.proof(ACCESS, htu=["https://localhost/app/x"]),)),
    ("another token", lambda: (OWN.proof(bound(sub="bob")),)),
    ("no token", lambda: (OWN.proof(ACCESS, drop=("ath",)),)),
    ("the token itself for its hash", lambda: (OWN.proof(ACCESS, ath=ACCESS),)),
    ("from the future", lambda: (OWN.proof(ACCESS, iat=time.time() + 120),)),
    ("old", lambda: (OWN.proof(ACCESS, iat=time.time() - 120),)),
    ("iat as text", lambda: (OWN.proof(ACCESS, iat=str(int(time.time()))),)),
    ("iat true", lambda: (OWN.proof(ACCESS, iat=True),)),
    ("iat beyond 63 bits", lambda: (OWN.proof(ACCESS, iat=10**400),)),
    ("without iat", lambda: (OWN.proof(ACCESS, drop=("iat",)),)),
    ("without jti", lambda: (OWN.proof(ACCESS, drop=("jti",)),)),
    ("an empty jti", lambda: (OWN.proof(ACCESS, jti=""),)),
    ("jti as number", lambda: (OWN.proof(ACCESS, jti=5),)),
    ("tampered", lambda: (tampered(OWN.proof(ACCESS)),)),
    ("unsigned", lambda: (OWN.proof(ACCESS).rpartition(".")[0] + ".",)),
    ("alg none", lambda: (OWN.proof(ACCESS, header={"alg": "none"}),)),
    ("HS256 with the key in it", lambda: (OWN.proof(ACCESS, header={"alg": "HS256", "jwk": SYMMETRIC}),)),
    ("HS256 beside the public key", lambda: (OWN.proof(ACCESS, header={"alg": "HS256"}),)),
    ("another typ", lambda: (OWN.proof(ACCESS, header={"typ": "JWT"}),)),
    ("typ as list", lambda: (OWN.proof(ACCESS, header={"typ": ["dpop+jwt"]}),)),
    ("a private key", lambda: (OWN.proof(ACCESS, header={"jwk": OWN.jwk | {"d": "AAAA"}}),)),
    ("another's key", lambda: (OWN.proof(ACCESS, header={"jwk": OTHER.jwk}),)),
    ("no key", lambda: (OWN.proof(ACCESS, header={"jwk": None}),)),
    ("a key as text", lambda: (OWN.proof(ACCESS, header={"jwk": "key"}),)),
    ("a key of another curve", lambda: (OWN.proof(ACCESS, header={"jwk": OWN.jwk | {"crv": "P-384"}}),)),
    ("a point beside the curve", lambda: (OWN.proof(ACCESS, header={"jwk": OWN.jwk | {"x": OTHER.jwk["x"]}}),)),
    ("crit", lambda: (OWN.proof(ACCESS, header={"crit": ["x"]}),)),
]


@pytest.mark.parametrize(("_", "proofs"), ATTACKS, ids=[row[0] for row in ATTACKS])
async def test_a_bad_proof_is_refused(server: Applied, authority: Authority, _: str, proofs: Any) -> None:
    """401, with the reason for log and audit alone; the token is remembered already, so that nothing but the proof decides."""
    connection = await server.connect(authority.client())
    assert (await sent(connection, ACCESS, OWN.proof(ACCESS))).status == 200
    refused = await sent(connection, ACCESS, *proofs())
    assert (refused.status, b"ZCON" in refused.body) == (401, False)
    assert "ZCON0433E" in (await server.audit(2))[1]
    fields = [("Authorization", f"DPoP {ACCESS}"), *[("DPoP", proof) for proof in proofs()]]
    assert f'{ALGS}, error="invalid_dpop_proof"' in await challenges(connection, *fields)


async def test_a_proof_in_another_place_is_none(server: Applied, authority: Authority) -> None:
    """Not in a cookie, a parameter or a header of a like name."""
    connection, proof = await server.connect(authority.client()), OWN.proof(ACCESS)
    for field in (("Cookie", f"DPoP={proof}"), ("X-DPoP", proof), ("DPoP-Proof", proof)):
        assert (await asked(connection, ("Authorization", f"DPoP {ACCESS}"), field)).status == 401
    assert (await asked(connection, ("Authorization", f"DPoP {ACCESS}"), target=f"/app/x?DPoP={proof}")).status == 401


# The address as a client may write it, and the target that it calls (section 4.3; RFC 3986, section 6.2).
SPELLINGS = [
    ("https://localhost/app/x", "/app/x?query=1", "localhost"),
    ("https://localhost/app/x?other#part", "/app/x", "localhost"),
    ("HTTPS://LOCALHOST:443/app/x", "/app/x", "localhost"),
    ("https://localhost/app/x", "/app/x", "LOCALHOST:443"),
    ("https://localhost/app/%78", "/app/x", "localhost"),
    ("https://localhost/app/./y/../x", "/app/x", "localhost"),
    ("https://localhost/app/x%20y", "/app/x%20y", "localhost"),
    ("https://localhost:9443/app/x", "/app/x", "localhost:9443"),
    ("https://localhost/app/x", "https://localhost/app/x", "localhost"),
]


@pytest.mark.parametrize(("address", "target", "host"), SPELLINGS)
async def test_an_address_may_be_spelt_in_several_ways(server: Applied, authority: Authority, address: str, target: str, host: str) -> None:
    """What means the same is the same."""
    connection = await server.connect(authority.client())
    assert (await sent(connection, ACCESS, OWN.proof(ACCESS, htu=address), target=target, host=host)).status == 200


async def test_a_proof_is_good_once(server: Applied, authority: Authority) -> None:
    """On whichever connection; another key may use the same jti."""
    first, second = [await server.connect(authority.client()) for _ in range(2)]
    proof = OWN.proof(ACCESS, jti="1")
    assert [(await sent(each, ACCESS, proof)).status for each in (first, second)] == [200, 401]
    assert "ZCON0435E" in (await server.audit(2))[1]
    others = fresh(cnf=OTHER.cnf)
    assert (await sent(first, others, OTHER.proof(others, jti="1"))).status == 200


async def test_a_proof_of_another_key_is_refused(server: Applied, authority: Authority) -> None:
    """A thief has the token and makes good proofs with his own key."""
    connection = await server.connect(authority.client())
    for _ in range(2):
        assert (await sent(connection, ACCESS, OTHER.proof(ACCESS))).status == 401
        assert (await sent(connection, ACCESS, OWN.proof(ACCESS))).status == 200
    assert ["ZCON0434E" in line for line in await server.audit(4)] == [True, False, True, False]


@pytest.mark.parametrize("mode", ["off", "supported", "required"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", ""])
async def test_a_bound_token_is_no_bearer_token(tmp_path: Path, authority: Authority, mode: str, scheme: str) -> None:
    """N-1802: with a good proof or without; also when it is remembered, and where this server takes no proofs at all."""
    async with guarded(tmp_path, authority, client(dpop=mode)) as server:
        connection = await server.connect(authority.client())
        good = (await sent(connection, ACCESS, OWN.proof(ACCESS))).status
        assert good == (401 if mode == "off" else 200)
        field = ("Authorization", f"{scheme} {ACCESS}".strip())
        assert (await asked(connection, field)).status == 401
        assert (await asked(connection, field, ("DPoP", OWN.proof(ACCESS)))).status == 401
        assert ["ZCON0434E" in line for line in (await server.audit(3))[1:]] == [True, True]


async def test_an_unbound_token_is_a_bearer_token_alone(server: Applied, authority: Authority) -> None:
    """Section 7.1: DPoP with a token that is bound to no key is refused; the same as Bearer is good."""
    connection, access = await server.connect(authority.client()), fresh()
    statuses = [(await sent(connection, access, OWN.proof(access), scheme=scheme)).status for scheme in ("DPoP", "Bearer", "DPoP")]
    assert statuses == [401, 200, 401]


async def test_proofs_may_be_required(tmp_path: Path, authority: Authority) -> None:
    """Then an unbound token is not good in any place, and the only challenge is that for DPoP."""
    async with guarded(tmp_path, authority, client(dpop="required", dpop_signing_algorithms=("ES256",))) as server:
        connection, access = await server.connect(authority.client()), fresh()
        for value in (f"Bearer {access}", access, f"DPoP {access}", f"Bearer {access}", access):
            assert (await asked(connection, ("Authorization", value), ("DPoP", OWN.proof(access)))).status == 401
        assert (await sent(connection, ACCESS, OWN.proof(ACCESS))).status == 200
        strong = Prover(rsa.generate_private_key(65537, 2048))
        other = fresh(cnf=strong.cnf)
        assert (await sent(connection, other, strong.proof(other))).status == 401
        assert await challenges(connection) == ['DPoP algs="ES256"']


async def test_the_challenges_name_both_schemes(server: Applied, authority: Authority) -> None:
    """Liberty's is unchanged; without credentials the one for DPoP has no error (RFC 6750, section 3.1)."""
    nothing = await challenges(await server.connect(authority.client()))
    assert nothing == [ALGS, 'Bearer realm="oauth", error="invalid_token", error_description="Check access token"']
    bad = await challenges(await server.connect(authority.client()), ("Authorization", "Bearer x"))
    assert bad[0] == f'{ALGS}, error="invalid_token"'


async def test_a_token_may_be_bound_to_both(tmp_path: Path, authority: Authority) -> None:
    """Certificate and key then are needed together."""
    own, leaf = certified(authority, "alice")
    access = fresh(cnf={**OWN.cnf, "x5t#S256": thumbprint(leaf)})
    async with guarded(tmp_path, authority, client(dpop="supported", certificate_bound_tokens="required")) as server:
        statuses = [(await sent(await server.connect(context), access, OWN.proof(access))).status for context in (authority.client(), own)]
        assert statuses == [401, 200]
        assert (await sent(await server.connect(own), access, scheme="Bearer")).status == 401


async def test_keys_of_every_kind_and_price(server: Applied, authority: Authority) -> None:
    """RSA keys prove, too, of a length that costs little to verify."""
    connection = await server.connect(authority.client())
    for bits, status in ((2048, 200), (4608, 401)):
        prover = Prover(rsa.generate_private_key(65537, bits))
        access = fresh(cnf=prover.cnf)
        assert (await sent(connection, access, prover.proof(access))).status == status


async def test_a_header_of_its_own_cannot_carry_it(tmp_path: Path, authority: Authority) -> None:
    """What contradicts itself does not start."""
    settings = client(dpop="supported", header_name="X-Token")
    assert [(each.told.message.number, each.stops) for each in settings.mistakes()] == [("ZCON0437E", True)]
    with pytest.raises(ConfigurationError):
        async with guarded(tmp_path, authority, settings):
            pass
