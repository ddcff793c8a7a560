"""`securityUtility encode`: a password as it may stand in server.xml."""

from zconnect.cli.action import Option
from zconnect.cli.passwordoptions import CONFIG_FILE, encoded
from zconnect.cli.task import BadArguments, Given, Task, asked


def run(arguments: Given) -> int:
    """Print the encoded text, one line and nothing else."""
    if "listCustom" in arguments.options:
        print("There is no custom encryption of passwords.")
        return 0
    encoding = arguments.text("encoding", "xor")
    text = arguments.words[0] if arguments.words else asked()
    if text.startswith(("{xor}", "{aes}", "{hash}")):
        raise BadArguments("the text is encoded already")
    # Liberty takes blanks from both ends, unless it is told not to, or hashes or encrypts.
    print(encoded(text if "notrim" in arguments.options else text.strip(), encoding, arguments))
    return 0


TASK = Task(
    "encode",
    "Encodes a text for server.xml. Without a text it asks for it at the terminal, where nobody can look over your shoulder.",
    (),
    (
        Option(
            "--encoding=ENCODING", "xor (which hides and does not protect), aes, aes-128 (for old servers) or hash (for basicRegistry)."
        ),
        Option("--key=TEXT", "The passphrase for aes; the server needs it as the variable wlp.password.encryption.key."),
        Option("--base64Key=KEY", "The key for aes, 32 bytes in Base64; the server needs it as the variable wlp.aes.encryption.key."),
        CONFIG_FILE,
        Option("--listCustom", "Shows other ways of encryption, of which there are none."),
        Option("--notrim", "Keeps blanks at both ends of the text."),
    ),
    run,
    words="[text]",
)
