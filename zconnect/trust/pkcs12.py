"""PKCS12 key stores (RFC 7292): read with all their private keys, and written as Java reads them."""

from collections.abc import Iterator

from asn1crypto.pkcs12 import Pfx, SafeContents
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_der_private_key, pkcs12

from zconnect.trust.entries import PRIVATE_KEYS, Entries, KeyEntry, PrivateKey, Unreadable, gathered, public_bytes

ROUNDS = 10_000  # what Java writes; more of them would only slow every start, because the password stands beside the file


def read(data: bytes, password: str, key_password: str | None = None) -> Entries:
    """All entries of a store; raises `Unreadable` on a damaged one or a wrong password."""
    secret = password.encode()
    try:
        store = pkcs12.load_pkcs12(data, secret)  # the integrity code is checked here
        keys = list(_keys(data, (key_password or password).encode()))
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise Unreadable(f"it is damaged, or the password is wrong ({type(problem).__name__})") from None
    certificates = [(_text(each.friendly_name), each.certificate) for each in (store.cert, *store.additional_certs) if each]
    if isinstance(store.key, PRIVATE_KEYS) and public_bytes(store.key) not in {public_bytes(key) for _, key in keys}:
        keys.append((_text(store.cert.friendly_name) if store.cert else "", store.key))  # a key that lay in an encrypted safe
    # A certificate that carries the alias of its key is found by the key; the alias is the key's then.
    return gathered(keys, certificates)


def _keys(data: bytes, password: bytes) -> Iterator[tuple[str, PrivateKey]]:
    """Alias and private key of each bag; the library that reads the rest gives only one of them."""
    for content in Pfx.load(data).authenticated_safe:
        if content["content_type"].native != "data":
            continue
        for bag in SafeContents.load(content["content"].native):
            if bag["bag_id"].native in {"pkcs8_shrouded_key_bag", "key_bag"}:
                shrouded = bag["bag_id"].native == "pkcs8_shrouded_key_bag"
                key = load_der_private_key(bag["bag_value"].untag().dump(), password if shrouded else None)
                if isinstance(key, PRIVATE_KEYS):
                    yield _alias(bag), key


def _alias(bag: object) -> str:
    attributes = bag["bag_attributes"]  # type: ignore[index]  # asn1crypto has no types
    names = [each["values"][0].native for each in attributes or () if each["type"].native == "friendly_name"]
    return str(names[0]) if names else ""


def _text(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "replace")


def written(entry: KeyEntry, password: str) -> bytes:
    """A store with one private key and its chain."""
    sealed = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(entry.alias.encode(), entry.key, entry.certificate, entry.chain[1:], sealed)
