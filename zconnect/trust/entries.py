"""What a key store holds, whatever its format: private keys with their chains, and trusted certificates, by alias."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import Certificate, CertificateRevocationList
from cryptography.x509.oid import NameOID

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
PRIVATE_KEYS = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)


class Unreadable(Exception):
    """A key store cannot be read; the text says why and tells no secret."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A private key with its certificate chain, leaf first; the chain may end below the root."""

    alias: str
    key: PrivateKey = field(repr=False)
    chain: tuple[Certificate, ...]

    @property
    def certificate(self) -> Certificate:
        """The certificate of the key."""
        return self.chain[0]

    @property
    def pem(self) -> bytes:
        """Key and chain, the key unencrypted, as OpenSSL wants them."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + b"".join(each.public_bytes(Encoding.PEM) for each in self.chain)


class Entries(NamedTuple):
    """The contents of a key store, by alias in lower case (as Java compares them), in the order of the file.

    `revoked` are the lists of what its authorities have taken back; only PEM has them.
    """

    keys: Mapping[str, KeyEntry] = MappingProxyType({})
    trusted: Mapping[str, Certificate] = MappingProxyType({})
    revoked: tuple[CertificateRevocationList, ...] = ()

    def certificate(self, alias: str) -> Certificate | None:
        """The certificate of an alias: a trusted one, or that of a private key; None where there is none."""
        entry = self.keys.get(alias.lower())
        return entry.certificate if entry else self.trusted.get(alias.lower())

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """The certificates that a peer's chain may end in; as in Java, those of the own keys are among them."""
        return (*self.trusted.values(), *(entry.certificate for entry in self.keys.values()))


def public_bytes(holder: PrivateKey | Certificate) -> bytes:
    """What tells whether a key and a certificate belong together."""
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def gathered(keys: Iterable[tuple[str, PrivateKey]], certificates: Iterable[tuple[str, Certificate]]) -> Entries:
    """Entries of keys and certificates that came apart: chains are found by public key, subject and issuer.

    What belongs to no chain is trusted; an empty alias becomes the common name. Raises `Unreadable` for a key without
    certificate.
    """
    loose = list(certificates)
    entries: dict[str, KeyEntry] = {}
    for alias, key in keys:
        chain = _chain(alias, key, [certificate for _, certificate in loose])
        name = _free(entries, alias or _common_name(chain[0]))
        entries[name] = KeyEntry(name, key, chain)
    trusted: dict[str, Certificate] = {}
    for alias, certificate in _unchained(loose, entries):
        trusted[_free({**trusted, **entries}, alias or _common_name(certificate))] = certificate
    return Entries(MappingProxyType(entries), MappingProxyType(trusted))


def _unchained(loose: list[tuple[str, Certificate]], entries: Mapping[str, KeyEntry]) -> Iterator[tuple[str, Certificate]]:
    """The certificates that stand for themselves: all but one of each that is in a chain.

    Java writes the certificate of a chain under its subject and once more under an alias where it is trusted as well.
    """
    chained = {certificate for entry in entries.values() for certificate in entry.chain}
    for certificate in {certificate: None for _, certificate in loose}:
        aliases = [alias for alias, each in loose if each == certificate]
        if certificate in chained:
            own = [alias for alias in aliases if alias and "=" not in alias and alias.lower() not in entries]
            aliases = own[1:] if len(own) == len(aliases) else own
        yield from ((alias, certificate) for alias in aliases[:1])


def _chain(alias: str, key: PrivateKey, certificates: list[Certificate]) -> tuple[Certificate, ...]:
    own = public_bytes(key)
    chain = [certificate for certificate in certificates if public_bytes(certificate) == own][:1]
    if not chain:
        raise Unreadable(f"the private key {alias or 'without alias'} has no certificate")
    while chain[-1].issuer != chain[-1].subject:
        above = next((each for each in certificates if each.subject == chain[-1].issuer and each not in chain), None)
        if above is None:
            break
        chain.append(above)
    return tuple(chain)


def _free(taken: Mapping[str, object], alias: str) -> str:
    """The alias in lower case, with a number where another entry has it already."""
    name, number = alias.lower(), 1
    while name in taken:
        number += 1
        name = f"{alias.lower()}-{number}"
    return name


def _common_name(certificate: Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else "certificate"
