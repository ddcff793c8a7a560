"""`server dump`: what a person who helps needs to see, in one archive, without keys and passwords."""

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from zconnect.cli import channel
from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, existing
from zconnect.cli.archive import Entry, tree, write
from zconnect.cli.create import NO_TEMPLATE
from zconnect.cli.introspection import surroundings
from zconnect.cli.javadump import KINDS, javadumps
from zconnect.errors import Unavailable
from zconnect.messages import error, warning
from zconnect.server.instance import Instance

NOT_ASKED = warning(
    "CWWKE0090W",
    "The command port of the server {name} is off, so {file} lacks what only the server knows.",
    "Set command.port in bootstrap.properties.",
)
NO_DUMP = error("ZCON0901E", "The archive {file} cannot be written: {reason}.", "Give a path in a folder that is there, with room.")

_LEFT_OUT = frozenset({"apps", "dropins", "workarea", "resources/security", "variables"})
_STORES = (".jks", ".p12", ".jceks", ".pfx", ".keys", ".pem", ".key")
_EARLIER = re.compile(r".*\.dump-.*\.zip$|package_.*\.txt$|javadump\..*\.txt$")
_SECRET = re.compile(r"(?i)([\w.-]*(?:password|secret|passphrase|token|encryption\.?key)[\w.-]*\s*[=>:]\s*)(\"[^\"]*\"|'[^']*'|[^\s<]+)")
# <variable name="db.password" value="..."/>, in either order.
_VARIABLE = re.compile(r"""(?is)<variable\b(?=[^>]*\bname\s*=\s*["'][^"']*(?:password|secret|passphrase|token|key))[^>]*>""")
_VALUE = re.compile(r"""(?i)(value\s*=\s*)("[^"]*"|'[^']*')""")


def run(arguments: Arguments) -> Exit:
    """Write the archive; a server that does not run can be dumped as well."""
    instance = existing(arguments)
    print(f"Dumping server {instance.name}.", flush=True)
    stamp = time.strftime("%y.%m.%d_%H.%M.%S")
    file = instance.place.output_dir / (arguments.options.get("archive") or f"{instance.name}.dump-{stamp}.zip")
    kinds = KINDS.intersection((arguments.options.get("include") or "").split(","))
    before = javadumps(instance)
    note, code = _asked(instance, file, f"dump_{stamp}" if kinds else "")
    stacks = javadumps(instance) - before
    folder = "" if "thread" in kinds else f"dump_{stamp}/"
    try:
        write(file, [*_entries(instance, file, f"dump_{stamp}/"), *((f"{folder}{each.name}", each) for each in stacks)])
    except OSError as cause:
        print(NO_DUMP(file=file, reason=cause.strerror))
        print(f"Server {instance.name} dump failed. Look into the logs in {instance.place.log_dir}.")
        raise Failure(Exit.DUMP_FAILED, plain=True) from cause
    finally:
        for each in stacks:
            each.unlink(missing_ok=True)  # it is in the archive
    print(note or f"Server {instance.name} dump complete in {file}.")
    return code


def _asked(instance: Instance, file: Path, wanted: str) -> tuple[str, Exit]:
    """Have the server write the stacks of its threads; what to say instead of success, and the exit code.

    `wanted` is the folder of what only a running server has, empty where nothing of that kind was asked for.
    """
    if not instance.running():
        if wanted:
            print(NO_TEMPLATE(path=instance.place.output_dir / wanted / ".dumpedjava"))
        print(f"Server {instance.name} is not running.")
        return "", Exit.OK
    silent = NOT_ASKED(name=instance.name, file=file)
    try:
        channel.sent(instance, "introspect", silent=silent)
    except Failure:
        return str(silent), Exit.OK
    except Unavailable:
        return f"Server {instance.name} status could not be determined; the dump is in {file}.", Exit.UNKNOWN
    return "", Exit.OK


def _entries(instance: Instance, file: Path, root: str) -> Iterator[Entry]:
    """`root` is the folder for what does not lie in the folders of the server."""
    yield from _configuration(instance.place.config_dir, "", {*_LEFT_OUT, file.name, f".{file.name}.new"})
    yield from _configuration(instance.place.user_dir / "shared" / "config", f"{root}usr/shared/config/")
    if instance.place.log_dir != instance.place.config_dir / "logs" and instance.place.log_dir.is_dir():
        yield from tree(instance.place.log_dir, "logs/")
    if instance.workarea.is_dir():
        yield from tree(instance.workarea, "workarea/", {instance.lock_file.name, instance.command_file.name})
    yield from surroundings(root)


def _configuration(folder: Path, root: str, left_out: Iterable[str] = ()) -> Iterator[Entry]:
    """What lies in a folder, without key stores and earlier dumps, and without secrets."""
    if not folder.is_dir():
        return
    for name, content in tree(folder, root, left_out):
        if name.endswith(_STORES) or _EARLIER.match(Path(name).name):
            continue
        yield name, content if not isinstance(content, Path) or content.is_dir() else _masked(content)


def _masked(file: Path) -> Path | bytes:
    """Configuration without the values of what is called a password, a secret or a key."""
    if file.suffix not in {".xml", ".properties", ".env", ".options"}:
        return file
    text = _VARIABLE.sub(lambda found: _VALUE.sub(r'\1"*****"', found[0]), file.read_text(errors="replace"))
    return _SECRET.sub(lambda found: found[1] + ('"*****"' if found[2][0] in "\"'" else "*****"), text).encode()


ACTION = Action(
    "dump",
    "Collects configuration and logs of a server in an archive, without keys and passwords.",
    (
        Option("--archive=FILE", "The archive, relative to the server's output directory."),
        Option(
            "--include=KIND",
            "thread puts the stacks of a running server's threads to the front; they are always in the dump. heap and system are accepted.",
        ),
    ),
    run,
    group="Problem determination",
    keeps_log=True,
    existing=True,
)
