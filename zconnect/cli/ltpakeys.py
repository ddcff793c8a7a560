"""`securityUtility createLTPAKeys`: a file of LTPA keys that Liberty and this server can share (ltpa.version 1.0)."""

from pathlib import Path

from zconnect.cli.action import Option
from zconnect.cli.passwordoptions import CONFIG_FILE, opening
from zconnect.cli.task import EXISTS, NO_FOLDER, NO_SERVER, BadArguments, Given, Task, server_of


def run(arguments: Given) -> int:
    """Make the file and print what server.xml needs."""
    if "server" in arguments.options and "file" in arguments.options:
        raise BadArguments("--server and --file exclude each other")
    password = arguments.secret("password")
    if not password:
        raise BadArguments("the password is empty")
    snippet = opening(password, arguments)
    file = Path(arguments.text("file", "ltpa.keys"))
    if "server" in arguments.options:
        instance = server_of(arguments)
        if instance is None:
            return NO_SERVER
        file = instance.place.output_dir / "resources" / "security" / "ltpa.keys"
    return _made(file, password, snippet, named="server" not in arguments.options)


def _made(file: Path, password: str, snippet: str, *, named: bool) -> int:
    from zconnect.trust.generate import save_new
    from zconnect.trust.ltpakeys import made

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_new(file, made(password))
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
