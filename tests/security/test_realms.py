"""Realms that a configuration shows, and what they are good for: access ids of names with slashes."""

from pathlib import Path

import pytest

from zconnect.config.configuration import Configuration
from zconnect.roles import BoundGroup, BoundUser, Protection, SecurityRole
from zconnect.security.authorization import open_roles
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.realms import known_realms
from zconnect.security.registry import active_registry
from zconnect.security.saml import PkixTrustEngine, SamlWebSso20
from zconnect.values import Identity

from .door import opened

SERVER = """<server><basicRegistry realm="Local"/>
    <openidConnectClient id="c" inboundPropagation="required" issuerIdentifier="https://op.example/realms/r, https://auth.example/"
                         audiences="a" jsonWebKey="{}" authFilterRef="f"/>
    <authFilter id="f"><host name="x"/></authFilter></server>"""


def test_realms_of_a_configuration() -> None:
    """Issuers, alone and as a whole, those of addresses, realmName; nothing that is empty."""
    clients = [
        OpenidConnectClient(id="a", issuer_identifier="https://a, https://b"),
        OpenidConnectClient(id="b", validation_endpoint_url="https://c/introspect", realm_name=" R "),
        SamlWebSso20(id="c", realm_name="S", pkix_trust_engines=(PkixTrustEngine(trusted_issuers=("https://idp",)),)),
        OpenidConnectClient(id="d"),
    ]
    assert known_realms(Configuration(clients)) == {"https://a", "https://b", "https://a, https://b", "https://c", "R", "S", "https://idp"}


@pytest.mark.parametrize(
    ("access_id", "realm", "name", "holds"),
    [
        ("group:https://op.example/realms/r//dept/staff", "https://op.example/realms/r", "/dept/staff", True),
        ("group:https://op.example/realms/r//dept/staff", "https://op.example/realms/r//dept", "staff", False),
        ("user:https://auth.example//auth|1", "https://auth.example/", "auth|1", True),
        ("user:https://auth.example//auth|1", "https://auth.example", "/auth|1", False),
        ("user:https://op.example/realms/r/a/b", "https://op.example/realms/r", "a/b", True),
        ("user:https://other.example/x/a", "https://other.example/x", "a", True),
        ("user:Local/a/b", "Local", "a/b", True),
        ("user:https://op.example/realms/r/a", "https:/", "op.example/realms/r/a", False),
    ],
)
async def test_names_with_slashes(tmp_path: Path, access_id: str, realm: str, name: str, holds: bool) -> None:
    """Groups of some providers begin with a slash; where an access id divides is not for the caller to choose (recorded case 35)."""
    group = access_id.startswith("group:")
    bound = {"groups": (BoundGroup(name="x", access_id=access_id),)} if group else {"users": (BoundUser(name="x", access_id=access_id),)}
    caller = Identity("u", realm, "u" if group else name, frozenset({name} if group else ()))
    async with opened(tmp_path, {"server.xml": SERVER}) as assembly:
        protection = Protection(secure=False, roles=("R",), bindings=(SecurityRole(name="R", **bound),))
        roles = await open_roles(protection, await active_registry(assembly), known_realms(assembly.configuration))
    assert roles.hold(caller) is holds
