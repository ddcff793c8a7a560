"""`server javadump`: has a running server write the stacks of its threads into a file."""

from pathlib import Path

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing
from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.server.instance import Instance

DUMP_OFF = error("CWWKE0091E", "The server {name} cannot be asked for a dump because its command port is off.", "Set command.port.")

KINDS = frozenset({"heap", "system", "thread"})


def javadumps(instance: Instance) -> set[Path]:
    """The files that a server has written so far."""
    return set(instance.place.output_dir.glob("javadump.*.txt"))


def run(arguments: Arguments) -> Exit:
    """Ask for it and name the file."""
    instance = existing(arguments)
    if not instance.running():
        print(f"Server {instance.name} is not running.")
        return Exit.INACTIVE
    print(f"Dumping server {instance.name}.", flush=True)
    kinds = [kind for kind in (arguments.options.get("include") or "").split(",") if kind not in ("", "thread")]
    for kind in kinds:
        print(f"Server {instance.name} dump of the kind {kind} is not supported.")
    before = javadumps(instance)
    try:
        code = channel.sent(instance, "javadump", silent=DUMP_OFF(name=instance.name))
    except Unavailable as unavailable:
        raise Failure(Exit.UNKNOWN, unavailable.told, plain=True) from unavailable
    for file in sorted(javadumps(instance) - before):
        print(f"Server {instance.name} dump complete in {file}.")
    return Exit.DUMP_FAILED if code else Exit.REDUNDANT if kinds else Exit.OK


ACTION = Action(
    "javadump",
    "Has a running server write the stacks of its threads into a file.",
    (Option("--include=KIND", "Accepted for the sake of scripts; thread is the only kind that there is."),),
    run,
    group="Problem determination",
    keeps_log=True,
    existing=True,
)
