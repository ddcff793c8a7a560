"""The grammar of the command line: action, name, options, variables; the same words mean what they mean to Liberty."""

import os
from collections.abc import Mapping, Sequence

from zconnect.cli.action import Action, Arguments, Exit, Failure, missing
from zconnect.messages import error, warning
from zconnect.server.whereabouts import DEFAULT_NAME, user_dir

UNKNOWN_OPTION = error("CWWKE0013E", "The argument {argument} is not known.", "Correct it; the command help lists what there is.")
SURPLUS_NAME = warning(
    "CWWKE0027W", "The command is about the server {name}; {ignored} is ignored.", "Give one name, right after the action."
)
WRONG_TIMEOUT = error("CWWKE0028E", "The option {argument} belongs to the command stop only.", "Leave it out.")
NO_TIMEOUT = error("CWWKE0086E", "The option {option} needs a value.", "Write --timeout=30s, for example.")

KNOWN = frozenset(
    [
        "archive",
        "authenticators",
        "clean",
        "effective",
        "force",
        "format",
        "include",
        "no-password",
        "os",
        "pid",
        "pid-file",
        "script",
        "server-root",
        "target",
        "template",
        "timeout",
    ]
)
VALUED = frozenset({"--format"})  # options of ours, whose value may also be the next word


def expect(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """See that the server that is meant is there, whatever else stands on the line, as Liberty's script does; raises `Failure` (exit 2)."""
    name = next((word for word in words[:1] if not word.startswith(("--", "-D", "-X"))), "") or DEFAULT_NAME
    if name != DEFAULT_NAME and not os.path.isdir(os.path.join(user_dir(environment), "servers", name)):
        raise missing(name)


def parsed(action: Action, words: Sequence[str], environment: Mapping[str, str]) -> Arguments:
    """The arguments behind the name of an action; raises `Failure` (exit 20)."""
    before, extra = _divided(words)
    system = dict(word[2:].partition("=")[::2] for word in before if word.startswith("-D"))
    before = [word for word in before if not word.startswith(("-D", "-X"))]
    named = bool(before) and not before[0].startswith("-")
    name = before[0] if named and before[0] else DEFAULT_NAME
    options: dict[str, str | None] = {}
    for word in before[named:]:
        _take(action, name, word, options)
    return Arguments(action.name, name, environment, options, tuple(extra), system, tuple(words))


def _divided(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before `--`, and behind it."""
    end = list(words).index("--") if "--" in words else len(words)
    return joined(words[:end]), list(words[end + 1 :])


def joined(words: Sequence[str]) -> list[str]:
    """The words with `--option value` as one, for the options that may be written so."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in VALUED and not word.startswith("-"):
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def _take(action: Action, name: str, word: str, options: dict[str, str | None]) -> None:
    if action.lenient:
        return
    if not word.startswith("-"):
        print(SURPLUS_NAME(name=name, ignored=word))
        return
    key, equals, value = word.removeprefix("--").partition("=")
    key = key.lower() if equals else key
    if not word.startswith("--") or key not in KNOWN:
        raise refused(UNKNOWN_OPTION(argument=word))
    if key == "timeout" and not (equals and action.name == "stop"):
        raise refused(WRONG_TIMEOUT(argument=word) if equals else NO_TIMEOUT(option="--timeout"))
    options[key] = value if equals else None


def refused(told: object) -> Failure:
    """The end of a command line that makes no sense (exit 20)."""
    print(f"{told}\n")
    return Failure(Exit.BAD_ARGUMENT, plain=True)
