"""`server help`: what the commands are, drawn from their own declarations."""

import textwrap
from collections.abc import Iterable
from importlib import import_module

from zconnect.cli.action import Action, Arguments, Exit

GROUPS = ("Server lifecycle", "Problem determination", "Information", "Miscellaneous")
_WIDTH = 72


def run(arguments: Arguments) -> Exit:
    """Print the page of one command, or that of all."""
    # The table stands in main.py, which knows this file; the other way round it is looked up when it is needed.
    main = import_module("zconnect.cli.main")
    asked = next((word for word in arguments.words if not word.startswith("-")), "")
    print()
    print(page(main.action(asked)) if asked in main.ACTIONS else overview([main.action(name) for name in main.ACTIONS]))
    return Exit.OK


def overview(actions: Iterable[Action]) -> str:
    """All commands by their groups."""
    actions = tuple(actions)
    lines = [f"Usage: server {{{'|'.join(each.name for each in actions)}}} serverName [options]", "", "    serverName"]
    lines += [
        _paragraph("The name of a server below the user directory (WLP_USER_DIR); defaultServer where none is given."),
        "",
        "Actions:",
    ]
    for group in GROUPS:
        lines += ["", group, ""]
        for each in actions:
            if each.group == group:
                lines += [f"    {each.name}", _paragraph(each.summary)]
    lines += ["", "Options:", _paragraph("server help ACTION shows the options of an action.")]
    return "\n".join(lines)


def page(action: Action) -> str:
    """One command and its options."""
    server = " serverName" if action.server else ""
    options = " [options]" if action.arguments else ""
    lines = [f"Usage: server {action.name}{server}{options}", "", _paragraph(action.summary), "", "Options:"]
    for option in action.arguments:
        lines += ["", f"    {option.form}", _paragraph(option.doc)]
    return "\n".join(lines)


def _paragraph(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="\t", subsequent_indent="\t", expand_tabs=False)


ACTION = Action("help", "Explains the commands.", (), run, group="Information", server=False, lenient=True)
