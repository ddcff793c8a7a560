"""The command `server`: finds the action that is meant, and turns its end into an exit code."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, redirect_stdout
from importlib import import_module

from zconnect.cli import commandlog
from zconnect.cli.action import Action, Exit, Failure
from zconnect.cli.arguments import UNKNOWN_OPTION, expect, parsed
from zconnect.cli.quick import PROBE
from zconnect.cli.readiness import VARIABLE
from zconnect.server import whereabouts

# One file an action; a command loads its own alone, which is half of the time that it takes.
ACTIONS = (
    "create",
    "debug",
    "dump",
    "help",
    "javadump",
    "list",
    "modify",
    "package",
    "pause",
    "refresh",
    "resume",
    "run",
    "schema",
    "start",
    "status",
    "stop",
    "validate",
    "version",
)


def action(name: str) -> Action:
    """The declaration of an action; `name` is one of ACTIONS."""
    found: Action = import_module(f"zconnect.cli.{name}").ACTION
    return found


def main(argv: Sequence[str]) -> int:
    """Carry out a command line (without the program's name); the exit code."""
    environment: Mapping[str, str] = dict(os.environ)
    whereabouts.restrict(environment)
    if argv and argv[0] == PROBE:
        return _probe(argv[1:], environment)
    word, *words = argv or ["help"]
    chosen = action(word) if word in ACTIONS else None
    with redirect_stdout(sys.stderr) if chosen and chosen.documents(words) else nullcontext():
        if VARIABLE not in environment:  # the console.log of a server begins with its first line
            print()
        if chosen:
            return _carried_out(chosen, words, environment)
        print(f"{UNKNOWN_OPTION(argument=word)}\n")
        return Exit.OK  # as Liberty's script does


def _carried_out(chosen: Action, words: Sequence[str], environment: Mapping[str, str]) -> int:
    try:
        if chosen.existing:
            expect(words, environment)
        arguments = parsed(chosen, words, environment)
        with commandlog.kept(chosen, arguments) as log:
            log.code = chosen.run(arguments)
        return log.code
    except Failure as failure:
        failure.tell()
        return failure.code


def _probe(words: Sequence[str], environment: Mapping[str, str]) -> int:
    from zconnect.cli.status import ACTION

    instance = parsed(ACTION, words, environment).instance()
    if not instance.exists():
        return Exit.NOT_EXIST
    return Exit.OK if instance.running() else Exit.REDUNDANT


def entry() -> None:
    """The console script `server`."""
    try:
        raise SystemExit(int(main(sys.argv[1:])))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter complains while it ends
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    entry()
