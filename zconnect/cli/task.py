"""What a task of securityUtility is made of: its declaration, its arguments and the page about it."""

import getpass
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from zconnect.cli.action import Option
from zconnect.errors import Unavailable
from zconnect.server.instance import Instance, instance_at
from zconnect.server.whereabouts import valid_name

NO_SERVER, NO_CLIENT, NO_FOLDER, EXISTS = 2, 3, 4, 5  # exit codes beside 0 and 1


class BadArguments(Exception):
    """The task cannot be done with these arguments; the text says why. It never holds a secret."""


class Given(NamedTuple):
    """The arguments of a task: `options` by name, None where one has no value; `words` are the others."""

    options: Mapping[str, str | None]
    words: tuple[str, ...]
    environment: Mapping[str, str]

    def text(self, name: str, otherwise: str = "") -> str:
        """The value of an option; raises `BadArguments` where it has none."""
        if name not in self.options:
            return otherwise
        value = self.options[name]
        if not value:
            raise BadArguments(f"the option --{name} needs a value")
        return value

    def number(self, name: str, otherwise: int, least: int) -> int:
        """The value of an option as a whole number; raises `BadArguments`."""
        text = self.text(name, str(otherwise))
        if not text.isdigit() or int(text) < least:
            raise BadArguments(f"the option --{name} needs a whole number of at least {least}")
        return int(text)

    def secret(self, name: str) -> str:
        """The value of an option, asked for at the terminal where it has none; raises `BadArguments`."""
        if name not in self.options:
            raise BadArguments(f"the option --{name} is missing")
        return self.options[name] or asked()


class Task(NamedTuple):
    """A task: what `help` says of it and what it does. `words` names what is not an option."""

    name: str
    summary: str
    required: tuple[Option, ...]
    optional: tuple[Option, ...]
    run: Callable[[Given], int]
    words: str = ""


def given(task: Task, words: Sequence[str], environment: Mapping[str, str]) -> Given:
    """The arguments; raises `BadArguments` on an option that the task does not have."""
    known = {option.form.removeprefix("--").partition("=")[0] for option in (*task.required, *task.optional)}
    options: dict[str, str | None] = {}
    plain = []
    for word in words:
        if not word.startswith("--"):
            plain.append(word)
            continue
        name, equals, value = word[2:].partition("=")
        if name not in known:
            raise BadArguments(f"the option --{name} is not known")
        options[name] = value if equals else None
    if len(plain) > bool(task.words):
        raise BadArguments(f"there are more arguments than the task {task.name} takes")
    return Given(options, tuple(plain), environment)


def asked() -> str:
    """A secret from the terminal, typed twice; raises `BadArguments`."""
    if not sys.stdin.isatty():
        raise BadArguments("there is no terminal to ask for the text; give it as an argument")
    first = getpass.getpass("Enter the text: ")
    if first != getpass.getpass("Enter it again: "):
        raise BadArguments("the two texts are not the same")
    return first


def server_of(arguments: Given) -> Instance | None:
    """The server of the option --server; None, after a word about it, where there is no such server."""
    name = arguments.text("server")
    try:
        instance = instance_at(name, arguments.environment) if valid_name(name) else None
    except Unavailable as unavailable:
        raise BadArguments(unavailable.told.text) from unavailable
    if instance is None or not instance.exists():
        print(f"Server {name} does not exist.")
        return None
    return instance


def usage(task: Task) -> str:
    """The page about a task."""
    options = " [options]" if task.optional else ""
    lines = ["Usage:", f"\tsecurityUtility {task.name} {task.words}{options}", "", "Description:", _paragraph(task.summary)]
    for heading, group in (("Required:", task.required), ("Options:", task.optional)):
        if group:
            lines += ["", heading]
        for option in group:
            lines += [f"    {option.form}", _paragraph(option.doc), ""]
    return "\n".join(lines)


def _paragraph(text: str) -> str:
    return textwrap.fill(text, 72, initial_indent="\t", subsequent_indent="\t", expand_tabs=False)
