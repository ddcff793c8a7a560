"""The small log of one command (stop.log, status.log, ...): there while it runs, left behind when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zconnect.cli import places
from zconnect.cli.action import Action, Arguments, Exit, Failure, folders
from zconnect.server.instance import Instance
from zconnect.server.whereabouts import DEFAULT_NAME


class Log:
    """How the command ended."""

    def __init__(self) -> None:
        self.code = Exit.OK


@contextmanager
def kept(action: Action, arguments: Arguments) -> Iterator[Log]:
    """Write the log of a command, and remove it if the command succeeds."""
    log = Log()
    instance = _instance(action, arguments)
    if instance is None:
        yield log
        return
    file = _path(action, instance)
    _write(file, arguments, instance)
    try:
        yield log
    except Failure as failure:
        log.code = failure.code if failure.logged else Exit.OK
        raise
    finally:
        _close(file, Exit.OK if action.name == "start" and log.code == Exit.REDUNDANT else log.code)


def _instance(action: Action, arguments: Arguments) -> Instance | None:
    """The server beside whose logs this one stands; none where the command will say that there is no such server."""
    if not action.keeps_log:
        return None
    try:
        instance = arguments.instance()
    except Failure:
        return None
    if action.name == "start":
        return instance if instance.exists() else None
    return instance if instance.exists() or action.name == "create" or instance.name == DEFAULT_NAME else None


def _path(action: Action, instance: Instance) -> Path:
    inside = (instance.exists() and action.name != "create") or action.name == "status"
    return (instance.place.log_dir if inside else instance.place.output_dir.parent / ".logs") / f"{action.name}.log"


def _write(file: Path, arguments: Arguments, instance: Instance) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        words = " ".join((arguments.action, *arguments.words))
        file.write_text(places.beginning(words, folders(instance)))
    except OSError:
        pass  # the log is a courtesy; the command says itself what it cannot do


def _close(file: Path, code: Exit) -> None:
    try:
        if code == Exit.OK:
            file.unlink()
        else:
            with file.open("a") as log:
                log.write(places.end(code))
    except OSError:
        pass
