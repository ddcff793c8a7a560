"""A server with real TLS, guarded by tokens that are bound to their callers."""

import json
import ssl
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.applied import Applied, applied
from tests.server.certificates import Authority
from tests.server.conftest import Client
from zconnect.config.passwords import Password
from zconnect.config.schema import Element
from zconnect.interceptors.audit import AuditInterceptor
from zconnect.roles import Interceptors, SecurityRole, SpecialSubject
from zconnect.runtime.manager import Manager
from zconnect.security.authorization import AuthorizationRoles
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, RegistryUser

from .tokens import ISSUER, SECRET, jwk, token

FEATURES = ("transportsecurity-1.0", "zosconnect:zosconnect-2.0")
HELLO = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
"""
_AUDIT = AuditInterceptor(id="audit", sequence=1)
_GUARD = (
    Manager(require_secure=False, global_interceptors=Interceptors(id="all", interceptors=(_AUDIT,))),
    _AUDIT,
    AuthorizationRoles(
        id="zos.connect.access.roles",
        roles=(SecurityRole(name="zosConnectAccess", special_subjects=(SpecialSubject(type="ALL_AUTHENTICATED_USERS"),)),),
    ),
    BasicRegistry(realm="Local", users=(RegistryUser(name="alice", password=Password("a")),)),
)


class Answer(NamedTuple):
    """What came back; a field that came twice has its values with a line feed between them."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def challenge(self) -> str:
        return self.headers.get("www-authenticate", "")


def client(**changes: Any) -> OpenidConnectClient:
    """A client for tokens of HS256."""
    settings = {
        "id": "c1",
        "inbound_propagation": "required",
        "shared_key": Password(SECRET),
        "issuer_identifier": ISSUER,
        "audiences": ("api",),
    }
    return OpenidConnectClient(**{**settings, **changes})


def fresh(**changes: Any) -> str:
    """A token that is good now."""
    now = int(time.time())
    return token(**{"aud": "api", "iat": now, "exp": now + 600, **changes})


@asynccontextmanager
async def guarded(folder: Path, authority: Authority, *elements: Element, text: str = HELLO, **endpoint: Any) -> AsyncIterator[Applied]:
    """A server that lets in who has a token, and asks for client certificates."""
    tls = authority.tls(client_authentication_supported=True)
    async with applied(folder, text, *_GUARD, tls, *elements, features=FEATURES, **{"https_port": 0, **endpoint}) as server:
        yield server


async def asked(
    connection: Client, *fields: tuple[str, str], target: str = "/app/x", method: str = "GET", host: str = "localhost"
) -> Answer:
    """The answer to a request on an open connection."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    connection.send(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{lines}\r\n".encode())
    status, headers, body = await connection.answer()
    return Answer(status, {name.decode(): value.decode() for name, value in headers.items()}, body)


async def challenges(connection: Client, *fields: tuple[str, str]) -> list[str]:
    """All challenges of an answer."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    connection.send(f"GET /app/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}\r\n".encode())
    head = (await connection.rest()).partition(b"\r\n\r\n")[0].decode()
    return [line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("www-authenticate:")]


class Prover:
    """A caller with a key of his own."""

    def __init__(self, key: Any = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.jwk = jwk(self.key, kid=None)
        self.alg = "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"

    @property
    def cnf(self) -> dict[str, str]:
        """What a token says that is bound to the key (RFC 9449, section 6.1; RFC 7638)."""
        return {"jkt": thumbprint(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode())}

    def proof(self, access: str, header: dict[str, Any] | None = None, drop: tuple[str, ...] = (), **claims: Any) -> str:
        """A good proof for GET https://localhost/app/x, with changes."""
        fields = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk} | (header or {})
        whole: dict[str, Any] = {
            "jti": token_urlsafe(8),
            "htm": "GET",
            "htu": "https://localhost/app/x",
            "iat": int(time.time()),
            "ath": thumbprint(access.encode()),
        } | claims
        alg = fields.pop("alg")
        return token(self.key if alg == self.alg else SECRET, alg=alg, header=fields, drop=("iss", "sub", "exp", *drop), **whole)


def certified(authority: Authority, common: str) -> tuple[ssl.SSLContext, bytes]:
    """A client with a certificate, and that certificate in DER."""
    context = authority.client(common)
    pem = (authority.folder / f"client-{common}.pem").read_bytes()
    return context, x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def thumbprint(data: bytes) -> str:
    """SHA-256 in base64url."""
    return urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
