"""Whom a token stands for."""

from typing import Any

import pytest

from zconnect.config.passwords import Password
from zconnect.errors import Refused
from zconnect.security.challenges import TokenRejected
from zconnect.security.oidc import OpenidConnectClient
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser, active_registry
from zconnect.security.subject import Subjects
from zconnect.values import Identity

from .support import NOW, assembly
from .tokens import ISSUER

REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("a")),),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)


async def identity(changes: dict[str, Any], claims: dict[str, Any]) -> Identity:
    async with assembly(REGISTRY) as opened:
        subjects = Subjects(OpenidConnectClient(id="c1", **changes), await active_registry(opened))
        return await subjects.identity({"iss": ISSUER, "sub": "alice"} | claims, NOW)


# reference 2.8, recorded cases 20 and 33
CLAIMS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str, str, set[str]]]] = [
    ("defaults", {}, {"groupIds": ["a", "b"]}, ("alice", ISSUER, "alice", {"a", "b"})),
    ("O29 a text is one group", {}, {"groupIds": "g1,g2"}, ("alice", ISSUER, "alice", {"g1,g2"})),
    ("an empty text is one group", {}, {"groupIds": ""}, ("alice", ISSUER, "alice", {""})),
    ("O30", {"realm_name": "R1"}, {"realmName": "X"}, ("alice", "R1", "alice", set())),
    ("realm claim", {}, {"realmName": "X"}, ("alice", "X", "alice", set())),
    ("realm claim of another type", {}, {"realmName": 5}, ("alice", ISSUER, "alice", set())),
    ("unique name", {}, {"uniqueSecurityName": "u1"}, ("alice", ISSUER, "u1", set())),
    ("an empty unique name", {}, {"uniqueSecurityName": ""}, ("alice", ISSUER, "alice", set())),
    ("userIdentifier", {"user_identifier": "email"}, {"email": "e@x"}, ("e@x", ISSUER, "e@x", set())),
    ("userIdentityToCreateSubject", {"user_identity_to_create_subject": "n"}, {"n": "zoe"}, ("zoe", ISSUER, "zoe", set())),
    ("empty userIdentityToCreateSubject", {"user_identity_to_create_subject": ""}, {}, ("alice", ISSUER, "alice", set())),
    (
        "other claims",
        {"group_identifier": "roles", "unique_user_identifier": "id"},
        {"roles": ["r"], "id": "7"},
        ("alice", ISSUER, "7", {"r"}),
    ),
    (
        "blanks round what is configured do not belong to it",
        {"realm_identifier": " r ", "group_identifier": " g ", "unique_user_identifier": " id ", "user_identifier": " n "},
        {"r": "R2", "g": ["x"], "id": "7", "n": "zoe"},
        ("zoe", "R2", "7", {"x"}),
    ),
    ("blanks round realmName", {"realm_name": " R1 "}, {}, ("alice", "R1", "alice", set())),
    ("a blank realmName is none", {"realm_name": " "}, {}, ("alice", ISSUER, "alice", set())),
    ("realmName may be the registry's", {"realm_name": "Local"}, {}, ("alice", "Local", "alice", set())),
    ("20 sub-unicode", {}, {"sub": "alé中"}, ("alé中", ISSUER, "alé中", set())),
    ("mapped", {"map_identity_to_registry_user": True}, {"groupIds": ["x"], "realmName": "Y"}, ("alice", "Local", "alice", {"staff"})),
]


@pytest.mark.parametrize(("_", "changes", "claims", "expected"), CLAIMS, ids=[row[0] for row in CLAIMS])
async def test_claims_say_whom_a_token_stands_for(
    _: str, changes: dict[str, Any], claims: dict[str, Any], expected: tuple[str, str, str, set[str]]
) -> None:
    """User, realm, unique name and groups come from the claims that the client names."""
    found = await identity(changes, claims)
    assert (found.user, found.realm, found.unique_id, set(found.groups)) == expected
    assert (found.mechanism, found.expires) == ("BEARER", NOW)
    assert found.mapped_user == ("alice" if changes.get("map_identity_to_registry_user") else "")


@pytest.mark.parametrize(
    ("changes", "claims", "number"),
    [
        ({}, {"sub": None}, "CWWKS1738E"),
        ({}, {"sub": ""}, "CWWKS1738E"),
        ({"user_identifier": "email"}, {}, "CWWKS1738E"),
        ({}, {"sub": 42}, "ZCON0409E"),
        ({}, {"sub": True}, "ZCON0409E"),
        ({}, {"sub": ["alice"]}, "ZCON0409E"),
        ({}, {"sub": {}}, "ZCON0409E"),
        ({}, {"sub": " "}, "ZCON0410E"),
        ({}, {"sub": "alice\u00a0"}, "ZCON0410E"),
        ({}, {"iss": ""}, "ZCON0411E"),
        ({}, {"iss": None}, "ZCON0411E"),
        ({}, {"realmName": "Local"}, "ZCON0412E"),
        ({}, {"iss": "Local"}, "ZCON0412E"),
        ({}, {"groupIds": 5}, "ZCON0409E"),
        ({}, {"groupIds": {"a": 1}}, "ZCON0409E"),
        ({}, {"groupIds": ["a", 5]}, "ZCON0409E"),
        ({}, {"groupIds": ["a", ["b"]]}, "ZCON0409E"),
        ({}, {"groupIds": True}, "ZCON0409E"),
    ],
)
async def test_claims_that_name_nobody_are_rejected(changes: dict[str, Any], claims: dict[str, Any], number: str) -> None:
    """Every JSON type in every claim that counts ends in 401, never in a broken request."""
    with pytest.raises(TokenRejected) as caught:
        await identity(changes, claims)
    assert number in str(caught.value.told)


@pytest.mark.parametrize(
    ("changes", "claims"),
    [({"map_identity_to_registry_user": True}, {"sub": "zoe"}), ({}, {"sub": "alice\nINFO fake"}), ({}, {"sub": "a\x00"})],
    ids=["O31", "20 sub-newline", "NUL"],
)
async def test_a_user_who_may_not_log_in_is_forbidden(changes: dict[str, Any], claims: dict[str, Any]) -> None:
    """The token itself is good, so the answer is 403."""
    with pytest.raises(Refused) as caught:
        await identity(changes, claims)
    assert (caught.value.status, caught.value.body) == (403, b"Error 403: AuthenticationFailed")
