"""`server stop`: asks a server to end, and waits until it has."""

import re
import time
from collections.abc import Callable

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing
from zconnect.cli.arguments import refused
from zconnect.errors import Unavailable
from zconnect.messages import error, warning
from zconnect.server.instance import Instance

NEVER_STARTED = warning("CWWKE0965W", "The server {name} has no lock file: it was never started here.", "Look at WLP_OUTPUT_DIR.")
NO_COMMAND_FILE = warning(
    "CWWKE0966W",
    "The server {name} runs, but its file .sCommand is gone, so it cannot be asked to stop.",
    "End the process with kill.",
)
PORT_OFF = error("CWWKE0089E", "The server {name} cannot be asked to stop because its command port is off.", "End the process with kill.")
STILL_RUNS = error("CWWKE0049E", "The server {name} was asked to stop and has not ended yet.", "Wait, or look into its logs.")
BAD_VALUE = error("CWWKE0024E", "The value {value} of the option {option} is not a time.", "Write 30s or 1m30s, for example.")

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?|(\d+)")
_USUAL = 30.0  # seconds that a server is given to end


def run(arguments: Arguments) -> Exit:
    """Send the word, wait for the lock, then for the process."""
    limit = _limit(arguments)
    instance = existing(arguments)
    print(f"Stopping server {instance.name}.", flush=True)
    if not instance.running():
        return _not_running(instance)
    pid = instance.pid()
    _send(instance, "force-stop" if "force" in arguments.options else "stop")
    if _until(lambda: not instance.running(), limit) and _until(lambda: pid is None or instance.pid() != pid, limit):
        instance.forget()
        print(f"Server {instance.name} stopped.")
        return Exit.OK
    print(STILL_RUNS(name=instance.name))
    raise failed(instance)


def failed(instance: Instance) -> Failure:
    """The end of a stop that did not succeed."""
    print(f"Server {instance.name} stop failed. Look into the logs in {instance.place.log_dir}.")
    return Failure(Exit.STOP_FAILED, plain=True)


def _not_running(instance: Instance) -> Exit:
    if not instance.lock_file.exists():
        print(NEVER_STARTED(name=instance.name))
    print(f"Server {instance.name} is not running.")
    instance.forget()
    return Exit.REDUNDANT


def _send(instance: Instance, word: str) -> None:
    if not instance.command_file.exists():
        print(NO_COMMAND_FILE(name=instance.name))
        print(f"Server {instance.name} is not running.")
        raise Failure(Exit.STOP_FAILED, plain=True)
    try:
        channel.sent(instance, word, silent=PORT_OFF(name=instance.name))
    except Unavailable as unavailable:
        print(unavailable.told)
        raise failed(instance) from unavailable


def _until(reached: Callable[[], bool], limit: float) -> bool:
    end = time.monotonic() + limit
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _limit(arguments: Arguments) -> float:
    """Seconds; raises `Failure` (exit 20)."""
    if "timeout" not in arguments.options:
        return _USUAL
    value = arguments.options["timeout"] or ""
    match = _DURATION.fullmatch(value)
    if not value or not match:
        raise refused(BAD_VALUE(value=value, option="--timeout"))
    hours, minutes, seconds, plain = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds + plain


ACTION = Action(
    "stop",
    "Stops a running server.",
    (
        Option("--force", "Do not wait for requests that are under way."),
        Option("--timeout=TIME", "How long to wait for the end of the server, for example 1m30s; seconds where no unit is given. 30s."),
    ),
    run,
    keeps_log=True,
    existing=True,
)
