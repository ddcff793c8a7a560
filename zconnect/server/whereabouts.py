"""Where the files of a server are and whether it runs, as plain texts: all that the question `status` needs, which is asked every few
seconds where something watches the server. So this imports next to nothing; `Instance` makes paths of it for everybody else."""

import fcntl
import os

TYPE_CHECKING = False  # as in typing, whose import costs more than all that is done here
if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_NAME = "defaultServer"
WORKAREA, LOCK, COMMAND = "workarea", ".sLock", ".sCommand"
LOCATING = (b"WLP_OUTPUT_DIR", b"LOG_DIR", b"PID_DIR", b"PID_FILE")  # what server.env can say of places


def valid_name(name: str) -> bool:
    """Whether a server may be called so: letters, digits, underscore and plus; hyphen and dot, but not first."""
    return name[:1] not in {"", "-", "."} and all(each.isalnum() or each in "_+-." for each in name)


def user_dir(environment: "Mapping[str, str]") -> str:
    """The folder whose `servers` folder holds the servers."""
    return os.path.abspath(environment.get("WLP_USER_DIR") or os.curdir)


def env_files(user: str, config_dir: str) -> tuple[str, ...]:
    """The server.env files that are there, the strongest last."""
    found = (os.path.join(folder, "server.env") for folder in (os.path.join(user, "shared"), config_dir))
    return tuple(path for path in found if os.path.lexists(path))


def output_dir(environment: "Mapping[str, str]", config_dir: str) -> str:
    """What the server writes is below it."""
    parent, name = os.path.split(config_dir)
    return os.path.join(os.path.abspath(environment.get("WLP_OUTPUT_DIR") or parent), name)


def log_dir(environment: "Mapping[str, str]", output: str) -> str:
    """The folder of the logs."""
    return os.path.abspath(environment.get("LOG_DIR") or os.path.join(output, "logs"))


def pid_file(environment: "Mapping[str, str]", output: str) -> str:
    """The process id of a server that was started in the background."""
    folder, name = os.path.split(output)
    given = environment.get("PID_FILE") or os.path.join(environment.get("PID_DIR") or os.path.join(folder, ".pid"), f"{name}.pid")
    return os.path.abspath(given)


def locked(file: str) -> bool:
    """Whether a process holds the lock of a server; the pid file is never asked."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def pid_in(file: str) -> int | None:
    """The process id in a pid file, if it is one of a living process."""
    try:
        with open(file) as text:
            found = int(text.read())
    except (OSError, ValueError):
        return None
    return found if _alive(found) else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A process that has ended, but that its parent has not taken note of, still takes signals.
        with open(f"/proc/{pid}/stat") as stat:
            state = stat.read().rpartition(")")[2].split()[0]
    except (PermissionError, FileNotFoundError):
        return True
    except (OSError, OverflowError):
        return False
    return state != "Z"


def forget(pid: str, output: str) -> None:
    """Remove what a server that no longer runs has left for its clients; `pid` is its pid file."""
    for leftover in (pid, os.path.join(output, WORKAREA, COMMAND)):
        remove(leftover)


def remove(file: str) -> None:
    """Remove a file, if it is there and ours to remove; what counts is the lock."""
    try:
        os.unlink(file)
    except OSError:
        pass


def restrict(environment: "Mapping[str, str]") -> None:
    """Nothing for others: files hold passwords and keys."""
    if "WLP_SKIP_UMASK" not in environment:
        os.umask(os.umask(0o777) | 0o007)
