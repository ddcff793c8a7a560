"""`server validate`: reads a server's configuration as a start would, and says everything that is wrong with it."""

from collections.abc import Sequence

from zconnect.cli.action import Action, Arguments, Exit, Option, existing, print_document, with_document
from zconnect.cli.arguments import joined, refused
from zconnect.cli.report import as_json, as_text, severity
from zconnect.cli.sarif import as_sarif
from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import Level, error
from zconnect.server.instance import Instance

BAD_FORMAT = error("ZCON0903E", "The value {value} of the option {option} is not a format.", "Write text, json or sarif.")

_FORMATS = ("text", "json", "sarif")


def run(arguments: Arguments) -> Exit:
    """Load, print, count: 0 clean, 1 warnings, 2 errors."""
    form = _format(arguments)
    instance = with_document(existing(arguments))
    stopped, problems = _problems(arguments, instance)
    if form == "json":
        print_document(as_json(problems))
    elif form == "sarif":
        print_document(as_sarif(problems, instance.place.config_dir))
    else:
        print(as_text(problems) + _verdict(instance, stopped, problems))
    severities = [severity(problem) for problem in problems]
    return Exit.NOT_EXIST if stopped or "error" in severities else Exit.REDUNDANT if "warning" in severities else Exit.OK


def _format(arguments: Arguments) -> str:
    form = arguments.options.get("format", "text")
    if form not in _FORMATS:
        raise refused(BAD_FORMAT(value=form or "", option="--format"))
    return form


def _documents(words: Sequence[str]) -> bool:
    return not {"--format=json", "--format=sarif"}.isdisjoint(word.lower() for word in joined(words))


def _problems(arguments: Arguments, instance: Instance) -> tuple[bool, Sequence[Problem]]:
    """Whether the configuration would stop a start, and what there is to say about it."""
    from zconnect.config.load import load
    from zconnect.features import vocabulary

    command_line = {**arguments.system, **arguments.variables()}
    try:
        loaded = load(instance.place, vocabulary(), environment=instance.environment, command_line=command_line)
    except ConfigurationError as refusal:
        return True, refusal.problems
    return False, [problem for problem in loaded.problems if problem.level >= Level.WARNING]


def _verdict(instance: Instance, stopped: bool, problems: Sequence[Problem]) -> str:
    if not problems:
        return f"The configuration of server {instance.name} is in order."
    severities = [severity(problem) for problem in problems]
    counts = ", ".join(_counted(severities.count(each), each) for each in ("error", "warning"))
    return f"The configuration of server {instance.name} {'cannot' if stopped else 'can'} be used: {counts}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


ACTION = Action(
    "validate",
    "Checks the configuration of a server without starting it. The exit code is 0 when it is in order, 1 after warnings, 2 after errors.",
    (Option("--format=text|json|sarif", "How to say it: for a person, or for a program as a list of JSON or as SARIF 2.1.0. text."),),
    run,
    group="Problem determination",
    documents=_documents,
)
