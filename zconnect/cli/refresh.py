"""`server refresh`: has a running server read its configuration at once (z/OS Connect: F job,ZCON,REFRESH)."""

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, existing
from zconnect.errors import Unavailable
from zconnect.messages import error

REFRESH_OFF = error("ZCON0902E", "The server {name} cannot be refreshed because its command port is off.", "Set command.port.")


def run(arguments: Arguments) -> Exit:
    """Ask for it and say whether the new configuration is in force."""
    instance = existing(arguments)
    if not instance.running():
        print(f"Server {instance.name} is not running.")
        return Exit.UNKNOWN
    try:
        code = channel.sent(instance, "refresh", silent=REFRESH_OFF(name=instance.name))
    except Unavailable as unavailable:
        raise Failure(Exit.UNKNOWN, unavailable.told, plain=True) from unavailable
    if code:
        print(f"Server {instance.name} goes on with the configuration that it had. Look into the logs in {instance.place.log_dir}.")
        return Exit.REDUNDANT
    print(f"Server {instance.name} has read its configuration.")
    return Exit.OK


ACTION = Action(
    "refresh",
    "Has a running server read its configuration at once, also where <config> has updateTrigger mbean or disabled.",
    (),
    run,
    group="Miscellaneous",
    existing=True,
)
