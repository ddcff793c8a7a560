"""Tokens that are bound to client certificates, over real connections."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.applied import Applied
from tests.server.certificates import Authority
from zconnect.server.terminator import Proxy, TlsTerminator

from .bound import asked, certified, client, fresh, guarded, thumbprint
from .op import good, op
from .support import NOW


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def server(tmp_path: Path, authority: Authority) -> AsyncIterator[Applied]:
    async with guarded(tmp_path, authority, client()) as found:
        yield found


def bearer(text: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {text}")


OWN, OTHER = "own", thumbprint(b"another certificate")
# What cnf says, who is at the other end (RFC 8705 section 3, RFC 7800 section 3.1), the status and the reason.
BINDINGS: list[tuple[str, Any, str, int, str]] = [
    ("its certificate", {"x5t#S256": OWN}, "alice", 200, ""),
    ("another's certificate", {"x5t#S256": OTHER}, "alice", 401, "ZCON0431E"),
    ("no certificate", {"x5t#S256": OTHER}, "", 401, "ZCON0431E"),
    ("padded", {"x5t#S256": OTHER + "="}, "alice", 401, "ZCON0430E"),
    ("in hexadecimal", {"x5t#S256": "ab" * 32}, "alice", 401, "ZCON0430E"),
    ("empty thumbprint", {"x5t#S256": ""}, "", 401, "ZCON0430E"),
    ("a list", {"x5t#S256": [OWN]}, "alice", 401, "ZCON0430E"),
    ("null", {"x5t#S256": None}, "", 401, "ZCON0430E"),
    ("SHA-1", {"x5t": OWN}, "alice", 401, "ZCON0430E"),
    ("a key of its own", {"jwk": {"kty": "EC"}}, "alice", 401, "ZCON0430E"),
    ("another method beside it", {"x5t#S256": OWN, "kid": "k"}, "alice", 401, "ZCON0430E"),
    ("nothing", {}, "alice", 401, "ZCON0430E"),
    ("no object", "x5t#S256", "alice", 401, "ZCON0430E"),
    ("cnf null", None, "alice", 401, "ZCON0430E"),
]


def confirming(cnf: Any, leaf: bytes) -> Any:
    return {name: thumbprint(leaf) if value == OWN else value for name, value in cnf.items()} if isinstance(cnf, dict) else cnf


@pytest.mark.parametrize(("_", "cnf", "who", "status", "number"), BINDINGS, ids=[row[0] for row in BINDINGS])
async def test_a_token_is_good_with_its_certificate_alone(
    server: Applied, authority: Authority, _: str, cnf: Any, who: str, status: int, number: str
) -> None:
    """At the first sight of it and at the second; the reason is in the audit record."""
    context, leaf = certified(authority, "alice")
    text = fresh(cnf=confirming(cnf, leaf))
    connection = await server.connect(context if who else authority.client())
    answers = [await asked(connection, bearer(text)) for _ in range(2)]
    assert [each.status for each in answers] == [status] * 2
    for line in await server.audit(2):
        assert number in line
    if status == 401:
        assert answers[0].challenge == 'Bearer realm="jwt", error="invalid_token", error_description="Check JWT token"'


async def test_a_remembered_token_is_judged_on_every_connection(server: Applied, authority: Authority) -> None:
    """N-1705: who has heard it cannot use it, and the owner still can; what the thief's connection claims in a header is nothing."""
    (own, leaf), (other, _) = certified(authority, "alice"), certified(authority, "mallory")
    text = fresh(cnf={"x5t#S256": thumbprint(leaf)})
    claim = ("Client-Cert", f":{base64.b64encode(leaf).decode()}:")
    statuses = []
    for context in (own, other, authority.client(), own):
        statuses.append((await asked(await server.connect(context), bearer(text), claim)).status)
    assert statuses == [200, 401, 401, 200]
    assert (await asked(await server.connect(), bearer(text))).status == 401


async def test_a_thief_does_not_use_up_a_token(server: Applied, authority: Authority) -> None:
    """A token with a jti is good once, for its owner."""
    own, leaf = certified(authority, "alice")
    text = fresh(cnf={"x5t#S256": thumbprint(leaf)}, jti="1")
    statuses = [(await asked(await server.connect(context), bearer(text))).status for context in (authority.client(), own, own)]
    assert statuses == [401, 200, 401]


async def test_binding_may_be_required(tmp_path: Path, authority: Authority) -> None:
    """certificateBoundTokens: an unbound token then is not good, with whatever certificate."""
    own, leaf = certified(authority, "alice")
    async with guarded(tmp_path, authority, client(certificate_bound_tokens="required")) as server:
        connection = await server.connect(own)
        unbound, bound = fresh(), fresh(cnf={"x5t#S256": thumbprint(leaf)})
        assert [(await asked(connection, bearer(text))).status for text in (unbound, unbound, bound, bound)] == [401, 401, 200, 200]
        assert ["ZCON0432E" in line for line in await server.audit(4)] == [True, True, False, False]


async def test_the_certificate_that_a_believed_proxy_passes_on_is_the_callers(tmp_path: Path, authority: Authority) -> None:
    """The proxy's own certificate is nobody's."""
    edge, edges = certified(authority, "edge")
    _, leaf = certified(authority, "alice")
    terminator = TlsTerminator(proxies=(Proxy(subject="CN=edge"),))
    passed_on = ("Client-Cert", f":{base64.b64encode(leaf).decode()}:")
    async with guarded(tmp_path, authority, client(), tls_terminator=terminator) as server:
        connection = await server.connect(edge)
        text, of_edge = fresh(cnf={"x5t#S256": thumbprint(leaf)}), fresh(cnf={"x5t#S256": thumbprint(edges)})
        assert (await asked(connection, bearer(text), passed_on)).status == 200
        assert (await asked(connection, bearer(text))).status == 401
        assert (await asked(connection, bearer(of_edge), passed_on)).status == 401
        assert (await asked(connection, bearer(of_edge))).status == 401


@pytest.mark.parametrize("method", ["introspect", "userinfo"])
@pytest.mark.parametrize("bound", [True, False])
async def test_what_the_provider_says_binds_too(tmp_path: Path, authority: Authority, method: str, bound: bool) -> None:
    """RFC 8705, section 3.2; where the provider does not say it, a token that says it of itself is bound all the same."""
    own, leaf = certified(authority, "alice")
    cnf = {"x5t#S256": thumbprint(leaf)}
    text = fresh(cnf=cnf) if bound else "opaque"
    async with op() as provider:
        provider.says[text] = good(aud="api", exp=int(NOW) + 10**8, iat=1, cnf=None if bound else cnf)
        asks = client(
            validation_method=method,
            validation_endpoint_url=provider.url,
            https_required=False,
            jwt_access_token_remote_validation="require",
        )
        async with guarded(tmp_path, authority, asks) as server:
            contexts = (authority.client(), own, authority.client(), own)
            assert [(await asked(await server.connect(context), bearer(text))).status for context in contexts] == [401, 200, 401, 200]
        assert len(provider.asked) == 1, "a good token in bad hands does not drive traffic"


async def test_a_bound_token_becomes_no_cookie(tmp_path: Path, authority: Authority) -> None:
    """A cookie is good for whoever has it; an unbound token gets one where the client says so."""
    own, leaf = certified(authority, "alice")
    async with guarded(tmp_path, authority, client(authn_session_disabled=False)) as server:
        connection = await server.connect(own)
        bound, unbound = [await asked(connection, bearer(fresh(**more))) for more in ({"cnf": {"x5t#S256": thumbprint(leaf)}}, {})]
        assert (bound.status, unbound.status) == (200, 200)
        assert "set-cookie" not in bound.headers
        assert "set-cookie" in unbound.headers
