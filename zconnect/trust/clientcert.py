"""A client certificate that a proxy passes on: taken apart, and verified again as a handshake of our own would have done."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

LONGEST = 16_384  # bytes of base64 for one certificate; those in use have about 2,000
MOST = 8  # certificates between a caller's and the one that is trusted
REMEMBERED = 256  # callers whose certificates need no second look
_BASE64 = re.compile(rb":([A-Za-z0-9+/]+={0,2}):|([A-Za-z0-9+/]+={0,2})")


class Unbelieved(Exception):
    """A certificate is none, or is not trusted; the text says why."""


class Verified(NamedTuple):
    """The chain of a caller in DER, leaf first, and when the first of its certificates begins and ends, in seconds since the epoch."""

    chain: tuple[bytes, ...]
    begins: float
    ends: float


class Verifier:
    """Verifies chains against trusted certificates, any of which ends one, and against revocation lists, as in the handshake."""

    def __init__(self, anchors: Sequence[x509.Certificate], revoked: Sequence[x509.CertificateRevocationList] = ()) -> None:
        self._revoked = revoked
        self._store = Store(list(anchors)) if anchors else None
        self._known: dict[tuple[bytes, ...], Verified] = {}

    def verified(self, fields: Sequence[bytes], now: float) -> tuple[bytes, ...]:
        """The chain behind fields that each hold one certificate, the caller's first; raises `Unbelieved`."""
        key = tuple(fields)
        known = self._known.get(key)
        if known is None or not known.begins <= now < known.ends:
            known = self._verified(key, now)
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = known
        return known.chain

    def _verified(self, fields: tuple[bytes, ...], now: float) -> Verified:
        leaf, *between = (_certificate(field) for field in fields)
        if len(between) > MOST:
            raise Unbelieved(f"there are more than {MOST} certificates behind it")
        if self._store is None:
            raise Unbelieved("there is nobody to trust")
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(datetime.fromtimestamp(now, UTC))
            .extension_policies(ca_policy=_authorities(), ee_policy=_callers())
            .build_client_verifier()
        )
        try:
            chain = verifier.verify(leaf, between).chain
        except (VerificationError, ValueError) as problem:
            raise Unbelieved(str(problem)) from None
        begins = max(each.not_valid_before_utc for each in chain).timestamp()
        ends = min(self._list_ends(leaf, chain[min(1, len(chain) - 1)], now), *(each.not_valid_after_utc.timestamp() for each in chain))
        return Verified(tuple(each.public_bytes(Encoding.DER) for each in chain), begins, ends)

    def _list_ends(self, leaf: x509.Certificate, issuer: x509.Certificate, now: float) -> float:
        """When the revocation lists that do not have a certificate end; raises `Unbelieved` where one has it, or there is none."""
        if not self._revoked:
            return float("inf")
        lists = [each for each in self._revoked if _is_of(each, leaf, issuer)]
        if any(each.get_revoked_certificate_by_serial_number(leaf.serial_number) for each in lists):
            raise Unbelieved("it is revoked")
        ends = [each.next_update_utc.timestamp() if each.next_update_utc else float("inf") for each in lists]
        if max(ends, default=0) <= now:
            raise Unbelieved("there is no valid revocation list of its authority")
        return max(ends)


def _is_of(revoked: x509.CertificateRevocationList, leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    """A revocation list is for a certificate, and for all of its authority (without critical extensions that narrow it)."""
    if revoked.issuer != leaf.issuer or any(each.critical for each in revoked.extensions):
        return False
    try:
        return bool(revoked.is_signature_valid(issuer.public_key()))  # type: ignore[arg-type]  # any key of an authority
    except (TypeError, ValueError):
        return False


def _certificate(field: bytes) -> x509.Certificate:
    """A certificate as RFC 9440 writes it (base64 of its DER between colons), or without the colons as plug-ins do."""
    found = _BASE64.fullmatch(field) if len(field) <= LONGEST else None
    if found is None:
        raise Unbelieved("it is no base64 between colons")
    try:
        return x509.load_der_x509_certificate(base64.b64decode(found[1] or found[2], validate=True))
    except (ValueError, binascii.Error):
        raise Unbelieved("it is no certificate") from None


def _authorities() -> ExtensionPolicy:
    """What OpenSSL asks of an authority."""
    any_more = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    return any_more.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs).may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients
    )


def _callers() -> ExtensionPolicy:
    """What OpenSSL asks of a client."""
    any_more = ExtensionPolicy.permit_all().may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _agrees)
    return any_more.may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients)


def _signs(policy: Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("the key of an authority is not for signing certificates")


def _agrees(policy: Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not (usage.digital_signature or usage.key_agreement):
        raise ValueError("its key is not for signing a handshake")


def _for_clients(policy: Policy, certificate: x509.Certificate, usages: x509.ExtendedKeyUsage | None) -> None:
    wanted = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if usages is not None and wanted.isdisjoint(usages):
        raise ValueError("it is not for clients")
