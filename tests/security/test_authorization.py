"""Role bindings and the decision whether a caller holds a role."""

import pytest

from zconnect.config.configuration import Configuration
from zconnect.roles import BoundGroup, BoundUser, Protection, SecurityRole, SpecialSubject
from zconnect.security.authorization import AuthorizationRoles, Roles, bindings_of, open_roles, split_access_id
from zconnect.values import Identity

from .support import request


class Registry:
    """A registry of alice, who is in the group staff."""

    realm = "Local"
    elsewhere = False

    async def check_password(self, user: str, password: str) -> str | None:
        return None

    async def user(self, name: str) -> str | None:
        return name if name == "alice" else None

    async def unique_id(self, user: str) -> str:
        return user

    async def group(self, name: str) -> str | None:
        return name if name == "staff" else None

    async def groups_of(self, user: str) -> frozenset[str]:
        return frozenset()

    async def user_of_certificate(self, certificate: bytes) -> str | None:
        return None


OP = "https://op.example"
EVERYONE = SpecialSubject(type="EVERYONE")
AUTHENTICATED = SpecialSubject(type="ALL_AUTHENTICATED_USERS")


def caller(user: str = "alice", realm: str = "Local", *groups: str, unique: str = "") -> Identity:
    return Identity(user, realm, unique or user, frozenset(groups))


async def roles(*bindings: SecurityRole, required: tuple[str, ...] = ("R",)) -> Roles:
    return await open_roles(Protection(secure=False, roles=required, bindings=bindings, application="app"), Registry())


def role(*subjects: object, name: str = "R") -> SecurityRole:
    return SecurityRole(
        name=name,
        users=tuple(subject for subject in subjects if isinstance(subject, BoundUser)),
        groups=tuple(subject for subject in subjects if isinstance(subject, BoundGroup)),
        special_subjects=tuple(subject for subject in subjects if isinstance(subject, SpecialSubject)),
    )


# Section 9 of the reference and its vectors C25 to C28; recorded cases 02, 33, 35, 36 where named.
HELD = [
    ("C25 a name binds a local user, not a token's", role(BoundUser(name="alice")), caller(realm=OP), False),
    ("a local user", role(BoundUser(name="alice")), caller(), True),
    ("a name that the registry lacks", role(BoundUser(name="bob")), caller("bob"), False),
    ("C26 a token's user by access id", role(BoundUser(access_id=f"user:{OP}/alice")), caller(realm=OP), True),
    ("the access id wins over the name", role(BoundUser(name="alice", access_id=f"user:{OP}/zoe")), caller(), False),
    ("35 boss-case: exact comparison", role(BoundUser(access_id=f"user:{OP}/alice")), caller("ALICE", OP), False),
    ("35 boss-joined: realm and name apart", role(BoundUser(access_id=f"user:{OP}/alice")), caller("op.example/alice", "https:/"), False),
    ("35 boss-unique: the unique name counts", role(BoundUser(access_id=f"user:{OP}/alice")), caller("x", OP, unique="alice"), True),
    ("a group", role(BoundGroup(name="staff")), caller("bob", "Local", "staff"), True),
    ("a group of that name elsewhere", role(BoundGroup(name="staff")), caller("bob", OP, "staff"), False),
    ("a token's group by access id", role(BoundGroup(access_id=f"group:{OP}/staff")), caller("bob", OP, "x", "staff"), True),
    ("35 staff-case: exact comparison", role(BoundGroup(access_id=f"group:{OP}/staff")), caller("bob", OP, "Staff"), False),
    ("an access id of the other kind", role(BoundGroup(access_id=f"user:{OP}/staff")), caller("bob", OP, "staff"), False),
    ("anybody who has logged in", role(AUTHENTICATED), caller("bob", OP), True),
    ("a role without any holder", role(), caller(), False),
    ("bindings of another role only", role(AUTHENTICATED, name="other"), caller(), False),
]


@pytest.mark.parametrize(("_", "binding", "identity", "held"), HELD, ids=[row[0] for row in HELD])
async def test_a_role_is_held_as_bound(_: str, binding: SecurityRole, identity: Identity, held: bool) -> None:
    """Names bind callers of the local registry, access ids bind those of any realm, each exactly."""
    assert held is (await roles(binding)).hold(identity)


async def test_without_bindings_a_role_is_the_group_of_its_name() -> None:
    """C28: the group counts in any realm; the role ** is anybody, a user of the role's name is nobody."""
    found = await roles(required=("staff",))
    assert found.hold(caller("alice", OP, "staff"))
    assert not found.hold(caller("staff", OP))
    assert (await roles(required=("**",))).hold(caller("x", OP))
    assert not (await roles(required=("R",))).hold(caller("x", OP, "**"))


async def test_one_of_several_required_roles_is_enough() -> None:
    """The bindings of all required roles count, those of others do not."""
    bound = (role(BoundUser(name="alice"), name="B"), role(AUTHENTICATED, name="C"))
    found = await roles(*bound, required=("A", "B"))
    assert found.hold(caller())
    assert not found.hold(caller("bob"))


async def test_everyone_needs_no_login() -> None:
    """C27: a required role that is granted to EVERYONE opens the door; a role that is not required does not."""
    assert (await roles(role(EVERYONE))).everyone
    assert not (await roles(role(EVERYONE, name="other"))).everyone


async def test_a_denial_names_user_application_path_and_roles(caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets Liberty's page, the log says who lacked what."""
    refusal = (await roles(role())).denied(caller("zoe"), request(path="/app/x"))
    assert (refusal.status, refusal.body) == (403, b"Error 403: AuthorizationFailed")
    assert "CWWKS9104A" in caplog.text
    assert all(word in caplog.text for word in ("zoe", "app", "/app/x", "[R]"))


@pytest.mark.parametrize(
    ("binding", "number"), [(BoundUser(name="nobody"), "ZCON0404W"), (BoundGroup(access_id="staff"), "ZCON0403W")], ids=str
)
async def test_a_binding_without_effect_is_announced(binding: object, number: str, caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt name or access id binds nobody and does not do so silently."""
    await roles(role(binding))
    assert number in caplog.text


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("user:Local/alice", ("Local", "alice")),
        ("user:Local/a/b", ("Local", "a/b")),
        (f"user:{OP}/alice", (OP, "alice")),
        (f"user:{OP}/t/alice", (f"{OP}/t", "alice")),
        (f"user:{OP}/u/a/b", (f"{OP}/u", "a/b")),
        (f"user:{OP}/u/v/a/b", (f"{OP}/u/v", "a/b")),
        ("user:Local/", None),
        ("user:alice", None),
        ("group:Local/alice", None),
        ("alice", None),
    ],
)
def test_an_access_id_divides_into_realm_and_name(text: str, pair: tuple[str, str] | None) -> None:
    """A known realm ends where it ends, any other at the last slash."""
    assert pair == split_access_id("user", text, ("Local", f"{OP}/u", f"{OP}/u/v"))


def test_bindings_are_found_by_id() -> None:
    """`authorization-roles` of another id, or none at all, binds nobody."""
    found = AuthorizationRoles(id="zos.connect.access.roles", roles=(role(),))
    configuration = Configuration([found])
    assert found.roles == bindings_of(configuration, "zos.connect.access.roles")
    assert bindings_of(configuration, "other") == ()
