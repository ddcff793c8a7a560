"""`securityUtility createSSLCertificate`: a key store with a self-signed certificate for a server."""

import socket
from datetime import timedelta
from pathlib import Path

from zconnect.cli.action import Option
from zconnect.cli.passwordoptions import CONFIG_FILE, opening
from zconnect.cli.task import EXISTS, NO_CLIENT, NO_FOLDER, NO_SERVER, BadArguments, Given, Task, server_of

SHORTEST, LEAST_DAYS, LEAST_BITS = 6, 365, 2048
_SNIPPET = """
    <featureManager>
        <feature>transportSecurity-1.0</feature>
    </featureManager>

    <keyStore id="defaultKeyStore" password="{password}"/>
"""


def run(arguments: Given) -> int:
    """Make the store and print what server.xml needs."""
    if ("server" in arguments.options) == ("client" in arguments.options):
        raise BadArguments("exactly one of --server and --client is needed")
    if "client" in arguments.options:
        print("There are no clients: this product is a server alone.")
        return NO_CLIENT
    password = arguments.secret("password")
    if arguments.text("keyType", "PKCS12") != "PKCS12":
        raise BadArguments("the only keyType is PKCS12; JKS is read by the server, and no longer made")
    instance = server_of(arguments)
    if instance is None:
        return NO_SERVER
    file = instance.place.output_dir / "resources" / "security" / "key.p12"
    if file.exists():
        print(f"The key store {file} is there already; remove it first.")
        return EXISTS
    return _made(arguments, file, password, instance.name)


def _made(arguments: Given, file: Path, password: str, server: str) -> int:
    from zconnect.trust.generate import save_new

    print(f"Creating the key store {file}.", flush=True)
    if len(password) < SHORTEST:
        raise BadArguments(f"the password has fewer than {SHORTEST} characters")
    snippet = opening(password, arguments)
    subject = arguments.text("subject", f"CN={socket.gethostname().lower() or 'localhost'},OU={server}")
    data = _store(arguments, subject, password)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_new(file, data)
    except OSError as cause:
        print(f"The key store {file} cannot be written: {cause.strerror}.")
        return NO_FOLDER
    print(f"\nCreated a certificate for the server {server} with the subject {subject}.\n")
    _tell(arguments, _SNIPPET.format(password=snippet))
    return 0


def _store(arguments: Given, subject: str, password: str) -> bytes:
    from cryptography.x509 import Name

    from zconnect.trust.generate import self_signed
    from zconnect.trust.pkcs12 import written

    days = arguments.number("validity", LEAST_DAYS, LEAST_DAYS)
    bits = arguments.number("keySize", LEAST_BITS, LEAST_BITS)
    if arguments.text("sigAlg", "SHA256withRSA") != "SHA256withRSA":
        raise BadArguments("the only sigAlg is SHA256withRSA")
    try:
        name = Name.from_rfc4514_string(subject)
    except ValueError as cause:
        raise BadArguments(f"the subject {subject} is no distinguished name") from cause
    names = (socket.gethostname().lower() or "localhost", "localhost", "127.0.0.1", *_alternatives(arguments))
    return written(self_signed(name, names, valid=timedelta(days=days), rsa_bits=bits), password)


def _alternatives(arguments: Given) -> list[str]:
    """`--extInfo=SAN=DNS:a.test,IP:10.0.0.1`."""
    text = arguments.text("extInfo")
    if text and not text.upper().startswith("SAN="):
        raise BadArguments("the only extInfo is SAN=DNS:name or SAN=IP:address")
    pairs = (part.partition(":") for part in text[4:].split(",") if part)
    return [value for _, _, value in pairs]


def _tell(arguments: Given, snippet: str) -> None:
    if "createConfigFile" in arguments.options:
        path = Path(arguments.text("createConfigFile"))
        path.write_text(f"<server>\n{snippet}\n</server>\n")
        print("Add this line to server.xml to use it:\n")
        print(f'    <include location="{path}"/>')
    else:
        print("Add these lines to server.xml to use it:")
        print(snippet)


TASK = Task(
    "createSSLCertificate",
    "Makes a key store with a self-signed certificate for a server.",
    (
        Option("--server=NAME", "The server, whose resources/security/key.p12 it becomes."),
        Option("--password=PASSWORD", "The password of the key store, 6 characters or more; it is asked for where no value is given."),
    ),
    (
        Option("--client=NAME", "Known for the sake of scripts; there are no clients."),
        Option("--validity=DAYS", "How long the certificate is valid, 365 days or more. 365."),
        Option("--subject=DN", "The distinguished name. CN=HOST,OU=SERVER."),
        Option("--passwordEncoding=ENCODING", "How the password is written in server.xml: xor or aes. xor."),
        Option("--passwordKey=TEXT", "The passphrase for aes."),
        Option("--passwordBase64Key=KEY", "The key for aes, 32 bytes in Base64."),
        CONFIG_FILE,
        Option("--createConfigFile=FILE", "Writes the lines for server.xml into a file for <include>."),
        Option("--keySize=BITS", "The size of the RSA key. 2048."),
        Option("--sigAlg=ALGORITHM", "SHA256withRSA."),
        Option("--keyType=TYPE", "PKCS12."),
        Option("--extInfo=SAN=DNS:NAME", "More names for the certificate."),
    ),
    run,
)
