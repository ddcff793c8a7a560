"""The small log of one command (stop.log, status.log, ...): there while it runs, left behind when it fails."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zconnect.cli.action import Action, Arguments, Exit, Failure, folders
from zconnect.server.instance import Instance


@dataclass
class Log:
    """How the command ended."""

    code: Exit = Exit.OK


@contextmanager
def kept(action: Action, arguments: Arguments) -> Iterator[Log]:
    """Write the log of a command, and remove it if the command succeeds."""
    log = Log()
    instance = arguments.instance() if action.keeps_log else None
    if instance is None or not (instance.exists() or action.name == "create" or arguments.name == "defaultServer"):
        yield log
        return
    file = _path(action, instance)
    _write(file, arguments, instance)
    try:
        yield log
    except Failure as failure:
        log.code = failure.code
        raise
    finally:
        _close(file, log.code)


def _path(action: Action, instance: Instance) -> Path:
    inside = (instance.exists() and action.name != "create") or action.name == "status"
    return (instance.place.log_dir if inside else instance.place.output_dir.parent / ".logs") / f"{action.name}.log"


def _write(file: Path, arguments: Arguments, instance: Instance) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        words = " ".join((arguments.action, *arguments.words))
        file.write_text(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} server {words}\n{folders(instance)}\n")
    except OSError:
        pass  # the log is a courtesy; the command says itself what it cannot do


def _close(file: Path, code: Exit) -> None:
    try:
        if code == Exit.OK:
            file.unlink()
        else:
            with file.open("a") as log:
                log.write(f"exit code {int(code)}\n")
    except OSError:
        pass
