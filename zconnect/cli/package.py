"""`server package`: a server and what it shares with others, in one archive."""

from collections.abc import Iterator
from pathlib import Path

from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing
from zconnect.cli.archive import Entry, tree, write
from zconnect.messages import error, warning
from zconnect.server.instance import Instance

UNKNOWN_INCLUDE = warning("CWWKE0058W", "The option {option} has an unknown value; all is used.", "Write --include=all or --include=usr.")
ONLY_JAR = error("CWWKE0950E", "The archive {archive} cannot be made runnable.", "Leave out runnable; this server runs from its folder.")
NOT_JAR = error("CWWKE0951E", "The archive {archive} of the user directory cannot be a jar file.", "Use the ending zip or tar.gz.")
NO_RUNTIME = error(
    "ZCON0662E",
    "There is no runtime to pack: the program is installed by pip, and no file of a server belongs to it.",
    "Take it along with pip download zconnect; leave out --include=wlp to pack the server.",
)
ONLY_MINIFY = error("CWWKE0083E", "The option --os goes with --include=minify alone.", "Leave it out.")
NOT_WRITTEN = error("CWWKE0056E", "The archive {archive} cannot be written: {reason}.", "Give a path in a folder that is there, with room.")

ENDINGS = (".zip", ".jar", ".pax", ".tar", ".tar.gz")
INCLUDES = frozenset({"all", "usr", "minify", "runnable", "all,runnable", "minify,runnable"})
# What belongs to one run, and what was packed before.
_TRANSIENT = frozenset({"logs", "workarea", *(f"resources/security/state.db{more}" for more in ("", "-wal", "-shm"))})


def run(arguments: Arguments) -> Exit:
    """Write the archive of a server that does not run."""
    instance = existing(arguments)
    if _include(arguments) == "wlp":
        print(f"Packaging the server runtime.\n{NO_RUNTIME()}\nPackage of the server runtime failed.")
        raise Failure(Exit.PACKAGE_FAILED, plain=True)
    print(f"Packaging server {instance.name}.", flush=True)
    if instance.running():
        print(f"Server {instance.name} is running.")
        print(f"Server {instance.name} package failed: the server must be stopped first.")
        return Exit.ACTIVE
    instance.prepare()
    archive, root = _archive(arguments, instance), _root(arguments)
    try:
        write(archive, _entries(instance, root, archive))
    except OSError as cause:
        print(NOT_WRITTEN(archive=archive, reason=cause.strerror))
        raise _failed(instance) from cause
    print(f"Server {instance.name} package complete in {archive}.")
    return Exit.OK


def _include(arguments: Arguments) -> str:
    return (arguments.options.get("include") or "").lower()


def _archive(arguments: Arguments, instance: Instance) -> Path:
    """Where the archive goes; raises `Failure` where the options do not go together."""
    include = _include(arguments)
    given = arguments.options.get("archive") or f"{instance.name}.zip"
    name = given if given.endswith(ENDINGS) else f"{given}.zip"
    if "include" in arguments.options and include not in INCLUDES:
        print(UNKNOWN_INCLUDE(option=f"--include={include}"))
    if "runnable" in include:
        print(ONLY_JAR(archive=name))
        raise Failure(Exit.PACKAGE_FAILED, plain=True)
    if include == "usr" and name.endswith(".jar"):
        print(NOT_JAR(archive=name))
        raise _failed(instance)
    if "os" in arguments.options and "minify" not in include:
        print(ONLY_MINIFY())
        raise _failed(instance)
    return instance.place.output_dir / name


def _root(arguments: Arguments) -> str:
    """The folder in the archive that holds everything, empty or with a slash at its end."""
    if "server-root" not in arguments.options:
        return "wlp/usr/"
    given = (arguments.options["server-root"] or "").strip("/")
    return f"{given}/" if given else ""


def _entries(instance: Instance, root: str, archive: Path) -> Iterator[Entry]:
    folder = instance.place.config_dir
    yield from tree(folder, f"{root}servers/{instance.name}/", {*_TRANSIENT, *_packages(instance, archive)})
    if instance.lock_file.exists():
        yield f"{root}servers/{instance.name}/workarea/.sLock", b""
    shared = instance.place.user_dir / "shared"
    if shared.is_dir():
        yield from tree(shared, f"{root}shared/")


def _packages(instance: Instance, archive: Path) -> set[str]:
    """What an earlier run of this command has left, or this one is about to."""
    return {archive.name, f".{archive.name}.new", *(f"{instance.name}{ending}" for ending in ENDINGS)}


def _failed(instance: Instance) -> Failure:
    print(f"Server {instance.name} package failed. Look into the logs in {instance.place.log_dir}.")
    return Failure(Exit.PACKAGE_FAILED, plain=True)


ACTION = Action(
    "package",
    "Puts a server and the shared folders into an archive.",
    (
        Option("--archive=FILE", "The archive, relative to the server's output directory: zip, jar, pax, tar or tar.gz."),
        Option("--include=WHAT", "usr or all, which are the same here: the program itself is installed by pip."),
        Option("--server-root=FOLDER", "The folder in the archive that holds everything."),
    ),
    run,
    group="Miscellaneous",
    keeps_log=True,
    existing=True,
)
