"""LTPA version 2 tokens: signed attributes of a caller under AES, as Liberty's single sign-on cookie carries them.

The text is base64 of the encrypted `ATTRIBUTES%EXPIRES%SIGNATURE`, where ATTRIBUTES is `expire:MILLISECONDS$u:ACCESS-ID`
(and what else a server may add) and alone is signed.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cryptography.hazmat.primitives.padding import PKCS7

from zconnect.trust.ltpakeys import LtpaKeys

EXPIRE, USER = "expire", "u"
MAXIMUM = 16 * 1024
_SPECIAL = re.compile(r"[%$:|]")
_BETWEEN = re.compile(r"(?<!\\)\$")
_COLON = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\([%$:|])")
_MILLISECONDS = re.compile(r"[0-9]{1,15}")


class LtpaRefused(Exception):
    """A token is not good; the text says why and quotes nothing of it, because nothing of it is vouched for.

    What came out of a forged one could even tell the key, which is the initialization vector as well.
    """


class LtpaToken(NamedTuple):
    """What a good token says; `expires` is seconds since the epoch."""

    access_id: str
    expires: float
    attributes: Mapping[str, str]


def issued(keys: LtpaKeys, access_id: str, expires: float, further: Mapping[str, str] | None = None) -> bytes:
    """The text of a token for a caller; `expires` is seconds since the epoch."""
    end = str(int(expires * 1000))
    attributes = {**(further or {}), EXPIRE: end, USER: access_id}
    data = "$".join(f"{name}:{_SPECIAL.sub(_with_backslash, value)}" for name, value in sorted(attributes.items()))
    signature = base64.b64encode(keys.sign(data.encode())).decode()
    padder, encryptor = PKCS7(128).padder(), keys.cipher.encryptor()
    padded = padder.update(f"{data}%{end}%{signature}".encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())


def _with_backslash(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def opened(text: bytes, known: Iterable[LtpaKeys], now: float, difference: float = 3) -> LtpaToken:
    """What a token says that one of the known keys has signed; raises `LtpaRefused`.

    `now` is seconds since the epoch; `difference` is how many the unsigned time may be away from the signed one.
    """
    data = _octets(text)
    for keys in known:
        plain = _decrypted(data, keys)
        if plain is not None:
            return _judged(*plain, now, difference)
    raise LtpaRefused("it was not made with the keys of this server, or has been changed")


def _octets(text: bytes) -> bytes:
    """The encrypted token; padding may be left out, and nothing else, so that a token has one spelling."""
    bare = text.rstrip(b"=")
    try:
        data = base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True) if len(text) <= MAXIMUM else b""
    except ValueError:
        data = b""
    if not data or len(data) % 16 or base64.b64encode(data).rstrip(b"=") != bare:
        raise LtpaRefused("it has not the form of a token")
    return data


def _decrypted(data: bytes, keys: LtpaKeys) -> tuple[str, str] | None:
    """The signed attributes and the unsigned time; None where these keys have not signed it."""
    decryptor, unpadder = keys.cipher.decryptor(), PKCS7(128).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    try:
        signed, end, signature = (unpadder.update(padded) + unpadder.finalize()).decode().rsplit("%", 2)
        good = keys.signed(signed.encode(), base64.b64decode(signature, validate=True))
    except ValueError:
        return None
    return (signed, end) if good else None


def _judged(signed: str, end: str, now: float, difference: float) -> LtpaToken:
    attributes: dict[str, str] = {}
    for part in _BETWEEN.split(signed):
        name, *value = _COLON.split(part, maxsplit=1)
        if not value or name in attributes:
            raise LtpaRefused("its attributes are not as they should be")
        attributes[name] = _ESCAPED.sub(r"\1", value[0])
    expires, outside = (_seconds(each) for each in (attributes.get(EXPIRE, ""), end))
    if expires is None:
        raise LtpaRefused("it has no signed time at which it ends")
    if outside is None or abs(outside - expires) > difference:
        raise LtpaRefused("the signed time at which it ends is not the one beside it")
    if now > expires:
        raise LtpaRefused("it has ended")
    return LtpaToken(attributes.get(USER, ""), expires, attributes)


def _seconds(text: str) -> float | None:
    return int(text) / 1000 if _MILLISECONDS.fullmatch(text) else None
