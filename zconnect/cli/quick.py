"""The way in: `server status` is answered here where nothing is out of the ordinary, all else by main.py, whose imports cost far more."""

import os
import sys

from zconnect.cli import places
from zconnect.server import whereabouts

TYPE_CHECKING = False  # as in typing, whose import costs more than all that is done here
if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS, PROBE = "status", "status:fast"  # the second answers by the exit code alone, without a word
RUNNING, STOPPED = 0, 1


def answer(words: list[str], environment: "Mapping[str, str]") -> int | None:
    """Say whether a server runs; None, having done nothing, where that is not the question or something has to be told besides."""
    if words[:1] not in ([STATUS], [PROBE]) or len(words) > 2:
        return None
    name = words[-1] if words[1:] and words[1] else whereabouts.DEFAULT_NAME
    user = whereabouts.user_dir(environment)
    config_dir = os.path.join(user, "servers", name)
    if not whereabouts.valid_name(name) or not _ordinary(user, config_dir, environment):
        return None
    output = whereabouts.output_dir(environment, config_dir)
    is_running = whereabouts.locked(os.path.join(output, whereabouts.WORKAREA, whereabouts.LOCK))
    if words[0] == STATUS:
        pid_file = whereabouts.pid_file(environment, output)
        print("\n" + line(name, running=is_running, pid=whereabouts.pid_in(pid_file)))
        if not is_running:
            whereabouts.forget(pid_file, output)
            whereabouts.restrict(environment)
            _leave_log(whereabouts.log_dir(environment, output), " ".join(words), places.table(user, config_dir, output))
    return RUNNING if is_running else STOPPED


def line(name: str, *, running: bool, pid: int | None) -> str:
    """What `status` says."""
    if not running:
        return f"Server {name} is not running."
    return f"Server {name} is running" + (f" with process ID {pid}." if pid else ".")


def _ordinary(user: str, config_dir: str, environment: "Mapping[str, str]") -> bool:
    """Whether there is such a server, all folders are folders, and server.env, which would have to be parsed, does not move them."""
    given = (environment.get(name) for name in ("WLP_USER_DIR", "WLP_OUTPUT_DIR", "LOG_DIR"))
    if any(folder and os.path.isfile(folder) for folder in given):
        return False
    try:
        with open(os.path.join(config_dir, "server.xml"), "rb"):
            pass
        return not any(_moves(path) for path in whereabouts.env_files(user, config_dir))
    except OSError:
        return False


def _moves(path: str) -> bool:
    with open(path, "rb") as file:
        text = file.read()
    return any(name in text for name in whereabouts.LOCATING)


def _leave_log(folder: str, words: str, shown: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"{STATUS}.log"), "w") as log:
            log.write(places.beginning(words, shown) + places.end(STOPPED))
    except OSError:
        pass  # the log is a courtesy


def entry() -> None:
    """The console script `server`."""
    code = answer(sys.argv[1:], os.environ)
    if code is not None:
        raise SystemExit(code)
    import gc  # not before they are known to be needed
    from importlib import import_module

    gc.disable()  # a command is over before there is anything to collect; a server makes its own rules once it is ready
    import_module("zconnect.cli.main").entry()


if __name__ == "__main__":
    entry()
