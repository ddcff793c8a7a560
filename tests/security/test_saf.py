"""The elements of a z/OS server.xml over what stands in for RACF."""

from pathlib import Path

import pytest

from zconnect.config.passwords import encode_hash
from zconnect.roles import Protection
from zconnect.values import Identity

from .door import CERTIFICATE, asked_for, basic, came, opened
from .test_certificate import certificate
from .tokens import ISSUER, SECRET, token

# as in IBM's guidance for z/OS Connect
SERVER = """<server>
    <featureManager><feature>zosSecurity-1.0</feature><feature>appSecurity-2.0</feature></featureManager>
    <webAppSecurity allowFailOverToBasicAuth="true"/>
    <safRegistry id="saf"/>
    <safAuthorization id="saf" racRouteLog="ASIS"/>
    <safCredentials unauthenticatedUser="WSGUEST" profilePrefix="BBGZDFLT" {credentials}/>
    {more}
</server>"""
DATABASE = f"""<server><zconnect_saf realm="PLEX1">
    <user name="ALICE" password="alice-secret"/><user name="bob" password="{encode_hash("bob-secret")}"/>
    <user name="CAROL" password="carol-secret"/><user name="DAVE" password="dave-secret" revoked="true"/>
    <user name="ERIN" password="erin-secret" restricted="true"/><user name="NOPW"/><user name="WSGUEST" restricted="true"/>
    <user name="NOAPPL" password="noappl-secret"/>
    <group name="GMINVOKE"><member name="ALICE"/><member name="bob"/><member name="DAVE"/><member name="CAROL"/></group>
    <group name="GMADMIN"><member name="ALICE"/></group>
    <profile class="APPL" name="bbgzdflt" universalAccess="READ"><permit to="ERIN"/><permit to="NOAPPL" access="NONE"/></profile>
    <profile class="EJBROLE" name="BBGZDFLT.zos.connect.access.roles.zosConnectAccess">
        <permit to="GMINVOKE" access="READ"/><permit to="CAROL" access="NONE"/></profile>
    <profile class="EJBROLE" name="BBGZDFLT.open.*" universalAccess="READ"/>
    <profile class="EJBROLE" name="BBGZDFLT.guest.*"><permit to="WSGUEST"/></profile>
    <racmap user="ALICE" name="uid=alice,ou=people,dc=bank" registry="{ISSUER}"/>
    <racmap user="BOB" name="ou=people,dc=bank" registry="{ISSUER}"/>
    <racmap user="DAVE" name="dave" registry="*"/>
    <racdcert user="ALICE" subject="CN=alice,O=bank"/><racdcert user="BOB" subject="O=bank"/><racdcert user="CAROL" issuer="O=other"/>
</zconnect_saf></server>"""
WHERE = "configDropins/defaults/saf.xml"


def documents(credentials: str = "", more: str = "", database: str = DATABASE) -> dict[str, str]:
    return {"server.xml": SERVER.format(credentials=credentials, more=more), WHERE: database}


def user(found: Identity | int | None) -> object:
    return found.user if isinstance(found, Identity) else found


LOGINS = [
    ("ALICE", "alice-secret", "ALICE"),
    ("alice", "alice-secret", "ALICE"),
    ("ALICE", "ALICE-SECRET", 401),
    ("bob", "bob-secret", "BOB"),
    ("bob", "wrong", 401),
    ("CAROL", "carol-secret", 403),  # her own NONE overrules READ of her group
    ("DAVE", "dave-secret", 401),  # revoked
    ("ERIN", "erin-secret", 403),
    ("NOAPPL", "noappl-secret", 401),  # no READ to the APPL profile
    ("NOPW", "", 401),
    ("NOPW", "x", 401),
    ("WSGUEST", "x", 401),
    ("GMADMIN", "x", 401),
]


@pytest.mark.parametrize(("name", "password", "found"), LOGINS)
async def test_a_server_of_zos_runs_unchanged(tmp_path: Path, name: str, password: str, found: object) -> None:
    """Users by password, roles by EJBROLE profiles, the server by its APPL profile; server.xml has no word of the stand-in."""
    async with opened(tmp_path, documents()) as assembly:
        assert user(await came(assembly, asked_for(), **basic(name, password))) == found


async def test_a_caller_has_the_groups_of_saf(tmp_path: Path) -> None:
    """For the levels of the authorization interceptor; the realm is that of the stand-in unless safRegistry names one."""
    async with opened(tmp_path, documents()) as assembly:
        found = await came(assembly, asked_for(), **basic("alice", "alice-secret"))
        assert isinstance(found, Identity)
        assert (found.access_id, set(found.groups)) == ("user:PLEX1/ALICE", {"GMINVOKE", "GMADMIN"})


async def test_saf_alone_keeps_its_realm(tmp_path: Path) -> None:
    """Its users would be none of SAF under another."""
    realm = '<federatedRepository><primaryRealm name="bank"><participatingBaseEntry name="o=x"/></primaryRealm></federatedRepository>'
    async with opened(tmp_path, documents(more=realm)) as assembly:
        found = await came(assembly, asked_for(), **basic("alice", "alice-secret"))
        assert isinstance(found, Identity)
        assert found.access_id == "user:PLEX1/ALICE"


ROLES = [
    (asked_for("any", "open"), "ERIN", "erin-secret", 403),  # UACC is not for restricted users
    (asked_for("any", "open"), "CAROL", "carol-secret", "CAROL"),
    (asked_for("any", "unknown"), "ALICE", "alice-secret", 403),  # no profile covers it
    (asked_for("zosconnectaccess"), "ALICE", "alice-secret", 403),  # EJBROLE counts letter case
    (asked_for("any", "guest"), "", "", None),  # the unauthenticated user has READ
    (asked_for("any", "open"), "", "", 401),  # and is restricted
]


@pytest.mark.parametrize(("protection", "name", "password", "found"), ROLES)
async def test_roles_are_profiles(tmp_path: Path, protection: Protection, name: str, password: str, found: object) -> None:
    """The most specific one that covers the role decides; where there is none, nobody passes."""
    async with opened(tmp_path, documents()) as assembly:
        assert user(await came(assembly, protection, **(basic(name, password) if name else {}))) == found


async def test_bindings_no_longer_count(tmp_path: Path) -> None:
    """With safAuthorization the role is the profile's alone."""
    more = """<authorization-roles id="zos.connect.access.roles"><security-role name="zosConnectAccess">
        <special-subject type="ALL_AUTHENTICATED_USERS"/></security-role></authorization-roles>"""
    async with opened(tmp_path, documents(more=more)) as assembly:
        assert await came(assembly, asked_for(), **basic("carol", "carol-secret")) == 403


async def test_a_refusal_is_logged_as_racf_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With racRouteLog="ASIS", beside Liberty's own message."""
    async with opened(tmp_path, documents()) as assembly:
        await came(assembly, asked_for(), **basic("carol", "carol-secret"))
    profile = "BBGZDFLT.zos.connect.access.roles.zosConnectAccess"
    assert f"ZCON0499W: ICH408I USER(CAROL) {profile} CL(EJBROLE) INSUFFICIENT ACCESS AUTHORITY" in caplog.text
    assert "CWWKS9104A" in caplog.text


async def test_profiles_are_named_as_the_mapper_says(tmp_path: Path) -> None:
    """safRoleMapper, with # for what would be generic."""
    more = '<safRoleMapper profilePattern="my.%resource%.%role%" toUpperCase="true"/>'
    database = DATABASE.replace("</zconnect_saf>", '<profile class="EJBROLE" name="MY.A#B.R##"><permit to="*"/></profile></zconnect_saf>')
    async with opened(tmp_path, documents(more=more, database=database)) as assembly:
        assert user(await came(assembly, asked_for("r *", "a b"), **basic("alice", "alice-secret"))) == "ALICE"
        assert await came(assembly, asked_for("r *", "a b"), **basic("erin", "erin-secret")) == 403


MAP = 'mapDistributedIdentities="true"'
CLIENT = (
    f'<openidConnectClient id="c" inboundPropagation="required" sharedKey="{SECRET}" issuerIdentifier="{ISSUER}"'
    ' userIdentityToCreateSubject="sub" audiences="ALL_AUDIENCES"/>'
)
IDENTITIES = [
    (MAP, "uid=alice,ou=people,dc=bank", "ALICE", {"GMINVOKE", "GMADMIN"}),
    (MAP, "UID=x, OU=People, DC=bank", "BOB", {"GMINVOKE"}),  # the ending of a DN
    (MAP, "xou=people,dc=bank", None, None),
    (MAP, "dave", None, None),  # stands for a user who is revoked
    (MAP, "ALICE", None, None),  # a token is no user of SAF because of its text
    ("", "uid=alice,ou=people,dc=bank", None, None),
]


@pytest.mark.parametrize(("credentials", "name", "mapped", "groups"), IDENTITIES)
async def test_distributed_identities_stand_for_users(
    tmp_path: Path, credentials: str, name: str, mapped: str | None, groups: set[str] | None
) -> None:
    """RACMAP: the mapped user is asked for, and has his groups; without mapDistributedIdentities nobody is mapped."""
    async with opened(tmp_path, documents(credentials, CLIENT)) as assembly:
        found = await came(assembly, asked_for(), headers=(("Authorization", f"Bearer {token(sub=name, groups=['GMADMIN'])}"),))
        if mapped is None:
            assert found == 403
            return
        assert isinstance(found, Identity)
        assert (found.user, found.mapped_user, set(found.groups)) == (name, mapped, groups)


CERTIFICATES = [
    ((("O", "bank"), ("CN", "alice")), "ALICE"),
    ((("O", "bank"), ("CN", "zoe")), "BOB"),
    ((("CN", "alice"), ("O", "bank")), 403),  # another name: it ends otherwise
    ((("CN", "ALICE"),), 403),
]


@pytest.mark.parametrize(("names", "found"), CERTIFICATES)
async def test_certificates_stand_for_users(tmp_path: Path, names: tuple[tuple[str, str], ...], found: object) -> None:
    """RACDCERT MAP: the rule with the longest name decides."""
    without = {"server.xml": SERVER.format(credentials="", more="").replace('allowFailOverToBasicAuth="true"', ""), WHERE: DATABASE}
    async with opened(tmp_path, without) as assembly:
        assert user(await came(assembly, asked_for(login=CERTIFICATE), certificates=(certificate(*names),))) == found


async def test_without_the_stand_in_nobody_gets_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And the log says what to write, and where."""
    async with opened(tmp_path, {"server.xml": SERVER.format(credentials="", more="")}) as assembly:
        assert await came(assembly, asked_for(), **basic("alice", "alice-secret")) == 401
    assert "ZCON0498E" in caplog.text
