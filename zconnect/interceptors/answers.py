"""The body of a refusal: what its caller is told, which is never more than status and number."""

import html
import json
import re
from http import HTTPStatus

from zconnect.errors import Refused
from zconnect.values import Kind, Resource

_NUMBER = re.compile(r"[A-Z]{4,5}\d{4}[IAWEF](?=:)")
_JSON = ((b"content-type", b"application/json"),)
_HTML = ((b"content-type", b"text/html; charset=UTF-8"),)


def completed(refusal: Refused, resource: Resource) -> Refused:
    """The refusal as the caller will see it, with a body where it brings none.

    `errorMessage` is that of z/OS Connect, the page for a plain application's failure Liberty's.
    """
    if refusal.body or refusal.status < 400 or _challenges(refusal):
        return refusal
    if resource.kind is not Kind.APPLICATION:
        return Refused(refusal.status, refusal.reason, headers=(*refusal.headers, *_JSON), body=_document(refusal))
    if refusal.status < 500:
        return refusal
    text = page(f"Error {refusal.status}: {_phrase(refusal.status)}", "The application could not answer.")
    return Refused(refusal.status, refusal.reason, headers=(*refusal.headers, *_HTML), body=text.encode())


def page(title: str, text: str) -> str:
    """A page for people, in HTML; both texts are our own."""
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n"


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
