"""`securityUtility tlsProfiler`: which versions of TLS and which cipher suites a port accepts."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from zconnect.cli.action import Option
from zconnect.cli.task import BadArguments, Given, Task

PATIENCE = 5.0  # seconds for one handshake
_VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def run(arguments: Given) -> int:
    """Try every suite with every version, and print a row for each that works."""
    if not {"host", "port"} <= arguments.options.keys():
        raise BadArguments("the options --host and --port are needed")
    host, port = arguments.text("host"), arguments.number("port", 443, 1)
    if not 0 < port < 65536:
        raise BadArguments("the port is a number up to 65535")
    _reachable(host, port)
    rows = [f"{version:8} {suite:32} {verdict}" for version, suite, verdict in _tried(host, port, verbose="verbose" in arguments.options)]
    table = "\n".join(rows) or "No version of TLS that this machine knows is accepted."
    if "file" in arguments.options:
        Path(arguments.text("file")).write_text(f"{table}\n")
    print(table)
    return 0


def _reachable(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except (OSError, OverflowError) as cause:
        raise BadArguments(f"nobody answers on port {port} of {host}") from cause


def _tried(host: str, port: int, *, verbose: bool) -> Iterator[tuple[str, str, str]]:
    for version in _VERSIONS:
        for suite in _suites(version):
            accepted = _handshake(host, port, _only(version, suite))
            if accepted or verbose:
                yield version.name.replace("_", "."), accepted or suite, "accepted" if accepted else "refused"


def _suites(version: ssl.TLSVersion) -> list[str]:
    """The suites to try; those of TLS 1.3 cannot be chosen one by one here, so the version counts as one."""
    if version is ssl.TLSVersion.TLSv1_3:
        return [""]
    context = _open_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    return [each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"]


def _only(version: ssl.TLSVersion, suite: str) -> ssl.SSLContext:
    context = _open_context()
    context.minimum_version = context.maximum_version = version
    if suite:
        context.set_ciphers(f"{suite}:@SECLEVEL=0")
    return context


def _open_context() -> ssl.SSLContext:
    # Whose certificate it is does not matter to the question, and no data is sent.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _handshake(host: str, port: int, context: ssl.SSLContext) -> str:
    """The suite that was agreed on; empty where there was none."""
    try:
        with socket.create_connection((host, port), PATIENCE) as raw, context.wrap_socket(raw, server_hostname=host) as wrapped:
            agreed = wrapped.cipher()
            return agreed[0] if agreed else ""
    except OSError:
        return ""


TASK = Task(
    "tlsProfiler",
    "Shows which versions of TLS and which cipher suites a port accepts.",
    (Option("--host=HOST", "The machine."), Option("--port=PORT", "The port.")),
    (Option("--file=FILE", "Writes the table into a file as well."), Option("--verbose", "Shows what is refused, too.")),
    run,
)
