"""`server pause` and `server resume`: have endpoints take no new connections for a while."""

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Option, existing
from zconnect.errors import Unavailable
from zconnect.messages import Message, error
from zconnect.server.command import NO_TARGET

PAUSE_OFF = error(
    "CWWKE0944E", "The server {name} cannot be paused because its command port is off.", "Set command.port in bootstrap.properties."
)

TARGET = Option("--target=ID,ID", "The endpoints by their ids; all of them where the option is missing.")


def switched(arguments: Arguments, verb: str, off: Message, failed: Exit) -> Exit:
    """Send `pause` or `resume`; `verb` begins the lines that tell of it."""
    instance = existing(arguments)
    if not instance.running():
        print(f"Server {instance.name} is not running.")
        return Exit.UNKNOWN
    given = "target" in arguments.options
    targets = arguments.options.get("target") or (NO_TARGET if given else "")
    whom = f"the specified targets of the {instance.name} server" if given else f"the {instance.name} server"
    print(f"{verb} {whom}.", flush=True)
    try:
        done = channel.sent(instance, arguments.action, targets, silent=off(name=instance.name)) == 0
    except Unavailable as unavailable:
        print(unavailable.told)
        done = False
    print(f"{verb} {whom} {'completed' if done else 'failed'}.")
    return Exit.OK if done else failed


def run(arguments: Arguments) -> Exit:
    """Pause."""
    return switched(arguments, "Pausing", PAUSE_OFF, Exit.PAUSE_FAILED)


ACTION = Action(
    "pause", "Has the endpoints of a running server take no new connections.", (TARGET,), run, group="Miscellaneous", existing=True
)
