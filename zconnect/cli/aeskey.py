"""`securityUtility generateAESKey`: a key for passwords encoded with aes."""

import base64
import secrets
from hashlib import pbkdf2_hmac
from pathlib import Path

from zconnect.cli.action import Option
from zconnect.cli.task import BadArguments, Given, Task
from zconnect.config.passwords import AES_KEY


def run(arguments: Given) -> int:
    """Print the key, or write it as a configuration file."""
    phrase = arguments.text("key")
    raw = pbkdf2_hmac("sha512", phrase.encode(), b"zconnect " + AES_KEY.encode(), 210_000, 32) if phrase else secrets.token_bytes(32)
    key = base64.b64encode(raw).decode()
    if "createConfigFile" not in arguments.options:
        print(key)
        return 0
    path = Path(arguments.text("createConfigFile"))
    try:
        with path.open("x") as file:
            file.write(f'<server>\n    <variable name="{AES_KEY}" value="{key}"/>\n</server>\n')
    except FileExistsError as cause:
        raise BadArguments(f"the file {path} is there already") from cause
    except OSError as cause:
        raise BadArguments(f"the file {path} cannot be written") from cause
    print(f"The key stands in {path}; include it in server.xml, and let nobody else read it.")
    return 0


TASK = Task(
    "generateAESKey",
    "Makes a key for passwords encoded with aes.",
    (),
    (
        Option("--key=TEXT", "Makes the key of a passphrase, the same one each time."),
        Option("--createConfigFile=FILE", "Writes the key as a variable into a new file for <include>, instead of printing it."),
    ),
    run,
)
