"""`server resume`: have paused endpoints take connections again."""

from zconnect.cli.action import Action, Arguments, Exit
from zconnect.cli.pause import TARGET, switched
from zconnect.messages import error

RESUME_OFF = error(
    "CWWKE0945E", "The server {name} cannot be resumed because its command port is off.", "Set command.port in bootstrap.properties."
)


def run(arguments: Arguments) -> Exit:
    """Resume."""
    return switched(arguments, "Resuming", RESUME_OFF, Exit.RESUME_FAILED)


ACTION = Action(
    "resume", "Has the paused endpoints of a server take connections again.", (TARGET,), run, group="Miscellaneous", existing=True
)
