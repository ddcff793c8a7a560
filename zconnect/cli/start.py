"""`server start`: the server in the background; ends when the server is ready, or says why it is not."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, existing
from zconnect.cli.create import NO_TEMPLATE, make
from zconnect.cli.readiness import VARIABLE, Heard, heard
from zconnect.cli.run import CLEAN
from zconnect.errors import Unavailable
from zconnect.messages import warning
from zconnect.server.instance import DEFAULT_NAME, Instance

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
    console = _console(instance)
    print(f"Starting server {instance.name}.", flush=True)
    instance.forget()
    process, word = _spawned(arguments, instance, console)
    if word.ready:
        return _started(instance, process.pid, word)
    raise _failed(instance, process.wait(), word)


def _instance(arguments: Arguments) -> Instance:
    instance = arguments.instance()
    if not instance.exists() and instance.name == DEFAULT_NAME:
        make(instance)
    return existing(arguments)


def _console(instance: Instance) -> Path:
    file = instance.console_log
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and not os.access(file, os.W_OK):
            raise PermissionError(13, "not writable", str(file))
        file.unlink(missing_ok=True)
        file.touch()
        instance.pid_file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise Failure(Exit.START_FAILED, NO_TEMPLATE(path=cause.filename or file), plain=True, logged=False) from cause
    with suppress(Unavailable):
        instance.prepare()  # what is missing here the server will say in its own log
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
    for trouble in filter(None, word.lines):
        print(trouble)
    if channel.off(instance):
        print(STARTED_BLIND(name=instance.name, pid=pid))
        return Exit.UNKNOWN
    print(f"Server {instance.name} started with process ID {pid}.")
    return Exit.OK


def _failed(instance: Instance, code: int, word: Heard) -> Failure:
    """Say why: what the server said, or the last that it wrote before it died."""
    if code == Exit.LOCATION:
        _refuse_bootstrap(instance)
    reasons = word.lines if word.failed else _last_lines(instance.console_log)
    for line in reasons:
        print(line, file=sys.stderr)
    print(f"Server {instance.name} start failed. Look into the logs in {instance.place.log_dir}.")
    return Failure(Exit.START_FAILED, plain=True)


def _refuse_bootstrap(instance: Instance) -> None:
    """Where the server could not read bootstrap.properties, neither can we; the exit code is another then."""
    try:
        instance.properties()
    except Unavailable as unavailable:
        raise Failure(Exit.LOCATION, unavailable.told, folders_of=instance) from unavailable


def _last_lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()[-_LAST_LINES:]
    except OSError:
        return []


ACTION = Action("start", "Starts a server in the background.", (CLEAN,), run, keeps_log=True)
