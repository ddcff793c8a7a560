"""Access records as JSON objects, for logs of the format JSON whose sources name accessLog."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from zconnect.server.accesslog import TOKEN, Entry, first_line, masked, micros
from zconnect.server.logformats import JsonFormat, Stamps

KIND = "liberty_accesslog"

Value = Callable[[Entry], Any]

_STAMPS = Stamps(iso=True)


# By the tokens of logFormat, in the order of the recorded server; empty text is left out.
_FIELDS: Mapping[str, tuple[str, Value]] = MappingProxyType(
    {
        "%h": ("ibm_remoteHost", lambda entry: entry.peer.address),
        "%H": ("ibm_requestProtocol", lambda entry: f"HTTP/{entry.request.version}"),
        "%i": ("ibm_requestHeader_", lambda entry: entry.request.headers),
        "%m": ("ibm_requestMethod", lambda entry: entry.request.method),
        "%o": ("ibm_responseHeader_", lambda entry: entry.response.headers),
        "%p": ("ibm_requestPort", lambda entry: str(entry.peer.local_port)),
        "%{remote}p": ("ibm_remotePort", lambda entry: str(entry.peer.port)),
        "%q": ("ibm_queryString", lambda entry: masked(entry.request.query)),
        "%r": ("ibm_requestFirstLine", first_line),
        "%s": ("ibm_responseCode", lambda entry: entry.response.status),
        "%t": ("ibm_requestStartTime", lambda entry: _STAMPS.stamp(entry.request.arrived)),
        "%U": ("ibm_uriPath", lambda entry: entry.request.target.partition("?")[0]),
        "%{R}W": ("ibm_elapsedTime", micros),
        "%{t}W": ("ibm_accessLogDatetime", lambda entry: _STAMPS.stamp(entry.completed)),
        "%a": ("ibm_remoteIP", lambda entry: entry.peer.address),
        "%A": ("ibm_requestHost", lambda entry: entry.peer.local_address),
        "%b": ("ibm_bytesSent", lambda entry: entry.sent),
        "%B": ("ibm_bytesReceived", lambda entry: entry.sent),
        "%C": ("ibm_cookie_", lambda entry: entry.request.headers),
        "%D": ("ibm_requestElapsedTime", micros),
    }
)
# Without a choice: their order, too, is the recorded one.
_DEFAULT = ("%h", "%H", "%{user-agent}i", "%A", "%B", "%m", "%p", "%q", "%{R}W", "%s", "%U")


class AccessFormat:
    """One object a line; `by_format` has the fields that the logFormat of the endpoint names."""

    def __init__(self, json: JsonFormat, *, by_format: bool) -> None:
        self._json = json
        self._by_format = by_format

    def __call__(self, record: logging.LogRecord) -> str:
        """The line of a record that an access log has sent."""
        entry, log_format = record.__dict__["entry"], record.__dict__["log_format"]
        chosen = _ordered(log_format) if self._by_format else _DEFAULT
        fields: dict[str, Any] = {}
        for token in chosen:
            fields.update((name, value) for name, value in _read(token, entry) if value != "")
        fields["ibm_datetime"] = _STAMPS.stamp(entry.completed)
        fields["ibm_sequence"] = self._json.sequence(record, KIND, entry.request.arrived)
        return self._json.line(KIND, fields)


@cache
def _ordered(log_format: str) -> Sequence[str]:
    """The tokens of a format, once each, in the order of the fields."""
    written = dict.fromkeys(found[0] for found in TOKEN.finditer(log_format))
    named = [token for token in written if token[-1] in "ioC" and len(token) > 2]
    return [token for known in _FIELDS for token in (known, *(each for each in named if known == f"%{each[-1]}")) if token in written]


def _read(token: str, entry: Entry) -> Iterator[tuple[str, Any]]:
    """Name and value of what a token stands for, where the request has it."""
    if token in _FIELDS:
        name, value = _FIELDS[token]
        if not name.endswith("_"):
            yield name, value(entry)
        return
    wanted = token[2:-2]
    name, value = _FIELDS[f"%{token[-1]}"]
    if token[-1] == "C":
        pairs = (pair.strip().partition("=") for field in value(entry).all(b"cookie") for pair in field.decode("latin-1").split(";"))
        yield from ((f"{name}{wanted}", text) for key, _, text in pairs if key == wanted)
    elif token[-1] in "io":
        found = next((text for key, text in value(entry) if key == wanted.lower().encode()), None)
        if found is not None:
            agent = token.lower() == "%{user-agent}i"
            yield "ibm_userAgent" if agent else f"{name}{wanted.lower()}", found.decode("latin-1")
