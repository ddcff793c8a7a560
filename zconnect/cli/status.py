"""`server status`: whether a server runs."""

from zconnect.cli.action import Action, Arguments, Exit, existing, with_document


def run(arguments: Arguments) -> Exit:
    """Ask the lock."""
    instance = with_document(existing(arguments))
    if not instance.running():
        print(f"Server {instance.name} is not running.")
        instance.forget()
        return Exit.REDUNDANT
    pid = instance.pid()
    print(f"Server {instance.name} is running" + (f" with process ID {pid}." if pid else "."))
    return Exit.OK


ACTION = Action("status", "Says whether a server is running.", (), run, lenient=True, keeps_log=True)
