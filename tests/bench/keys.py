"""What the benchmark needs to exist: keys, a key set, tokens good and forged, and a TLS certificate, made once in a folder."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

ISSUER, AUDIENCE, KEY_ID, PASSWORD = "https://issuer.bench.test", "bench-api", "bench-rsa-1", "bench-only"
TOKENS = 16_000  # of each kind; every one is used once a round at the most
VALID = timedelta(days=30)


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode()


def _token(key: rsa.RSAPrivateKey, number: int) -> bytes:
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"USER{number:06}",
        "iat": now,
        "exp": now + int(VALID.total_seconds()),
        "groups": ["CICSUSR", "PAYROLL", "zosConnectAccess", "zosConnectOperations"],
    }
    text = b".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return text + b"." + _b64(key.sign(text, padding.PKCS1v15(), hashes.SHA256()))


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    sealed = serialization.BestAvailableEncryption(PASSWORD.encode())
    folder.mkdir()
    (folder / "ca.pem").write_bytes(pem)
    (folder / "server-ec.pem").write_bytes(pem)
    (folder / "server-ec.key").write_bytes(key.private_bytes(*plain))
    (folder / "server-ec.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"server", key, certificate, None, sealed))
    (folder / "trust.p12").write_bytes(pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(certificate, b"ca")], sealed))


def make(folder: Path) -> None:
    """Fill an empty folder: env.sh, jwks.json, tokens/{hot,good,badsig}.txt, tls/."""
    trusted, stranger = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    numbers = trusted.public_key().public_numbers()
    key = {"kty": "RSA", "kid": KEY_ID, "use": "sig", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
    (folder / "jwks.json").write_text(json.dumps({"keys": [key]}))
    (folder / "env.sh").write_text(f"ISS='{ISSUER}'\nAUD='{AUDIENCE}'\nKID='{KEY_ID}'\nSTORE_PASSWORD='{PASSWORD}'\n")
    tokens = folder / "tokens"
    tokens.mkdir()
    (tokens / "hot.txt").write_bytes(_token(trusted, 0) + b"\n")
    for kind, signer in (("good", trusted), ("badsig", stranger)):
        (tokens / f"{kind}.txt").write_bytes(b"\n".join(_token(signer, number) for number in range(1, TOKENS + 1)) + b"\n")
    _certificate(folder / "tls")
