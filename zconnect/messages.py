"""The form of every numbered message: number, level, text and mend; the messages themselves stand in the files that write them."""

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import logging  # which the commands can do without


class Level(IntEnum):
    """How grave a message is, on the scale of the standard library's logging."""

    INFO = 20
    AUDIT = 25
    WARNING = 30
    ERROR = 40
    FATAL = 50


# A value that came from outside may not begin a new log line or steer a terminal.
_PRINTABLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}


class Message(NamedTuple):
    """One numbered message of the catalogue.

    `number` is Liberty's where Liberty has one (same meaning, same parameters in the same order), else `ZCON` and four
    digits and a level letter. `text` and `action` are format strings over the parameters.
    """

    number: str
    level: Level
    text: str
    action: str

    def __call__(self, **parameters: object) -> "Told":
        """The message about one event."""
        return Told(self, parameters)

    def log(self, logger: "logging.Logger", **parameters: object) -> None:
        """Write the message about one event to a log."""
        Told(self, parameters).log(logger)


class _Told(NamedTuple):
    message: Message
    parameters: Mapping[str, object]


class Told(_Told):
    """A message with its parameters filled in: what a log line or a problem says; made into text once, when asked."""

    def __str__(self) -> str:
        return f"{self.message.number}: {self.text}"

    @property
    def text(self) -> str:
        """What is wrong or has happened, without the number."""
        text: str | None = self.__dict__.get("_text")  # a cached_property of Python 3.11 takes a lock
        if text is None:
            text = self.__dict__["_text"] = self.message.text.format_map(_clean(self.parameters))
        return text

    @property
    def action(self) -> str:
        """How to mend it."""
        return self.message.action.format_map(_clean(self.parameters))

    def log(self, logger: "logging.Logger") -> None:
        """Write it to a log; the formatting costs nothing where the level is off."""
        logger.log(self.message.level, "%s", self)


def _clean(parameters: Mapping[str, object]) -> dict[str, str]:
    return {name: printable(str(value)) for name, value in parameters.items()}


def printable(text: str) -> str:
    """A text that neither begins a new line nor steers a terminal."""
    return text if text.isprintable() else text.translate(_PRINTABLE)


def info(number: str, text: str, action: str = "No action is needed.") -> Message:
    """A message about the ordinary course of things, kept out of the console."""
    return Message(number, Level.INFO, text, action)


def audit(number: str, text: str, action: str = "No action is needed.") -> Message:
    """A message about the ordinary course of things that an operator wants to see."""
    return Message(number, Level.AUDIT, text, action)


def warning(number: str, text: str, action: str) -> Message:
    """A message about something that works, but hardly as it was meant."""
    return Message(number, Level.WARNING, text, action)


def error(number: str, text: str, action: str) -> Message:
    """A message about something that does not work."""
    return Message(number, Level.ERROR, text, action)


KEPT_BACK = warning(
    "ZCON0001W",
    "{count} more messages like the next one were kept back.",
    "See the audit records, which leave nothing out.",
)


class Sparing:
    """Writes messages that strangers can cause: `burst` at once, then one in `every` seconds; what is kept back is counted and told."""

    __slots__ = ("_burst", "_every", "_kept_back", "_left", "_since")

    def __init__(self, burst: int = 100, every: float = 1.0) -> None:
        self._burst = burst
        self._every = every
        self._left = float(burst)
        self._since = 0.0
        self._kept_back = 0

    def log(self, told: Told, logger: "logging.Logger", now: float) -> None:
        """Write a message or count it; `now` is in seconds of any clock that goes forward."""
        self._left = min(self._burst, self._left + max(0.0, now - self._since) / self._every)
        self._since = now
        if self._left < 1:
            self._kept_back += 1
            return
        self._left -= 1
        if self._kept_back:
            KEPT_BACK.log(logger, count=self._kept_back)
            self._kept_back = 0
        told.log(logger)
