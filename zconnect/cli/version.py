"""`server version`: what runs on what."""

import sys

from zconnect import __version__
from zconnect.cli.action import Action, Arguments, Exit


def machine() -> str:
    """What the server runs on, in Liberty's form: implementation, version and language."""
    return f"on {sys.implementation.name}, version {sys.version.split()[0]} (en)"


def run(arguments: Arguments) -> Exit:
    """Print the line."""
    print(f"Zconnect ({__version__}) {machine()}")
    return Exit.OK


ACTION = Action("version", "Shows the version of the server and of Python.", (), run, group="Information", server=False, lenient=True)
