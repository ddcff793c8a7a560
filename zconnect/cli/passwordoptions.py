"""The options by which tasks encode a password, and the encoding itself."""

import base64
import binascii
import re
from pathlib import Path
from typing import Final

from zconnect.cli.action import Option
from zconnect.cli.task import BadArguments, Given
from zconnect.config.passwords import AES_KEY, KEY, encode_aes, encode_aes_128, encode_hash, encode_xor
from zconnect.config.properties import parse_properties

CONFIG_FILE = Option("--aesConfigFile=FILE", f"A properties or XML file with the variable {KEY} or {AES_KEY}.")
_IN_XML = re.compile(r"""<variable\s[^>]*name\s*=\s*["'](?P<name>[^"']+)["'][^>]*\svalue\s*=\s*["'](?P<value>[^"']*)["']""")
_ENCODINGS: Final = ("xor", "aes", "aes-128", "aes-256", "hash")


def encoded(text: str, encoding: str, arguments: Given, key: str = "key", base64_key: str = "base64Key") -> str:
    """A text in one of the encodings of server.xml; `key` and `base64_key` are the names of the options for AES."""
    if encoding not in _ENCODINGS:
        raise BadArguments(f"the encoding {encoding} is not known; there are {', '.join(_ENCODINGS)}")
    if encoding == "xor":
        return encode_xor(text)
    if encoding == "hash":
        return encode_hash(text)
    passphrase, raw = _keys(arguments, key, base64_key)
    if encoding == "aes-128":
        if not passphrase:
            raise BadArguments(f"aes-128 needs the option --{key}")
        return encode_aes_128(text, passphrase)
    return encode_aes(text, passphrase or None, raw or None)


def opening(password: str, arguments: Given) -> str:
    """The password of a file that the server has to open, as the options of the tasks that make such files want it encoded."""
    encoding = arguments.text("passwordEncoding", "xor")
    if encoding == "hash":
        raise BadArguments("a hashed password opens no file; use xor or aes")
    return encoded(password, encoding, arguments, "passwordKey", "passwordBase64Key")


def _keys(arguments: Given, key: str, base64_key: str) -> tuple[str, str]:
    """The passphrase or the key, of which there must be one; raises `BadArguments`."""
    passphrase, raw = arguments.text(key), arguments.text(base64_key)
    if "aesConfigFile" in arguments.options:
        found = _from_file(Path(arguments.text("aesConfigFile")))
        passphrase, raw = passphrase or found.get(KEY, ""), raw or found.get(AES_KEY, "")
    if bool(passphrase) == bool(raw):
        raise BadArguments(f"aes needs exactly one of --{key}, --{base64_key} and --aesConfigFile with one key in it")
    if raw and not _is_key(raw):
        raise BadArguments("the key is not the Base64 of 32 bytes")
    return passphrase, raw


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except binascii.Error:
        return False


def _from_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as cause:
        raise BadArguments(f"the file {path} cannot be read") from cause
    if text.lstrip().startswith("<"):
        return {found["name"]: found["value"] for found in _IN_XML.finditer(text)}
    return parse_properties(text)
