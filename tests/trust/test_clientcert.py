"""Client certificates that a proxy passes on are verified as a handshake would have done."""

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.trust.support import ec_key, name
from zconnect.trust.clientcert import LONGEST, MOST, Unbelieved, Verifier

NOW = time.time()
DAY = timedelta(days=1)
CA = x509.BasicConstraints(ca=True, path_length=None)
SIGNS = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
ENCRYPTS = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
HANDSHAKES = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
SERVER, CLIENT, ANY = (
    x509.ExtendedKeyUsage([usage])
    for usage in (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
)
STRANGE = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"x")
ELSEWHERE = x509.NameConstraints([x509.DNSName("example.com")], None)
NAMED = x509.SubjectAlternativeName([x509.DNSName("alice.test")])


def made(
    subject: str, issuer: str, *extensions: x509.ExtensionType, begins: timedelta = -DAY, ends: timedelta = DAY, key: str = ""
) -> x509.Certificate:
    """A certificate of `subject`, whose key has that name (or `key`), signed with the key of `issuer`."""
    now = datetime.fromtimestamp(NOW, UTC)
    builder = x509.CertificateBuilder(name(issuer), name(subject), ec_key(key or subject).public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now + begins).not_valid_after(now + ends)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(ec_key(issuer), hashes.SHA256())


def told(certificate: x509.Certificate) -> bytes:
    """As RFC 9440 writes it."""
    return b":" + base64.b64encode(certificate.public_bytes(Encoding.DER)) + b":"


ROOT = made("root", "root", CA, SIGNS)
BETWEEN = made("between", "root", CA, SIGNS)
ALICE = made("alice", "between", HANDSHAKES, CLIENT)
GOOD = {
    "a chain": (ROOT, [ALICE, BETWEEN]),
    "a chain with its root": (ROOT, [ALICE, BETWEEN, ROOT]),
    "a trusted authority below the root": (BETWEEN, [ALICE]),
    "trusted itself": (ALICE, [ALICE]),
    "no extensions": (ROOT, [made("alice", "root")]),
    "for any use": (ROOT, [made("alice", "root", ANY)]),
}
BAD = {
    "another authority": (made("other", "other", CA, SIGNS), [ALICE, BETWEEN], "candidates"),
    "another authority of that name": (made("root", "root", CA, key="elsewhere"), [made("alice", "root")], "candidates|signature"),
    "a gap in the chain": (ROOT, [ALICE], "candidates"),
    "expired": (ROOT, [made("alice", "root", ends=-DAY / 2)], "not valid at"),
    "not yet valid": (ROOT, [made("alice", "root", begins=DAY / 2)], "not valid at"),
    "the authority expired": (made("root", "root", CA, ends=-DAY / 2), [made("alice", "root")], "not valid at"),
    "for servers": (ROOT, [made("alice", "root", SERVER)], "not for clients"),
    "trusted, but for servers": (made("alice", "alice", SERVER), [made("alice", "alice", SERVER)], "candidates|not for clients"),
    "for encryption": (ROOT, [made("alice", "root", ENCRYPTS)], "signing a handshake"),
    "signed by a caller": (ROOT, [made("mallory", "alice"), made("alice", "root")], "basicConstraints"),
    "signed with a key for other things": (
        ROOT,
        [made("alice", "between"), made("between", "root", CA, HANDSHAKES)],
        "signing certificates",
    ),
    "authority for servers": (ROOT, [made("alice", "between"), made("between", "root", CA, SERVER)], "not for clients"),
    "a critical extension": (ROOT, [made("alice", "root", STRANGE)], "critical"),
    "a name that its authority may not give": (
        ROOT,
        [made("alice", "between", NAMED), made("between", "root", CA, ELSEWHERE)],
        "constraints",
    ),
    "a path too long": (
        ROOT,
        [made("alice", "lower"), made("lower", "between", CA), made("between", "root", x509.BasicConstraints(ca=True, path_length=0))],
        "path length",
    ),
    "too many": (ROOT, [ALICE, *[BETWEEN] * (MOST + 1)], "more than"),
}


@pytest.mark.parametrize(("anchor", "chain"), GOOD.values(), ids=GOOD.keys())
def test_a_good_chain_is_believed(anchor: x509.Certificate, chain: list[x509.Certificate]) -> None:
    """Any trusted certificate ends one; the second look is from memory and the same."""
    verifier = Verifier([anchor])
    for _ in range(2):
        found = verifier.verified([told(each) for each in chain], NOW)
        assert found[0] == chain[0].public_bytes(Encoding.DER)
        assert found[-1] == anchor.public_bytes(Encoding.DER)


@pytest.mark.parametrize(("anchor", "chain", "why"), BAD.values(), ids=BAD.keys())
def test_a_bad_chain_is_not(anchor: x509.Certificate, chain: list[x509.Certificate], why: str) -> None:
    """Each for its own reason."""
    with pytest.raises(Unbelieved, match=why):
        Verifier([anchor]).verified([told(each) for each in chain], NOW)


GARBAGE = {
    "nothing": b"",
    "colons": b"::",
    "one colon": told(ALICE)[:-1],
    "a blank": told(ALICE)[:20] + b" " + told(ALICE)[20:],
    "a parameter": told(ALICE) + b";a=1",
    "base64url": b":" + base64.urlsafe_b64encode(b"\xff" * 60) + b":",
    "no certificate": b":" + base64.b64encode(b"no certificate") + b":",
    "half a certificate": told(ALICE)[:200] + b":",
    "something behind it": b":" + base64.b64encode(ALICE.public_bytes(Encoding.DER) + b"x") + b":",
    "PEM": base64.b64encode(ALICE.public_bytes(Encoding.PEM)),
    "a name": b"CN=alice",
    "too long": b":" + b"A" * LONGEST + b":",
}


@pytest.mark.parametrize("field", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_certificate(field: bytes) -> None:
    """It is no reason for anything but a refusal."""
    with pytest.raises(Unbelieved):
        Verifier([ROOT, BETWEEN]).verified([field], NOW)
    with pytest.raises(Unbelieved):
        Verifier([ROOT]).verified([told(ALICE), field], NOW)


def test_plug_ins_write_no_colons() -> None:
    """$WSCC is bare base64."""
    assert Verifier([BETWEEN]).verified([told(ALICE)[1:-1]], NOW)


def test_who_trusts_nobody_believes_nobody() -> None:
    """An endpoint without a trust store."""
    with pytest.raises(Unbelieved, match="nobody to trust"):
        Verifier([]).verified([told(ALICE)], NOW)


def test_what_was_good_ends_with_its_dates() -> None:
    """The memory of a good chain is no longer than the chain; a full one forgets its oldest."""
    verifier = Verifier([ROOT])
    fields = [told(ALICE), told(BETWEEN)]
    assert verifier.verified(fields, NOW)
    with pytest.raises(Unbelieved):
        verifier.verified(fields, NOW + 2 * DAY.total_seconds())
    for number in range(300):
        verifier.verified([*fields, told(made(f"more{number % 3}", "root", CA))], NOW)
    assert verifier.verified(fields, NOW)
