"""What a command is made of: its declaration, its arguments, its exit code and the way it gives up."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

from zconnect.cli import places
from zconnect.errors import Unavailable
from zconnect.messages import Told, error
from zconnect.server.instance import Instance, instance_at

LAUNCH_FAILED = error("CWWKE0005E", "The command could not be carried out.", "The next line says why.")
NO_SUCH_SERVER = error("CWWKE0031E", "There is no server {name} in {path}.", "Make it with the command create, or correct the name.")
NO_DOCUMENT = error(
    "CWWKE0010E", "The file {path} is needed and cannot be read: {reason}.", "Write it, or give the server the right to read it."
)


class Exit(IntEnum):
    """Liberty's exit codes."""

    OK = 0
    REDUNDANT = 1
    NOT_EXIST = 2
    ACTIVE = 3
    INACTIVE = 4
    UNKNOWN = 5
    PORT_DISABLED = 6
    BAD_ARGUMENT = 20
    STOP_FAILED = 21
    START_FAILED = 22
    LOCATION = 23
    LAUNCH = 24
    RUNTIME = 25
    PACKAGE_FAILED = 28
    DUMP_FAILED = 29
    OUTPUT_IS_FILE = 30
    PAUSE_FAILED = 36
    RESUME_FAILED = 37
    SIGHUP = 129
    SIGINT = 130
    SIGTERM = 143


class Option(NamedTuple):
    """An option as `help` shows it: `--name` or `--name=value`."""

    form: str
    doc: str


class Arguments(NamedTuple):
    """The command line after its grammar has been checked.

    `options` are by lower-case name, None without a value; `variables` stood behind `--`, `system` are those of `-Dname=value`.
    """

    action: str
    name: str
    environment: Mapping[str, str]
    options: Mapping[str, str | None] = MappingProxyType({})
    extra: tuple[str, ...] = ()
    system: Mapping[str, str] = MappingProxyType({})
    words: tuple[str, ...] = ()

    def variables(self) -> dict[str, str]:
        """The configuration variables that stand behind `--` as `--name=value`."""
        pairs = (word[2:].partition("=") for word in self.extra if word.startswith("--") and "=" in word)
        return {name: value for name, _, value in pairs}

    def instance(self, *, whole: bool = True) -> Instance:
        """The server that is meant, whether it exists or not; raises `Failure`. `whole`: its server.env must be readable."""
        try:
            instance = instance_at(self.name, self.environment)
        except Unavailable as unavailable:
            raise Failure(Exit.LOCATION, unavailable.told) from unavailable
        if whole and instance.unread:
            raise Failure(Exit.LOCATION, *instance.unread)
        return instance


class Action(NamedTuple):
    """A command: what `help` says of it and what it does. `keeps_log` has a failure leave a file NAME.log among the logs.

    `documents` says by the words of the command line whether standard output is for a document alone (`print_document`).
    """

    name: str
    summary: str
    arguments: tuple[Option, ...]
    run: Callable[[Arguments], Exit]
    group: str = "Server lifecycle"
    server: bool = True  # whether the command is about one server
    lenient: bool = False  # whether unknown options and surplus names pass without a word
    keeps_log: bool = False
    existing: bool = False  # whether the server must be there before anything else of the command line is looked at
    documents: Callable[[Sequence[str]], bool] = lambda words: False


def print_document(text: str) -> None:
    """Write what standard output is for; whatever else the command says goes to standard error then."""
    with open(1, "w", encoding="utf-8", closefd=False) as output:
        output.write(f"{text}\n")


class Failure(Exception):
    """A command gives up: its exit code, the messages that say why, and the server whose folders are worth showing.

    `plain` leaves out the general first line; one that is not `logged` leaves no log of the command behind.
    """

    def __init__(self, code: Exit, *told: Told, folders_of: Instance | None = None, plain: bool = False, logged: bool = True) -> None:
        super().__init__(*map(str, told))
        self.code = code
        self.told = told
        self.folders_of = folders_of
        self.plain = plain
        self.logged = logged

    def tell(self) -> None:
        """Print it as Liberty does: a general line, the reason, the folders."""
        for line in self.told if self.plain else (LAUNCH_FAILED(), *self.told):
            print(line)
        for told in self.told:
            print(f"  {told.action}")
        if self.folders_of:
            print(folders(self.folders_of))


def folders(instance: Instance) -> str:
    """The places that a command went by, one a line."""
    return places.table(str(instance.place.user_dir), str(instance.place.config_dir), str(instance.place.output_dir))


def existing(arguments: Arguments, *, whole: bool = True) -> Instance:
    """The server that is meant, which must be there; raises `Failure` (exit 2). `whole`: its server.env must be readable.

    Liberty lets a missing `defaultServer` pass its first check, so that it fails in another way than other names.
    """
    instance = arguments.instance(whole=whole)
    if instance.exists():
        return instance
    if arguments.name == "defaultServer":
        raise Failure(Exit.NOT_EXIST, NO_SUCH_SERVER(name=instance.name, path=instance.place.config_dir))
    raise missing(instance.name)


def missing(name: str) -> Failure:
    """The end of a command about a server that is not there (exit 2)."""
    print(f"Server {name} does not exist.")
    return Failure(Exit.NOT_EXIST, plain=True)


def with_document(instance: Instance) -> Instance:
    """The same server, whose server.xml must be there and readable; raises `Failure` (exit 23)."""
    try:
        if not instance.server_xml.is_dir():
            instance.server_xml.open("rb").close()
    except OSError as cause:
        told = NO_DOCUMENT(path=instance.server_xml, reason=cause.strerror)
        raise Failure(Exit.LOCATION, told, folders_of=instance) from cause
    return instance
