"""The body of a refusal: what the caller of a managed resource is told of it, which is never more than status and number."""

import html
import json
import re
from http import HTTPStatus

from zconnect.errors import Refused
from zconnect.values import Kind, Resource

_NUMBER = re.compile(r"[A-Z]{4,5}\d{4}[IAWEF](?=:)")
_JSON = ((b"content-type", b"application/json"),)


def completed(refusal: Refused, resource: Resource) -> Refused:
    """The refusal as the caller will see it: with a body where it brings none (z/OS Connect: `errorMessage`)."""
    if refusal.body or refusal.status < 400 or resource.kind is Kind.APPLICATION or _challenges(refusal):
        return refusal
    return Refused(refusal.status, refusal.reason, headers=(*refusal.headers, *_JSON), body=_document(refusal))


def _challenges(refusal: Refused) -> bool:
    """A challenge is a whole answer by itself, which its authenticator has written."""
    return any(name == b"www-authenticate" for name, _ in refusal.headers)


def _document(refusal: Refused) -> bytes:
    number = _NUMBER.match(refusal.reason)
    message = f"{number[0]}: {_phrase(refusal.status)}" if number else _phrase(refusal.status)
    return json.dumps({"errorMessage": html.escape(message)}).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
