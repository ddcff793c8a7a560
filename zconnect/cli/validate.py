"""`server validate`: reads a server's configuration as a start would, and says everything that is wrong with it.

Nothing is opened, made or run. So what only an opened thing shows is left to the start: whether key stores are there and their
passwords right, what applications and their web.xml hold, whether two of them have the same path, whether ports are free.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing, print_document
from zconnect.cli.arguments import joined, refused
from zconnect.cli.report import as_json, as_screen, as_text, severity
from zconnect.cli.sarif import as_sarif
from zconnect.config.layout import Layout
from zconnect.errors import Problem, Unavailable
from zconnect.messages import error
from zconnect.server.instance import Instance, instance_in

BAD_FORMAT = error("ZCON0903E", "The value {value} of the option {option} is not a format.", "Write {formats}.")
NOT_A_SERVER = error(
    "ZCON0904E", "The path {path} is neither a folder nor a server.xml.", "Name the folder of a server, or the server.xml in it."
)

_FORMATS = ("text", "json", "sarif")
_SHOWN = ("effective", "authenticators")


def run(arguments: Arguments) -> Exit:
    """Load, print, count: 0 clean, also where documents say different things of one value; 1 warnings, 2 errors."""
    form = _format(arguments)
    instance = _meant(arguments)
    from zconnect.cli.reading import read  # brings all rooms, which most commands can do without

    reading = read(arguments, instance)
    problems, usable = reading.problems, reading.loaded is not None
    if wanted := _wanted(arguments):
        if shown := import_module(f"zconnect.cli.{wanted}").document(reading, form):
            print_document(shown)
        print(_told(arguments, problems, reading.layouts) + _verdict(instance, usable, problems))
    elif form == "json":
        print_document(as_json(problems))
    elif form == "sarif":
        print_document(as_sarif(problems, instance.place.config_dir))
    else:
        print(_told(arguments, problems, reading.layouts) + _verdict(instance, usable, problems))
    severities = [severity(problem) for problem in problems]
    return Exit.NOT_EXIST if not usable or "error" in severities else Exit.REDUNDANT if "warning" in severities else Exit.OK


def _meant(arguments: Arguments) -> Instance:
    """The server of a name or of a path; raises `Failure`."""
    path = Path(arguments.name)
    if os.sep not in arguments.name and not arguments.name.startswith(".") and not path.is_file():
        return existing(arguments, whole=False)
    folder = path.parent if path.name == "server.xml" else path
    if not folder.is_dir():
        raise Failure(Exit.NOT_EXIST, NOT_A_SERVER(path=path), plain=True)
    try:
        return instance_in(folder, arguments.environment)
    except Unavailable as unavailable:
        raise Failure(Exit.LOCATION, unavailable.told) from unavailable


def _wanted(arguments: Arguments) -> str | None:
    """What is to be shown of the configuration; the module of that name prints it."""
    return next((each for each in _SHOWN if each in arguments.options), None)


def _format(arguments: Arguments) -> str:
    form = arguments.options.get("format", "text") or ""
    known = _FORMATS[:2] if _wanted(arguments) else _FORMATS
    if form not in known:
        raise refused(BAD_FORMAT(value=form, option="--format", formats=" or ".join(known)))
    return form


def _documents(words: Sequence[str]) -> bool:
    return not {"--format=json", "--format=sarif", *(f"--{each}" for each in _SHOWN)}.isdisjoint(word.lower() for word in joined(words))


def _told(arguments: Arguments, problems: Sequence[Problem], layouts: Mapping[str, Layout]) -> str:
    """The problems for a terminal, or plain where there is none."""
    if not sys.stdout.isatty():
        return as_text(problems)
    from zconnect.config.excerpt import Excerpts
    from zconnect.features import vocabulary

    colour = not arguments.environment.get("NO_COLOR") and arguments.environment.get("TERM") not in {None, "dumb"}
    return as_screen(problems, Excerpts(layouts, vocabulary()).at, colour)


def _verdict(instance: Instance, usable: bool, problems: Sequence[Problem]) -> str:
    severities = [severity(problem) for problem in problems]
    if usable and {"info"}.issuperset(severities):
        return f"The configuration of server {instance.name} is in order."
    counts = ", ".join(_counted(severities.count(each), each) for each in ("error", "warning"))
    return f"The configuration of server {instance.name} {'can' if usable else 'cannot'} be used: {counts}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


ACTION = Action(
    "validate",
    "Checks the configuration of a server without starting it; serverName may be the path of its folder or of its server.xml. "
    "The exit code is 0 when it is in order, 1 after warnings, 2 after errors.",
    (
        Option("--format=text|json|sarif", "How to say it: for a person, or for a program as a list of JSON or as SARIF 2.1.0. text."),
        Option("--effective", "Print all elements and attributes as the server uses them, each with its origin, as text or json."),
        Option("--authenticators", "Print who is asked who a caller is, in which order and for which requests, as text or json."),
    ),
    run,
    group="Problem determination",
    documents=_documents,
)
