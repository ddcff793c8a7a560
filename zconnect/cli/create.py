"""`server create`: makes a server from a template."""

import secrets
import shutil
from pathlib import Path

from zconnect.cli.action import Action, Arguments, Exit, Failure, Option
from zconnect.errors import Unavailable
from zconnect.messages import error
from zconnect.server.instance import NOT_A_FOLDER, Instance, instance_at

EXISTS = error(
    "CWWKE0045E", "The server {name} cannot be made because {path} is there already.", "Choose another name, or remove the folder."
)
NO_FOLDER = error("CWWKE0066E", "The folder {path} of the server {name} cannot be made.", "Give yourself the right to write there.")
NOT_COPIED = error(
    "CWWKE0030E", "The server {name} could not be made in {path}: {reason}.", "Make room, or give yourself the right to write there."
)
NO_TEMPLATE = error(
    "CWWKE0054E", "The file {path} cannot be read or written.", "Correct the name of the template, or the rights of the file."
)

DEFAULT_TEMPLATE = "defaultServer"
_KEEPER = ".keep"  # stands in a folder that would be empty otherwise, and so be lost


def run(arguments: Arguments) -> Exit:
    """Make the server."""
    instance = _instance(arguments)
    if instance.place.config_dir.exists():
        raise Failure(Exit.REDUNDANT, EXISTS(name=instance.name, path=instance.place.config_dir))
    make(instance, arguments.options.get("template", DEFAULT_TEMPLATE) or "", password="no-password" not in arguments.options)
    print(f"Server {instance.name} created.")
    return Exit.OK


def make(instance: Instance, template: str = DEFAULT_TEMPLATE, *, password: bool = True) -> None:
    """Make the folder of a server from a template; raises `Failure`, having made nothing that stays."""
    from importlib.resources import as_file, files  # costs a tenth of a command, and commands that only may make a server are many

    with as_file(files("zconnect") / "templates" / "servers") as templates:
        source = _source(templates, template)
        _folder(instance)
        try:
            _copy(source, instance.place.config_dir)
            _write_environment(instance.place.config_dir / "server.env", password)
            instance.workarea.mkdir(parents=True, exist_ok=True)
            instance.lock_file.touch()
        except OSError as cause:
            shutil.rmtree(instance.place.config_dir, ignore_errors=True)
            told = NOT_COPIED(name=instance.name, path=instance.place.config_dir, reason=cause)
            raise Failure(Exit.LOCATION, told) from cause
    instance.pid_file.unlink(missing_ok=True)


def _instance(arguments: Arguments) -> Instance:
    try:
        return instance_at(arguments.name, arguments.environment, server_env=False)
    except Unavailable as unavailable:
        told = unavailable.told
        output = told.message is NOT_A_FOLDER and told.parameters.get("variable") == "WLP_OUTPUT_DIR"
        raise Failure(Exit.OUTPUT_IS_FILE if output else Exit.LOCATION, told) from unavailable


def _source(templates: Path, template: str) -> Path:
    """`zosconnect:default` is the folder `zosconnect_default`; a name cannot lead out of the folder of templates."""
    found = templates / template.replace(":", "_", 1)
    inside = template and Path(template).name == template and not template.startswith(".")
    if not inside or not (found / "server.xml").is_file():
        raise Failure(Exit.LAUNCH, NO_TEMPLATE(path=found / "server.xml"))
    return found


def _folder(instance: Instance) -> None:
    folder = instance.place.config_dir
    try:
        folder.mkdir(parents=True)
    except OSError as cause:
        raise Failure(Exit.LOCATION, NO_FOLDER(name=instance.name, path=folder), folders_of=instance) from cause


def _copy(source: Path, target: Path) -> None:
    """Content alone: the rights are those of the umask, whoever installed the templates."""
    for found in source.iterdir():
        if found.is_dir():
            (target / found.name).mkdir()
            _copy(found, target / found.name)
        elif found.name != _KEEPER:
            shutil.copyfile(found, target / found.name)


def _write_environment(file: Path, password: bool) -> None:
    """Liberty's file: the template's own lines first, then the password, without a line end."""
    lines = file.read_text() if file.exists() else ""
    if password and not any(line.startswith("keystore_password=") for line in lines.splitlines()):
        lines += ("\n" if lines else "") + f"keystore_password={secrets.token_urlsafe(24).replace('_', '0').replace('-', '1')}"
    file.write_text(lines)


ACTION = Action(
    "create",
    "Makes a server from a template.",
    (
        Option("--no-password", "Do not write a password for the default key store into server.env."),
        Option("--template=NAME", "defaultServer, zosconnect:default or zosconnect:apiRequester."),
    ),
    run,
    keeps_log=True,
)
