"""A server's directory: its name, its places, its environment, and the files that say whether it runs."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from zconnect.errors import Unavailable
from zconnect.messages import Told, error
from zconnect.server import whereabouts
from zconnect.values import Place

BAD_NAME = error(
    "CWWKE0012E",
    "The server name {name} is not allowed.",
    "Use letters, digits, underscore, plus, hyphen and dot; a hyphen or a dot may not come first.",
)
NOT_A_FOLDER = error(
    "CWWKE0025E",
    "The variable {variable} names {path}, which is a file and not a folder.",
    "Give the variable the path of a folder, or remove the file.",
)
NOT_WRITABLE = error(
    "CWWKE0044E",
    "The server cannot write to {path}.",
    "Give the user who runs the server the right to write there.",
)
RUNNING_ALREADY = error(
    "CWWKE0029E",
    "The server {name} is running already.",
    "Stop it first, or start another one.",
)

_LAST_CHANCE = 1.0  # seconds that a server waits for its predecessor to let go of the lock


class Instance(NamedTuple):
    """One server as it lies on disk; `environment` is the shell's with what the server.env files add.

    `unread` is what cannot be read of these files.
    """

    place: Place
    environment: Mapping[str, str]
    unread: tuple[Told, ...] = ()

    @property
    def name(self) -> str:
        """The name of the server."""
        return self.place.name

    @property
    def server_xml(self) -> Path:
        """The document that makes a folder a server."""
        return self.place.config_dir / "server.xml"

    @property
    def bootstrap(self) -> Path:
        """The properties that are known before server.xml."""
        return self.place.config_dir / "bootstrap.properties"

    @property
    def workarea(self) -> Path:
        """Where the server keeps what is of no use to the next start."""
        return self.place.output_dir / whereabouts.WORKAREA

    @property
    def lock_file(self) -> Path:
        """Locked for as long as the server lives."""
        return self.workarea / whereabouts.LOCK

    @property
    def command_file(self) -> Path:
        """One line: how to reach the command port of the running server."""
        return self.workarea / whereabouts.COMMAND

    @property
    def challenges(self) -> Path:
        """Files that a client of the command port must be able to delete."""
        return self.workarea / ".sCommandAuth"

    @property
    def running_file(self) -> Path:
        """Found at a start, it says that the last run did not end in order."""
        return self.workarea / ".sRunning"

    @property
    def state_file(self) -> Path:
        """What the processes of the server share, and the next start finds (a database, with two files beside it)."""
        return self.place.output_dir / "resources" / "security" / "state.db"

    @property
    def pid_file(self) -> Path:
        """The process id of a server that was started in the background."""
        return Path(whereabouts.pid_file(self.environment, str(self.place.output_dir)))

    @property
    def console_log(self) -> Path:
        """What a server in the background writes to its console."""
        return self.place.log_dir / (self.environment.get("LOG_FILE") or "console.log")

    @property
    def working_dir(self) -> Path:
        """The current folder of the server's process."""
        given = self.environment.get("SERVER_WORKING_DIR", "")
        return self.place.output_dir / given if given.strip("/") else self.place.output_dir

    @property
    def env_files(self) -> tuple[Path, ...]:
        """The server.env files that are there, the strongest last."""
        return _env_files(self.place.user_dir, self.place.config_dir)

    def properties(self) -> dict[str, str]:
        """What bootstrap.properties and jvm.options say; raises `Unavailable` where one of them, or an included file, cannot be read."""
        from zconnect.config.properties import option_layers, read_properties  # costs a parser that most commands can do without

        unread: list[tuple[Path, Told]] = []
        found = read_properties(self.bootstrap)
        for _, options in option_layers(self.place, unread):
            found |= options
        for _, told in unread:
            raise Unavailable(told)
        return found

    def exists(self) -> bool:
        """Whether there is such a server."""
        return self.place.config_dir.is_dir()

    def running(self) -> bool:
        """Whether a process holds the lock; the pid file is never asked."""
        return whereabouts.locked(str(self.lock_file))

    def pid(self) -> int | None:
        """The process id from the pid file, if it is one of a living process."""
        return whereabouts.pid_in(str(self.pid_file))

    def write_pid(self, pid: int) -> None:
        """Remember a background process; the file appears whole or not at all."""
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.pid_file.with_suffix(".new")
        fresh.write_text(f"{pid}\n")
        fresh.replace(self.pid_file)

    def forget(self) -> None:
        """Remove what a server that no longer runs has left for its clients."""
        whereabouts.forget(str(self.pid_file), str(self.place.output_dir))

    def prepare(self) -> None:
        """Make the folders of a run; raises `Unavailable` where that is forbidden."""
        try:
            self.workarea.mkdir(parents=True, exist_ok=True)
            self.lock_file.touch()
            self.working_dir.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise Unavailable(NOT_WRITABLE(path=cause.filename or self.workarea)) from cause

    @contextmanager
    def held(self, *, clean: bool = False) -> Iterator[None]:
        """Be the one process of this server; raises `Unavailable` where another is, or the workarea is not ours to write.

        The lock outlives the block: only the end of the process lets go of it, so that who sees it free sees no process.
        """
        self.prepare()
        try:
            lock = os.open(self.lock_file, os.O_RDWR | os.O_CLOEXEC)
            self._lock(lock)
            if clean or self.running_file.exists():
                self._wipe()
            whereabouts.remove(str(self.command_file))
            self.challenges.mkdir(exist_ok=True)
            self.running_file.touch()
        except OSError as cause:
            raise Unavailable(NOT_WRITABLE(path=cause.filename or self.lock_file)) from cause
        try:
            yield
        finally:
            whereabouts.remove(str(self.command_file))
            whereabouts.remove(str(self.running_file))

    def _lock(self, handle: int) -> None:
        limit = time.monotonic() + _LAST_CHANCE
        while True:
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as cause:
                if time.monotonic() > limit:
                    raise Unavailable(RUNNING_ALREADY(name=self.name)) from cause
            time.sleep(0.05)

    def _wipe(self) -> None:
        import shutil  # brings half a dozen compressors, and only a server itself comes here

        for found in self.workarea.iterdir():
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            elif found != self.lock_file:
                found.unlink()


def instance_at(name: str, environment: Mapping[str, str], *, server_env: bool = True) -> Instance:
    """The server of a name, whether it exists or not; raises `Unavailable` on a bad name or a folder that is a file.

    `server_env` says whether the server.env files are read (they are not where a server is made).
    """
    if not whereabouts.valid_name(name):
        raise Unavailable(BAD_NAME(name=name))
    user = user_dir(environment)
    return _instance(user, user / "servers" / name, environment, server_env)


def instance_in(folder: Path, environment: Mapping[str, str]) -> Instance:
    """The server of a folder, wherever it is; one in a folder `servers` has its user directory above. Raises `Unavailable`."""
    folder = _absolute(str(folder))
    user = folder.parents[1] if folder.parent.name == "servers" else user_dir(environment)
    return _instance(user, folder, environment, server_env=True)


def _instance(user: Path, config_dir: Path, environment: Mapping[str, str], server_env: bool) -> Instance:
    unread: list[Told] = []
    if server_env:
        environment = _with_server_env(_env_files(user, config_dir), environment, unread)
    output_dir = whereabouts.output_dir(environment, str(config_dir))
    log_dir = whereabouts.log_dir(environment, output_dir)
    for variable in ("WLP_OUTPUT_DIR", "LOG_DIR"):
        _refuse_file(environment, variable)
    return Instance(Place(config_dir.name, user, config_dir, Path(output_dir), Path(log_dir)), environment, tuple(unread))


def user_dir(environment: Mapping[str, str]) -> Path:
    """The folder whose `servers` folder holds the servers; raises `Unavailable` where it is a file."""
    _refuse_file(environment, "WLP_USER_DIR")
    return Path(whereabouts.user_dir(environment))


def _env_files(user: Path, config_dir: Path) -> tuple[Path, ...]:
    return tuple(map(Path, whereabouts.env_files(str(user), str(config_dir))))


def _with_server_env(present: tuple[Path, ...], environment: Mapping[str, str], unread: list[Told]) -> Mapping[str, str]:
    if not present:
        return environment
    from zconnect.config.properties import read_server_env  # costs a parser that most commands can do without

    return read_server_env(present, environment, unread)


def _refuse_file(environment: Mapping[str, str], variable: str) -> None:
    if environment.get(variable) and (path := _absolute(environment[variable])).is_file():
        raise Unavailable(NOT_A_FOLDER(variable=variable, path=path))


def _absolute(path: str) -> Path:
    return Path(os.path.abspath(path))
