"""`securityUtility createLTPAKeys`: a file of LTPA keys that Liberty and this server can share (ltpa.version 1.0)."""

import base64
import hashlib
import secrets
import socket
import time
from pathlib import Path

from zconnect.cli.action import Option
from zconnect.cli.passwordoptions import CONFIG_FILE, encoded
from zconnect.cli.task import EXISTS, NO_FOLDER, NO_SERVER, BadArguments, Given, Task, server_of

_BITS = 1024  # what the file format has room for; the shared key, not this one, protects LTPA version 2 tokens
_EXPONENT = 65537


def run(arguments: Given) -> int:
    """Make the file and print what server.xml needs."""
    if "server" in arguments.options and "file" in arguments.options:
        raise BadArguments("--server and --file exclude each other")
    password = arguments.secret("password")
    if not password:
        raise BadArguments("the password is empty")
    snippet = encoded(password, arguments.text("passwordEncoding", "xor"), arguments, "passwordKey", "passwordBase64Key")
    file = Path(arguments.text("file", "ltpa.keys"))
    if "server" in arguments.options:
        instance = server_of(arguments)
        if instance is None:
            return NO_SERVER
        file = instance.place.output_dir / "resources" / "security" / "ltpa.keys"
    return _made(file, password, snippet, named="server" not in arguments.options)


def _made(file: Path, password: str, snippet: str, *, named: bool) -> int:
    from zconnect.trust.generate import save_new

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_new(file, content(password).encode("latin-1"))
    except FileExistsError:
        print(f"The file {file} is there already; remove it first.")
        return EXISTS
    except OSError as cause:
        print(f"The file {file} cannot be written: {cause.strerror}.")
        return NO_FOLDER
    where = f' keysFileName="{file}"' if named else ""
    print(f"The LTPA keys stand in {file}.\nAdd this line to server.xml to use them:\n")
    print(f'    <ltpa{where} keysPassword="{snippet}"/>')
    return 0


def content(password: str) -> str:
    """The text of a new file of keys, as java.util.Properties writes it."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(_EXPONENT, _BITS).private_numbers()
    modulus, private = (_signed(number) for number in (key.public_numbers.n, key.d))
    exponent = _EXPONENT.to_bytes(3, "big")
    parts = (len(private).to_bytes(4, "big"), private, exponent, key.p.to_bytes(65, "big"), key.q.to_bytes(65, "big"))
    now = time.strftime("%a %b %d %H:%M:%S %Z %Y")
    lines = {
        "com.ibm.websphere.CreationDate": now,
        "com.ibm.websphere.CreationHost": socket.gethostname() or "localhost",
        "com.ibm.websphere.ltpa.version": "1.0",
        "com.ibm.websphere.ltpa.Realm": "defaultRealm",
        "com.ibm.websphere.ltpa.3DESKey": _sealed(secrets.token_bytes(24), password),
        "com.ibm.websphere.ltpa.PrivateKey": _sealed(b"".join(parts), password),
        "com.ibm.websphere.ltpa.PublicKey": base64.b64encode(modulus + exponent).decode(),
    }
    escaped = (f"{name}={value.replace('=', chr(92) + '=').replace(':', chr(92) + ':')}" for name, value in lines.items())
    return "\n".join([f"#{now}", *escaped, ""])


def _signed(number: int) -> bytes:
    """A whole number as Java writes it: a byte more where the first bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _sealed(data: bytes, password: str) -> str:
    """Triple DES in ECB under the SHA-1 of the password: what the format demands, and no more than a lock on a drawer."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    padder = PKCS7(64).padder()
    encryptor = Cipher(TripleDES(hashlib.sha1(password.encode()).digest() + bytes(4)), modes.ECB()).encryptor()
    padded = padder.update(data) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


TASK = Task(
    "createLTPAKeys",
    "Makes a file of LTPA keys, for servers that share their logins.",
    (Option("--password=PASSWORD", "Protects the file; it is asked for where no value is given."),),
    (
        Option("--server=NAME", "The server, whose resources/security/ltpa.keys it becomes."),
        Option("--file=FILE", "Another file. ltpa.keys in the current folder."),
        Option("--passwordEncoding=ENCODING", "How the password is written in server.xml: xor or aes. xor."),
        Option("--passwordKey=TEXT", "The passphrase for aes."),
        Option("--passwordBase64Key=KEY", "The key for aes, 32 bytes in Base64."),
        CONFIG_FILE,
    ),
    run,
)
