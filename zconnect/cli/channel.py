"""How the commands reach a running server, and what they say when its command port is off."""

from zconnect.cli.action import Exit, Failure
from zconnect.messages import Told
from zconnect.server.command import ask
from zconnect.server.instance import Instance


def off(instance: Instance) -> bool:
    """Whether the running server has no command port."""
    try:
        return instance.command_file.read_text().strip().endswith(":-1")
    except OSError:
        return False


def sent(instance: Instance, word: str, data: str = "", *, silent: Told) -> int:
    """The server's answer; raises `Failure` (exit 6) where the port is off, `Unavailable` where nobody answers."""
    if off(instance):
        raise Failure(Exit.PORT_DISABLED, silent, plain=True)
    return ask(instance, word, data)
