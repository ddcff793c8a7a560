"""<httpAccessLogging> and <accessLogging>: one line for each answer, in a format of the administrator's own."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from zconnect.config.schema import attr, element
from zconnect.messages import Level, error
from zconnect.server.logfiles import LogFile
from zconnect.server.rollover import RolledLog
from zconnect.values import Peer, Place, Request, Response

NOT_WRITTEN = error(
    "ZCON0811E", "The access log {path} cannot be written: {reason}.", "Make the folder writable, or give another filePath."
)

DEFAULT_FORMAT = '%h %u %{t}W "%r" %s %b'
FLUSH = 0.5  # seconds that a line may wait in memory
WAITING = 4096  # lines at most that wait

logger = logging.getLogger(__name__)
shared = logging.getLogger(f"{__name__}.shared")  # what logs of the format JSON take; off where none does


@element
class HttpAccessLogging(RolledLog):
    """Where and how the requests of an endpoint are written down.

    <httpAccessLogging id="access" filePath="${server.output.dir}/logs/access.log" logFormat="%h %u %t &quot;%r&quot; %s %b"/>
    <httpEndpoint id="defaultHttpEndpoint" accessLoggingRef="access"/>
    """

    tag: ClassVar[str] = "httpAccessLogging"
    enabled: bool = attr(default=True, doc="Whether an access log is written")
    file_path: Path | None = attr(default=None, doc="The file; without it logs/http_access.log in the server's output folder")
    log_format: str = attr(default=DEFAULT_FORMAT, doc="What a line says, in tokens such as %h, %m, %U, %s, %{name}i")


@element
class AccessLogging(HttpAccessLogging):
    """An access log (httpAccessLogging) by the name that it has inside an endpoint.

    <httpEndpoint id="defaultHttpEndpoint">
        <accessLogging maxFiles="10"/>
    </httpEndpoint>
    """

    tag: ClassVar[str] = "accessLogging"


class Entry(NamedTuple):
    """What a line is made of; `sent` counts the bytes of the body, `completed` is in seconds since the epoch.

    `peer` is who is named as the caller.
    """

    request: Request
    response: Response
    sent: int
    completed: float
    peer: Peer


Token = Callable[[Entry], str]

# The value of whatever is called a password is not for a log.
_PASSWORD = re.compile(r"(?i)((?:^|[?&])[^=&]*password[^=&]*=)[^&\s]*")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\"\\]")
TOKEN = re.compile(r"%\{([^}]*)\}(.)|%([^{])|%\{.*", re.S)


def _safe(text: str) -> str:
    """A value from outside may neither end the line nor its quotes."""
    return _UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def masked(text: str) -> str:
    """A target or query without the values of passwords."""
    return _PASSWORD.sub(r"\1******", text)


def _masked(text: str) -> str:
    return _safe(masked(text))


def _protocol(request: Request) -> str:
    return f"HTTP/{request.version}"


def first_line(entry: Entry) -> str:
    """The request line, passwords masked; not yet safe for a line of text."""
    request = entry.request
    return f"{request.method} {masked(request.target)} {_protocol(request)}"


def _query(entry: Entry) -> str:
    return _masked(f"?{entry.request.query}") if entry.request.query else "-"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("[%d/%b/%Y:%H:%M:%S %z]")


def micros(entry: Entry) -> int:
    """How long the answer took, in microseconds."""
    return round((entry.completed - entry.request.arrived) * 1e6)


def _cookies(entry: Entry, wanted: str = "") -> str:
    pairs = [pair.strip().partition("=") for field in entry.request.headers.all(b"cookie") for pair in field.decode("latin-1").split(";")]
    return _safe(" ".join(f"{name}:{value}" for name, _, value in pairs if wanted in {"", name})) or "-"


def _header(fields: Iterable[tuple[bytes, bytes]], name: str) -> str:
    wanted = name.lower().encode()
    return next((_safe(value.decode("latin-1")) for key, value in fields if key == wanted), "-")


_PLAIN: Mapping[str, Token] = MappingProxyType(
    {
        "a": lambda entry: entry.peer.address or "-",
        "A": lambda entry: entry.peer.local_address or "-",
        # VERIFIED on a real server: an empty body is 0 for both.
        "b": lambda entry: str(entry.sent),
        "B": lambda entry: str(entry.sent),
        "C": _cookies,
        "D": lambda entry: str(micros(entry)),
        "h": lambda entry: entry.peer.address or "-",
        "H": lambda entry: _protocol(entry.request),
        "i": lambda entry: "-",
        "m": lambda entry: _safe(entry.request.method),
        "o": lambda entry: "-",
        "p": lambda entry: str(entry.peer.local_port),
        "q": _query,
        "r": lambda entry: _safe(first_line(entry)),
        "s": lambda entry: str(entry.response.status),
        "t": lambda entry: _time(entry.request.arrived),
        "u": lambda entry: "-",
        "U": lambda entry: _safe(entry.request.target.partition("?")[0]),
        "%": lambda entry: "%",
    }
)
_BRACED: Mapping[str, Callable[[str], Token]] = MappingProxyType(
    {
        "C": lambda name: lambda entry: _cookies(entry, name),
        "i": lambda name: lambda entry: _header(entry.request.headers, name),
        "o": lambda name: lambda entry: _header(entry.response.headers, name),
    }
)
_WHOLE: Mapping[str, Token] = MappingProxyType(
    {
        "{t}W": lambda entry: _time(entry.completed),
        "{R}W": lambda entry: str(micros(entry)),
        "{remote}p": lambda entry: str(entry.peer.port),
    }
)


def compiled(text: str) -> tuple[Token, ...]:
    """A format as functions; what is no token stands for itself, and an unterminated brace ends the line."""
    made: list[Token] = []
    end = 0
    for found in TOKEN.finditer(text):
        made.append(_literal(text[end : found.start()]))
        made.append(_token(found))
        end = found.end()
    return (*made, _literal(text[end:]))


def _token(found: re.Match[str]) -> Token:
    name, braced, plain = found.groups()
    if plain:
        return _PLAIN.get(plain) or _literal(found[0])
    if braced is None:
        return _literal("%{")
    whole = _WHOLE.get(f"{{{name}}}{braced}")
    return whole or (_BRACED[braced](name) if braced in _BRACED else _literal(found[0]))


def _literal(text: str) -> Token:
    return lambda entry: text


class AccessLog:
    """An open access log; lines are written together every half second."""

    def __init__(self, settings: HttpAccessLogging, path: Path) -> None:
        self.settings = settings
        self.path = path
        self._tokens = compiled(settings.log_format)
        self.names_callers = False
        self._waiting: list[str] = []
        self._file = LogFile(path, settings.rolling._replace(numbered=False), tell=self._tell, fresh=False)

    def record(self, request: Request, response: Response, sent: int, peer: Peer) -> None:
        """An answer is out to `peer`, who may be a proxy of the request's caller."""
        entry = Entry(request, response, sent, time.time(), request.peer if self.names_callers else peer)
        if not self._waiting:
            asyncio.get_running_loop().call_later(FLUSH, self.flush)
        self._waiting.append("".join([token(entry) for token in self._tokens]))
        if len(self._waiting) >= WAITING:
            self.flush()
        if shared.isEnabledFor(Level.INFO):
            shared.info("", extra={"entry": entry, "log_format": self.settings.log_format})

    def flush(self) -> None:
        """Write what waits."""
        lines, self._waiting = self._waiting, []
        if not lines:
            return
        self._file.write("\n".join(lines))

    def close(self) -> None:
        """Write what waits, and close the file."""
        self.flush()
        self._file.close()

    def _tell(self, cause: OSError) -> None:
        NOT_WRITTEN.log(logger, path=self.path, reason=cause.strerror)


def open_log(settings: HttpAccessLogging, place: Place) -> AccessLog | None:
    """The access log of an endpoint, or None where it is switched off."""
    path = settings.file_path or Path("logs/http_access.log")
    return AccessLog(settings, place.output_dir / path) if settings.enabled else None
