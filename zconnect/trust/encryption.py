"""Encrypted tokens (RFC 7516) with a signed one inside (RFC 7519, section 5.2): opened by joserfc, with algorithms that we choose."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from zconnect.messages import error
from zconnect.trust.compact import MAXIMUM, TOO_LONG, TokenRefused, strict_parts
from zconnect.trust.entries import PrivateKey
from zconnect.trust.token import SHORTEST_RSA

NOT_OPENED = error(
    "CWWKS6056E",
    "The encrypted token cannot be opened: {cause}",
    "Compare the key that the issuer encrypts for with keyManagementKeyAlias, and the algorithms: RSA-OAEP with AES.",
)
NOT_NESTED = error(
    "CWWKS6057E",
    "its cty is {cty} and not JWT, so there is no signed token in it.",
    "Have the issuer sign its tokens and encrypt them then.",
)

# RSA1_5 tells too much about the key; passwords (PBES2) and compression let a token cost what its sender likes.
KEY_ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256")
CONTENT_ALGORITHMS = ("A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512")


def is_encrypted(token: bytes) -> bool:
    """Whether a token has the five parts of an encrypted one (RFC 7516, section 9)."""
    return token.count(b".") == 4


class Decryption:
    """Opens encrypted tokens with one private key; raises ValueError on a key that cannot."""

    def __init__(self, key: PrivateKey) -> None:
        from joserfc.jwe import JWERegistry, decrypt_compact  # only who has encrypted tokens pays for it
        from joserfc.jwk import RSAKey

        if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST_RSA:
            raise ValueError(f"it is no RSA key of {SHORTEST_RSA} bits or more")
        self._key = RSAKey.import_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._registry = JWERegistry(algorithms=[*KEY_ALGORITHMS, *CONTENT_ALGORITHMS], strict_check_header=False)
        self._registry.max_ciphertext_length = MAXIMUM
        self._decrypt = decrypt_compact

    def open(self, token: bytes) -> bytes:
        """The signed token inside, of which nothing is proved yet; raises `TokenRefused`."""
        from joserfc.errors import JoseError

        if len(token) > MAXIMUM:
            raise TokenRefused(TOO_LONG(length=len(token), maximum=MAXIMUM))
        try:
            header = strict_parts(token)
            unknown = next((name for name in ("crit", "zip") if name in header), None)
            if unknown or header.get("alg") not in KEY_ALGORITHMS or header.get("enc") not in CONTENT_ALGORITHMS:
                raise ValueError(f"{unknown or 'its algorithm'} is not accepted.")
            cty = header.get("cty")
            if not isinstance(cty, str) or cty.upper() != "JWT":
                raise ValueError(NOT_NESTED(cty=cty))
            opened = self._decrypt(token, self._key, registry=self._registry).plaintext
        except (JoseError, ValueError) as problem:
            # What went wrong with key and cipher would help who guesses.
            cause = problem if type(problem) is ValueError else "key or content do not fit."
            raise TokenRefused(NOT_OPENED(cause=cause)) from None
        return opened or b""
