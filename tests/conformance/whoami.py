"""The resource of the security corpus as an ASGI application: says who the caller is; copied into the folder apps of a server."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509

from zconnect.roles import BoundGroup, BoundUser, Protection, SecurityRole, SpecialSubject
from zconnect.security.authorization import open_roles
from zconnect.values import Identity

HERE = Path(__file__).resolve()
SERVER = HERE.parents[1]
DEFAULT_ROLES: Mapping[str, Any] = {
    "authenticated": {"special": ["ALL_AUTHENTICATED_USERS"]},
    "staff": {"groups": ["staff"]},
    "boss": {"users": ["alice"]},
    "everyone": {"special": ["EVERYONE"]},
}
ROLES = (*DEFAULT_ROLES, "unbound")


class Registry:
    """Names of the server's registry; every one that a case binds is in it."""

    elsewhere = False

    def __init__(self, realm: str) -> None:
        self.realm = realm

    async def check_password(self, user: str, password: str) -> str | None:
        """Nobody logs in here."""
        return None

    async def user(self, name: str) -> str | None:
        """Any name."""
        return name

    async def unique_id(self, user: str) -> str:
        """The name again."""
        return user

    async def group(self, name: str) -> str | None:
        """Any name."""
        return name

    async def groups_of(self, user: str) -> frozenset[str]:
        """None."""
        return frozenset()

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        """Nobody."""
        return None


def about() -> dict[str, Any]:
    """What the case says of this application."""
    known: list[dict[str, Any]] = json.loads((SERVER / "whoami.json").read_text())
    return next(each for each in known if each["name"] == HERE.stem)


def bindings(settings: Mapping[str, Any]) -> tuple[SecurityRole, ...]:
    """The role bindings of the case, as the server has them."""
    if not settings.get("bindings", True):
        return ()
    return tuple(
        SecurityRole(
            name=name,
            users=tuple(
                [BoundUser(name=each) for each in held.get("users", [])]
                + [BoundUser(name=each, access_id=text) for each, text in held.get("user_ids", [])]
            ),
            groups=tuple(
                [BoundGroup(name=each) for each in held.get("groups", [])]
                + [BoundGroup(name=each, access_id=text) for each, text in held.get("group_ids", [])]
            ),
            special_subjects=tuple(SpecialSubject(type=each) for each in held.get("special", [])),
        )
        for name, held in {**DEFAULT_ROLES, **settings.get("roles", {})}.items()
    )


async def roles(identity: Identity | None, settings: Mapping[str, Any]) -> list[str]:
    """The roles that the caller holds; nobody holds none, not even one that is granted to everyone."""
    if identity is None:
        return []
    found = re.search(r'<basicRegistry[^>]* realm="([^"]*)"', (SERVER / "server.xml").read_text())
    registry = Registry(found[1] if found else "")
    held = []
    for name in ROLES:
        role = await open_roles(Protection(secure=False, roles=(name,), bindings=bindings(settings)), registry)
        if role.everyone or role.hold(identity):
            held.append(name)
    return held


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with JSON; getAuthType, which ASGI does not have, is the login method of the application as in the corpus."""
    if scope["type"] != "http":
        return
    settings = about()
    identity: Identity | None = scope["state"]["identity"]
    leaves = scope["path"].removeprefix(settings["context"]).startswith("/logout")
    if leaves:
        scope["user"].logout()
        identity = None
    chain = scope["extensions"].get("tls", {}).get("client_cert_chain", ())
    login = {"CLIENT-CERT": "CLIENT_CERT", "": "BASIC"}.get(settings["login"], settings["login"])
    answer = {
        "user": identity and identity.user,
        "principal": identity and identity.user,
        "auth_type": identity and ("BASIC" if identity.mechanism == "BASIC" else login),
        "scheme": scope["scheme"],
        "method": scope["method"],
        "path": scope["path"].removeprefix(settings["context"]) or None,
        "query": scope["query_string"].decode() or None,
        "client_cert": x509.load_pem_x509_certificate(chain[0].encode()).subject.rfc4514_string() if chain else None,
        "realm": identity and identity.realm,
        "unique_user": identity and identity.unique_id,
        "access_id": identity and identity.access_id,
        "groups": sorted(f"group:{identity.realm}/{name}" for name in identity.groups) if identity else None,
        "roles": await roles(identity, settings),
    }
    if leaves:
        answer["logout"] = "done"
    body = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json; charset=UTF-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
