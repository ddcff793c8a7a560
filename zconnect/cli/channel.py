"""How the commands reach a running server, and what they say when its command port is off."""

from zconnect.cli.action import Exit, Failure
from zconnect.errors import Unavailable
from zconnect.messages import Told
from zconnect.server.command import ask
from zconnect.server.instance import Instance

COMMAND_PORT = "command.port"


def port(instance: Instance) -> int:
    """The command port as bootstrap.properties has it: 0 for any, -1 for none."""
    try:
        return int(instance.properties().get(COMMAND_PORT, "0"))
    except (Unavailable, ValueError):
        return 0


def lost(instance: Instance) -> bool:
    """Whether the server should have a command port, but the file that names it is gone."""
    return not instance.command_file.exists() and port(instance) != -1


def sent(instance: Instance, word: str, data: str = "", *, off: Told) -> int:
    """The server's answer; raises `Failure` (exit 6) where the port is off, `Unavailable` where nobody answers."""
    if not instance.command_file.exists() and port(instance) == -1:
        raise Failure(Exit.PORT_DISABLED, off, plain=True)
    return ask(instance, word, data)
