"""`server validate`: reads a server's configuration as a start would, and says everything that is wrong with it."""

from collections.abc import Sequence

from zconnect.cli.action import Action, Arguments, Exit, existing, with_document
from zconnect.errors import ConfigurationError, Problem
from zconnect.messages import Level
from zconnect.server.instance import Instance


def run(arguments: Arguments) -> Exit:
    """Load, print, count: 0 clean, 1 warnings, 2 errors."""
    instance = with_document(existing(arguments))
    stopped, problems = _problems(arguments, instance)
    for problem in problems:
        print(f"{problem}\n")
    grave = sum(problem.stops or problem.level >= Level.ERROR for problem in problems)
    light = len(problems) - grave
    if not problems:
        print(f"The configuration of server {instance.name} is in order.")
        return Exit.OK
    verdict = "cannot be used" if stopped else "can be used"
    print(f"The configuration of server {instance.name} {verdict}: {_counted(grave, 'error')}, {_counted(light, 'warning')}.")
    return Exit.NOT_EXIST if grave or stopped else Exit.REDUNDANT


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


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


ACTION = Action(
    "validate",
    "Checks the configuration of a server without starting it. The exit code is 0 when it is in order, 1 after warnings, 2 after errors.",
    (),
    run,
    group="Problem determination",
)
