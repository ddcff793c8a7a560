"""What a token costs by its algorithm, and by whether it is remembered, new or refused: CPU of the way to a caller, without the edge."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.security.support import NOW, assembly, request
from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.security.bearer import BearerToken, open_bearer
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry
from zconnect.trust.entries import PrivateKey
from zconnect.trust.token import jwk_of_key, signed
from zconnect.values import Request

SECRET, ISSUER = b"0123456789abcdef0123456789abcdef", "https://issuer.bench.test"
TOKENS = 1000
KEYS: dict[str, Callable[[], PrivateKey | bytes]] = {
    "HS256": lambda: SECRET,
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


def _requests(algorithm: str, key: PrivateKey | bytes) -> list[Request]:
    claims = {"iss": ISSUER, "aud": "api", "iat": NOW, "exp": NOW + 600, "groupIds": ["CICSUSR", "PAYROLL", "zosConnectAccess"]}
    tokens = (signed({"kid": "k"}, {**claims, "sub": f"USER{number:06}"}, algorithm, key) for number in range(TOKENS))
    return [request(headers=(("Authorization", f"Bearer {token}"),)) for token in tokens]


async def _microseconds(bearer: BearerToken, requests: Iterable[Request], good: bool) -> float:
    begun, refused = time.process_time(), 0
    for each in requests:
        try:
            await bearer.identify(each)
        except Refused:
            refused += 1
    used = (time.process_time() - begun) / TOKENS * 1e6
    if refused != (0 if good else TOKENS):
        raise SystemExit(f"{refused} of {TOKENS} requests were refused")
    return used


async def _row(algorithm: str, rounds: int) -> tuple[float, float, float]:
    """Remembered, new, refused; the least of the rounds."""
    key, stranger = KEYS[algorithm](), (b"x" * 32 if algorithm == "HS256" else KEYS[algorithm]())
    known = {} if isinstance(key, bytes) else {"json_web_key": json.dumps({**jwk_of_key(key.public_key()), "kid": "k"})}
    client = OpenidConnectClient(
        id="bench",
        inbound_propagation="required",
        issuer_identifier=ISSUER,
        audiences=("api",),
        token_reuse=True,
        signature_algorithm=algorithm,  # type: ignore[arg-type]  # the code knows more than the attribute takes
        shared_key=Password(SECRET.decode()),
        **known,  # type: ignore[arg-type]
    )
    good, bad = _requests(algorithm, key), _requests(algorithm, stranger)
    async with assembly(BasicRegistry(), client) as parts:
        bearer = await open_bearer(client, parts)
        rows = []
        for _ in range(rounds):
            bearer.clear()
            new = await _microseconds(bearer, good, good=True)
            rows.append((await _microseconds(bearer, good, good=True), new, await _microseconds(bearer, bad, good=False)))
    remembered, new, refused = (min(column) for column in zip(*rows, strict=True))
    return remembered, new, refused


def report(rounds: int = 7) -> None:
    """Print the table."""
    logging.getLogger().addHandler(logging.NullHandler())
    print(f"CPU µs a request for its token, least of {rounds} rounds of {TOKENS} tokens, without the edge\n")
    print(f"{'':8}{'remembered':>12}{'new':>10}{'refused':>10}")
    for algorithm in KEYS:
        remembered, new, refused = asyncio.run(_row(algorithm, rounds))
        print(f"{algorithm:8}{remembered:12.1f}{new:10.1f}{refused:10.1f}", flush=True)
