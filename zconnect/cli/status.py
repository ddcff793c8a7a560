"""`server status`: whether a server runs (quick.py answers the same where nothing is out of the ordinary)."""

from zconnect.cli import quick
from zconnect.cli.action import Action, Arguments, Exit, existing, with_document


def run(arguments: Arguments) -> Exit:
    """Ask the lock."""
    instance = with_document(existing(arguments))
    running = instance.running()
    print(quick.line(instance.name, running=running, pid=instance.pid()))
    if not running:
        instance.forget()
    return Exit.OK if running else Exit.REDUNDANT


ACTION = Action("status", "Says whether a server is running.", (), run, lenient=True, keeps_log=True, existing=True)
