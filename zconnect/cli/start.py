"""`server start`: the server in the background; ends when the server is ready, or says why it is not."""

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, existing
from zconnect.cli.create import NO_TEMPLATE, make
from zconnect.cli.readiness import VARIABLE, Heard, heard
from zconnect.cli.run import CLEAN, code_of
from zconnect.errors import Unavailable
from zconnect.messages import warning
from zconnect.server.instance import Instance
from zconnect.server.whereabouts import DEFAULT_NAME

STARTED_BLIND = warning(
    "CWWKE0088W",
    "The server {name} runs with process ID {pid}, and its command port is off.",
    "It cannot be stopped by the command stop; use kill.",
)
_LAST_LINES = 12  # of the console, where a server dies without a word


def run(arguments: Arguments) -> Exit:
    """Spawn the server, wait for its sign, write its process id."""
    instance = _instance(arguments)
    if instance.running():
        pid = instance.pid()
        print(f"Server {instance.name} is already running" + (f" with process ID {pid}." if pid else "."))
        return Exit.REDUNDANT
    _refuse_locked_console(instance.console_log)
    print(f"Starting server {instance.name}.", flush=True)
    instance.forget()
    try:
        process, word = _spawned(arguments, instance, _console(instance))
    except OSError as cause:  # there is no log to look into: the place itself is the reason
        print(f"{cause.filename}: {cause.strerror}", file=sys.stderr)
        raise _ended(instance) from cause
    if word.ready:
        return _started(instance, process.pid, word)
    raise _failed(instance, process.wait(), word)


def _instance(arguments: Arguments) -> Instance:
    instance = arguments.instance()
    if not instance.exists() and instance.name == DEFAULT_NAME:
        make(instance)
    return existing(arguments)


def _refuse_locked_console(file: Path) -> None:
    if file.exists() and not os.access(file, os.W_OK):
        raise Failure(Exit.START_FAILED, NO_TEMPLATE(path=file), plain=True, logged=False)


def _console(instance: Instance) -> Path:
    """The empty console log; raises OSError. What else cannot be made the server will say in it."""
    instance.pid_file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(Unavailable):
        instance.prepare()
    file = instance.console_log
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch()
    return file


def _spawned(arguments: Arguments, instance: Instance, console: Path) -> tuple["subprocess.Popen[bytes]", Heard]:
    reading, writing = os.pipe()
    with console.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "zconnect.cli.main", *_run_words(arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=(writing,),
            env={**arguments.environment, VARIABLE: str(writing)},
        )
    os.close(writing)
    return process, heard(reading)


def _run_words(arguments: Arguments) -> list[str]:
    """The same command line for the command run."""
    clean = ["--clean"] if "clean" in arguments.options else []
    system = [f"-D{name}={value}" for name, value in arguments.system.items()]
    return ["run", arguments.name, *clean, *system, *(["--", *arguments.extra] if arguments.extra else [])]


def _started(instance: Instance, pid: int, word: Heard) -> Exit:
    instance.write_pid(pid)
    _show(word.lines)
    if channel.off(instance):
        print(STARTED_BLIND(name=instance.name, pid=pid))
        return Exit.UNKNOWN
    print(f"Server {instance.name} started with process ID {pid}.")
    return Exit.OK


def _failed(instance: Instance, code: int, word: Heard) -> Failure:
    """Say why: what the server said, or the last that it wrote before it died."""
    if code in (Exit.LOCATION, Exit.RUNTIME):
        _refuse_bootstrap(instance)
    _show(word.lines if word.failed else _last_lines(instance.console_log))
    return _ended(instance)


def _ended(instance: Instance) -> Failure:
    print(f"Server {instance.name} start failed. Look into the logs in {instance.place.log_dir}.")
    return Failure(Exit.START_FAILED, plain=True)


def _show(lines: Iterable[str]) -> None:
    """What went wrong, for a person at a terminal; a script reads what Liberty's command says, and finds the rest in the console log."""
    if sys.stderr.isatty():
        for line in filter(None, lines):
            print(line, file=sys.stderr)


def _refuse_bootstrap(instance: Instance) -> None:
    """Where the server could not read bootstrap.properties, neither can we; the exit code is another then."""
    try:
        instance.properties()
    except Unavailable as unavailable:
        raise Failure(code_of(unavailable), unavailable.told, folders_of=instance) from unavailable


def _last_lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()[-_LAST_LINES:]
    except OSError:
        return []


ACTION = Action("start", "Starts a server in the background.", (CLEAN,), run, keeps_log=True, existing=True)
