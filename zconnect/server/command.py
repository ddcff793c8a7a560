"""The client's side of the command channel: how one process asks a running server to do something.

A client sends UUID#COMMAND#DATA to the loopback port that `.sCommand` names. The server creates a challenge file and
sends its name; the client deletes the file, which proves that it may write there, and sends the name back. The server
does what it was asked and answers UUID#CODE.
"""

import socket

from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.server.instance import Instance

NO_ANSWER = error(
    "ZCON0851E",
    "The server {name} does not answer on its command port: {cause}.",
    "See whether the process is alive and not stopped; a server that hangs is ended with kill.",
)
FORBIDDEN = error(
    "ZCON0852E",
    "The command {command} was not sent because {file} cannot be deleted.",
    "Run the command as the user who runs the server, or as one who may write to its workarea.",
)

NO_TARGET = ","  # the data of a --target without an id: nobody, where no data at all means everybody
PATIENCE = 60.0  # seconds; longer than the 30 that a stop may take


def ask(instance: Instance, command: str, data: str = "") -> int:
    """The code that the server answers with, 0 on success; raises `Unavailable` where there is no answer."""
    try:
        uuid, _, port = instance.command_file.read_text().strip().rpartition(":")
        with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as line, line.makefile("rw", newline="\n") as file:
            file.write("#".join((uuid, command, *filter(None, [data]))) + "\n")
            file.flush()
            challenge = file.readline().strip()
            _meet(instance, command, challenge)
            file.write(challenge + "\n")
            file.flush()
            answered, _, code = file.readline().strip().partition("#")
    except (OSError, ValueError) as cause:
        raise Unavailable(NO_ANSWER(name=instance.name, cause=cause)) from cause
    if answered != uuid:
        raise Unavailable(NO_ANSWER(name=instance.name, cause="it is not the server that .sCommand speaks of"))
    return int(code or 0)


def _meet(instance: Instance, command: str, challenge: str) -> None:
    # The name comes from the other side; it may only be a file of this one folder.
    if not challenge.isalnum():
        raise ValueError("the challenge has a wrong form")
    file = instance.challenges / challenge
    try:
        file.unlink()
    except OSError as cause:
        raise Unavailable(FORBIDDEN(command=command, file=file)) from cause
