"""Client certificates."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zconnect.config.passwords import Password
from zconnect.security.authcache import LoginCache
from zconnect.security.certificate import ClientCertificate, common_name
from zconnect.security.registry import BasicRegistry, Member, RegistryGroup, RegistryUser

from .support import NOW, assembly, request

KEY = ec.generate_private_key(ec.SECP256R1())
OIDS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}
OIDS |= {"DC": NameOID.DOMAIN_COMPONENT, "UID": NameOID.USER_ID}


def certificate(*names: tuple[str, str], until: float = NOW + 3600) -> bytes:
    """A certificate whose subject has these names, in the order in which DER holds them."""
    subject = x509.Name([x509.NameAttribute(OIDS[kind], value) for kind, value in names])
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime.fromtimestamp(until, UTC))
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


REGISTRY = BasicRegistry(
    realm="Local",
    users=(RegistryUser(name="alice", password=Password("a")), RegistryUser(name="bob", password=Password("b"))),
    groups=(RegistryGroup(name="staff", members=(Member(name="alice"),)),),
)

# recorded case 70
SUBJECTS = [
    ([("CN", "alice")], "alice"),
    ([("O", "x"), ("CN", "bob")], "bob"),
    ([("CN", "bob"), ("O", "x")], "bob"),
    ([("CN", "bob"), ("CN", "alice")], "alice"),
    ([("O", "x"), ("CN", "bob"), ("OU", "alice")], "bob"),
    ([("CN", "ALICE")], None),
    ([("CN", "zoe")], None),
    ([("O", "alice")], None),
    ([("CN", "alice,O=x")], None),
    ([("CN", " alice")], None),
]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("names", "user"), SUBJECTS, ids=str)
async def test_the_common_name_is_the_user(names: list[tuple[str, str]], user: str | None, cached: bool) -> None:
    """The CN is compared exactly; of two the one that is written first counts (which DER holds last)."""
    async with assembly(REGISTRY) as opened:
        authenticator = ClientCertificate(await REGISTRY.open(opened), LoginCache(10, 60) if cached else None)
        asked = request(certificates=(certificate(*names),))
        for identity in (await authenticator.identify(asked), await authenticator.identify(asked)):
            assert user == (identity and identity.user)
            if identity is not None:
                assert (identity.realm, identity.mechanism) == ("Local", "CLIENT_CERT")
                assert (user == "alice") is ("staff" in identity.groups)


async def test_without_a_certificate_nobody_is_there() -> None:
    """Headers that claim to carry a certificate are never read (N-1701)."""
    async with assembly() as opened:
        authenticator = ClientCertificate(await REGISTRY.open(opened), None)
        assert await authenticator.identify(request(headers=(("$WSCC", "x"), ("X-Client-Cert", "y")))) is None


async def test_a_connection_does_not_outlive_its_certificate() -> None:
    """A certificate that was good in the handshake ends with its date, in the cache, too."""
    leaf = certificate(("CN", "alice"), until=NOW + 10)
    async with assembly() as opened:
        authenticator = ClientCertificate(await REGISTRY.open(opened), LoginCache(10, 3600))
        assert await authenticator.identify(request(certificates=(leaf,), arrived=NOW + 9)) is not None
        assert await authenticator.identify(request(certificates=(leaf,), arrived=NOW + 11)) is None


async def test_the_registry_can_refuse_to_map(caplog: pytest.LogCaptureFixture) -> None:
    """Recorded case 74: certificateMapMode NOT_SUPPORTED maps nobody and says so."""
    settings = BasicRegistry(users=REGISTRY.users, certificate_map_mode="NOT_SUPPORTED")
    async with assembly() as opened:
        authenticator = ClientCertificate(await settings.open(opened), None)
        assert await authenticator.identify(request(certificates=(certificate(("CN", "alice")),))) is None
    assert "CWWKS3113W" in caplog.text


def test_a_subject_without_a_common_name_has_none() -> None:
    """An empty subject is none, either."""
    assert common_name(certificate()) is None
