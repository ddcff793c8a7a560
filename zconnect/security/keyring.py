"""The LTPA keys of a server: its own, which are made at the first start, and those that only validate."""

import asyncio
import os
import time
from collections.abc import Iterator
from logging import getLogger
from pathlib import Path

from zconnect.messages import audit, error, info, warning
from zconnect.roles import Assembly
from zconnect.security.ltpa import Ltpa
from zconnect.trust.entries import Unreadable
from zconnect.trust.ltpakeys import LtpaKeys

logger = getLogger(__name__)

BEGUN = info("CWWKS4103I", "LTPA keys are being made.")
MADE = audit("CWWKS4104A", "LTPA keys were made in {seconds} seconds and stand in {file}.")
READ = info("CWWKS4105I", "The LTPA keys of {file} are ready.")
NO_KEYS = error(
    "CWWKS4106E",
    "The LTPA keys of {file} cannot be used: {reason}. Nobody can log in by user and password or certificate.",
    "Correct keysFileName and keysPassword of ltpa, or put the right file there.",
)
NOT_WRITTEN = error(
    "ZCON0440E",
    "The LTPA keys could not be written to {file}: {reason}. Single sign-on cookies of this process end with it.",
    "Make the folder writable, or put a file of keys there (securityUtility createLTPAKeys).",
)
NO_VALIDATION_KEYS = warning(
    "ZCON0441W",
    "The LTPA keys of {file} cannot be used for validation: {reason}. Cookies made with them are refused.",
    "Correct fileName and password of validationKeys, or remove it.",
)

_VARIABLES = ("ltpa_keys_password", "keystore_password")
_PASSWORD = "WebAS"  # Liberty's; whoever wants more than the permissions of the file to guard it sets keysPassword


class KeyRing:
    """The keys of a server; without keys of its own (`own` is None) it neither makes nor accepts cookies."""

    __slots__ = ("_further", "own")

    def __init__(self, own: LtpaKeys | None, further: tuple[tuple[LtpaKeys, float], ...] = ()) -> None:
        self.own = own
        self._further = further

    def valid(self, now: float) -> Iterator[LtpaKeys]:
        """The keys that validate cookies at a time in seconds since the epoch."""
        if self.own is not None:
            yield self.own
            yield from (keys for keys, until in self._further if now < until)


async def open_key_ring(assembly: Assembly) -> KeyRing:
    """The keys as the files have them now."""
    settings = assembly.configuration.one(Ltpa)
    file = settings.file(assembly.place)
    if settings.watched:
        assembly.watch(file)
        for each in settings.validation_keys:
            assembly.watch(file.parent / each.file_name)
        if settings.monitor_validation_keys_dir:
            assembly.watch(file.parent)
    return await asyncio.to_thread(_opened, settings, file)


def _opened(settings: Ltpa, file: Path) -> KeyRing:
    password = settings.keys_password.text if settings.keys_password else _default_password()
    try:
        own = _own(file, password)
    except (OSError, Unreadable) as problem:
        NO_KEYS.log(logger, file=file, reason=_reason(problem))
        return KeyRing(None)
    further = {file.parent / each.file_name: (each.password.text, each.valid_until) for each in settings.validation_keys}
    if settings.monitor_validation_keys_dir:
        found = (each for each in sorted(file.parent.glob("*.keys")) if each != file)
        further = {each: (password, float("inf")) for each in found} | further
    return KeyRing(own, tuple(_validating(further)))


def _default_password() -> str:
    return next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), _PASSWORD)


def _own(file: Path, password: str) -> LtpaKeys:
    """The keys of the file, made before where there is none; raises OSError and `Unreadable`."""
    from zconnect.trust.ltpakeys import read  # only a server with LTPA pays for it

    if not file.exists():
        made = _made(file, password)
        if made is not None:
            return read(made, password)
    keys = read(file.read_bytes(), password)
    READ.log(logger, file=file)
    return keys


def _made(file: Path, password: str) -> bytes | None:
    """New keys, which stand in the file if it can be written; None where somebody else was faster."""
    from zconnect.trust.generate import save_new
    from zconnect.trust.ltpakeys import made

    BEGUN.log(logger)
    begun = time.monotonic()
    data = made(password)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_new(file, data)
    except FileExistsError:
        return None
    except OSError as problem:
        NOT_WRITTEN.log(logger, file=file, reason=_reason(problem))
        return data
    MADE.log(logger, seconds=f"{time.monotonic() - begun:.3f}", file=file)
    return data


def _validating(further: dict[Path, tuple[str, float]]) -> Iterator[tuple[LtpaKeys, float]]:
    from zconnect.trust.ltpakeys import read

    for file, (password, until) in further.items():
        try:
            yield read(file.read_bytes(), password), until
        except (OSError, Unreadable) as problem:
            NO_VALIDATION_KEYS.log(logger, file=file, reason=_reason(problem))


def _reason(problem: Exception) -> str:
    return str(problem.strerror) if isinstance(problem, OSError) else str(problem)
