"""`server run`: the server itself, in the foreground."""

import os
import sys
import time
from collections.abc import Mapping
from types import MappingProxyType

from zconnect import __version__
from zconnect.cli.action import Action, Arguments, Exit, Failure, Option, with_document
from zconnect.cli.create import make
from zconnect.cli.readiness import Sign, sign_from
from zconnect.cli.version import machine
from zconnect.errors import ConfigurationError, Problem, Unavailable
from zconnect.server.instance import NOT_WRITABLE, RUNNING_ALREADY, Instance
from zconnect.server.whereabouts import DEFAULT_NAME

CONSOLE_LEVEL = "com.ibm.ws.logging.console.log.level"
CLEAN = Option("--clean", "Begin with an empty workarea.")
_CODES: Mapping[str, Exit] = MappingProxyType({RUNNING_ALREADY.number: Exit.REDUNDANT, NOT_WRITABLE.number: Exit.LAUNCH})


def run(arguments: Arguments) -> Exit:
    """Be the server."""
    began = time.monotonic()
    instance, sign = _prepared(arguments), sign_from(arguments.environment)
    try:
        properties = {**instance.properties(), **arguments.system}
    except Unavailable as unavailable:
        raise Failure(code_of(unavailable), unavailable.told, folders_of=instance) from unavailable
    try:
        with instance.held(clean="clean" in arguments.options):
            if properties.get(CONSOLE_LEVEL, "").lower() != "off":
                _banner(instance, arguments)
            return _served(arguments, instance, properties, sign, began)
    except Unavailable as unavailable:
        raise Failure(_CODES.get(unavailable.told.message.number, Exit.START_FAILED), unavailable.told) from unavailable


def code_of(unavailable: Unavailable) -> Exit:
    """The exit code where properties cannot be read: one that is no properties file is a failure of another kind to Liberty."""
    return Exit.RUNTIME if unavailable.told.message.number == "CWWKE0018E" else Exit.LOCATION


def _prepared(arguments: Arguments) -> Instance:
    """The server that is meant; a missing defaultServer is made."""
    instance = arguments.instance()
    if not instance.exists() and instance.name == DEFAULT_NAME:
        make(instance)
        print(f"Server {instance.name} created.")
    return with_document(instance)


def _banner(instance: Instance, arguments: Arguments) -> None:
    print(f"Launching {instance.name} (zconnect/wlp-{__version__}) {machine()}")
    if arguments.extra:
        print(f"\t{list(arguments.extra)}")
    sys.stdout.flush()


def _served(arguments: Arguments, instance: Instance, properties: Mapping[str, str], sign: Sign, began: float) -> Exit:
    # Only here does the process become a server; no other command pays for these.
    import uvloop

    from zconnect.features import FEATURES, vocabulary
    from zconnect.server.logs import logs_of
    from zconnect.server.reload import log_problems
    from zconnect.server.serve import Launch, serve

    os.environ.update(instance.environment)
    os.chdir(instance.working_dir)
    with logs_of(instance, properties) as logs:
        launch = Launch(
            instance, properties, arguments.variables(), vocabulary(), tuple(FEATURES), logs, lambda: sign.ready(logs.troubles), began
        )
        try:
            return Exit(uvloop.run(serve(launch)))
        except ConfigurationError as refusal:
            sign.failed(map(str, refusal.problems))
        except Unavailable as unavailable:
            log_problems([Problem(unavailable.told, stops=True)])
            sign.failed([f"{unavailable.told}\n  {unavailable.told.action}"])
    return Exit.START_FAILED


ACTION = Action("run", "Runs a server in the foreground.", (CLEAN,), run)
