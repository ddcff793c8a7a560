"""The ready sign: what a server that is being started says to who waits for it: a command, through a pipe, or systemd (sd_notify)."""

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

VARIABLE = "ZCONNECT_READY"  # the number of the pipe's writing end, in the environment of the server
MANAGER = "NOTIFY_SOCKET"  # where systemd listens
_READY, _FAILED = "READY", "FAILED"


class Sign(NamedTuple):
    """The writing end; `pipe` is None where no command waits, `manager` empty where systemd does not."""

    pipe: int | None
    manager: str = ""

    def ready(self, troubles: Iterable[str]) -> None:
        """All ports are open; `troubles` are the errors on the way."""
        self._say(_READY, troubles)
        self._notify()

    def failed(self, reasons: Iterable[str]) -> None:
        """The server cannot start, for these reasons."""
        self._say(_FAILED, reasons)

    def _say(self, word: str, lines: Iterable[str]) -> None:
        if self.pipe is None:
            return
        try:
            with os.fdopen(self.pipe, "w") as pipe:
                pipe.write("\n".join((word, *lines)))
        except OSError:
            pass  # whoever waited has gone

    def _notify(self) -> None:
        if not self.manager.startswith(("/", "@")):
            return
        import socket  # no other command pays for it

        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
                end.sendto(b"READY=1", self.manager.replace("@", "\0", 1) if self.manager[0] == "@" else self.manager)
        except OSError:
            pass  # nobody listens


class Heard(NamedTuple):
    """What came through the pipe; with neither word the server died without one."""

    ready: bool
    failed: bool
    lines: tuple[str, ...]


def sign_from(environment: Mapping[str, str]) -> Sign:
    """The sign of this process, which none of its children inherits."""
    text = environment.get(VARIABLE, "")
    manager = environment.get(MANAGER, "")
    for name in (VARIABLE, MANAGER):
        os.environ.pop(name, None)
    if not text.isdigit():
        return Sign(None, manager)
    os.set_inheritable(int(text), False)
    return Sign(int(text), manager)


def heard(pipe: int) -> Heard:
    """Wait until the server has said its word or has died."""
    with os.fdopen(pipe) as reading:
        word, *lines = reading.read().split("\n")
    return Heard(word == _READY, word == _FAILED, tuple(lines))
