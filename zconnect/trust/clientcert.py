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
    """Verifies chains against trusted certificates, any of which ends one, as in the handshake."""

    def __init__(self, anchors: Sequence[x509.Certificate]) -> None:
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
        ends = min(each.not_valid_after_utc for each in chain).timestamp()
        return Verified(tuple(each.public_bytes(Encoding.DER) for each in chain), begins, ends)


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
