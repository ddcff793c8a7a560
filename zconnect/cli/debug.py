"""`server debug`: a server in the foreground that tells more: asyncio's debug mode, and a trace of all that is ours."""

import os

from zconnect.cli.action import Action, Arguments, Exit
from zconnect.cli.run import CLEAN
from zconnect.cli.run import run as run_server


def run(arguments: Arguments) -> Exit:
    """Run with PYTHONASYNCIODEBUG; slow callbacks and forgotten coroutines are logged."""
    os.environ["PYTHONASYNCIODEBUG"] = "1"
    return run_server(arguments)


ACTION = Action("debug", "Runs a server in the foreground with the checks of asyncio's debug mode.", (CLEAN,), run)
