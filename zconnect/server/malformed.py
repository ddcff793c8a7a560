"""What is no acceptable HTTP/1.1, and how its sender is told."""

import re

from httptools import HttpParserError, HttpParserInvalidMethodError

from zconnect.errors import Refused
from zconnect.messages import warning

MALFORMED = warning("ZCON0808W", "A request is not HTTP/1.1: {reason}.", "Look at the caller: the connection was closed.")
LIMIT = warning(
    "ZCON0809W", "A request exceeds {attribute}, which is {limit}.", "Send less, or raise {attribute} of the endpoint's httpOptions."
)
TWO_CREDENTIALS = "it has the field Authorization more than once (RFC 9110, section 5.3)"
NOT_HTTP = warning("ZCON0836W", "What a caller sends is no HTTP.", "Look at the caller: he has taken the port for another one.")

_method = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64} ").match
_foreign = re.compile(rb"(?![^\r\n]* HTTP/)[ -~]+\r?\n").match  # a whole line of text that is no request line


class Unheard(Refused):
    """What has come in is neither HTTP/1 nor the preface of HTTP/2, so an answer would not be understood (RFC 9113, 3.4)."""

    def __init__(self) -> None:
        super().__init__(400, NOT_HTTP())


def malformed(error: HttpParserError, data: bytes) -> Refused:
    """The answer to what the parser could not read."""
    if isinstance(error, HttpParserInvalidMethodError) and _method(data):
        if _foreign(data):
            return Unheard()
        return Refused(501, MALFORMED(reason="the method is unknown"))
    return Refused(400, MALFORMED(reason=str(error)))
