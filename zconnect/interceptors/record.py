r"""The audit record: one JSON object on one line of ASCII, so that nothing a caller sends can look like another record.

| name | SMF 123 subtype 1 | what |
| --- | --- | --- |
| system, server, process | SERVER_SYSTEM, SERVER_JOBNAME, SERVER_JOBID | host, name of the server, its process number |
| requestId | REQ_ID | unique in the life of a server; stands in the log, too |
| arrival, completion | TIME_ZC_ENTRY, TIME_ZC_EXIT | UTC, microseconds |
| type | REQ_TYPE | API, SERVICE, ADMIN, APPLICATION or UNKNOWN |
| name, operation | API_NAME or SERVICE_NAME | the resource |
| method, uri, query | REQ_METHOD, REQ_TARGET_URI, REQ_QUERY_STR | `uri` is the path as the guards saw it: decoded, without dot segments |
| scheme, httpVersion | | http or https; 1.1 or 2 |
| userName, mappedUserName, realm, mechanism | USER_NAME, USER_NAME_MAPPED | who, and how he proved it; empty where nobody did |
| claimedUserName | | only where nobody was authenticated: the name in a Basic header |
| clientAddress, clientPort | CLIENT_IP_ADDR | |
| requestLength, responseLength | REQ_PAYLOAD_LEN, RESP_PAYLOAD_LEN | bytes of the bodies that came in and went out |
| status | HTTP_RESP_CODE | 499: the client went away before there was one; 101: a WebSocket, recorded at its end |
| closeCode | | only of a WebSocket: the status code it was closed with (RFC 6455 section 7.4); 1006: without a word |
| outcome | | success, redirect, denied (401, 403) or failure |
| reason | | number and sentence; empty on success |
| requestHeaders | REQ_HDR1 to 4 | only where some are configured; at most 64 characters each |
"""

import base64
import binascii
import os
import socket
import time
from json.encoder import encode_basestring_ascii as quoted

from zconnect.values import NOBODY, Identity, Outcome, Place, Request, Resource

_LONGEST_HEADER = 64  # SMF123S1_REQ_HDR1: name:value in 64 bytes
SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})  # headers whose values are never written down
HIDDEN = "********"


class Records:
    """Makes the records of one server; what never changes is encoded once."""

    def __init__(self, place: Place, headers: tuple[str, ...] = ()) -> None:
        self._begin = f'{{"system":{quoted(socket.gethostname())},"server":{quoted(place.name)},"process":{os.getpid()},"requestId":'
        self._headers = tuple((name, name.lower().encode("latin-1", "replace")) for name in headers)
        self._clock = _Clock()

    def of(self, request: Request, identity: Identity | None, resource: Resource, outcome: Outcome) -> bytes:
        """The line about one request, with its line feed."""
        known = request.known.get(self)
        if known is None or known[0] is not identity or known[1] is not resource:
            known = request.known[self] = (identity, resource, self._of_the_head(request, identity, resource))
        tunnel = request.tunnel if outcome.status == 101 else None
        closing = f',"closeCode":{tunnel.code}' if tunnel else ""
        return (
            f"{self._begin}{quoted(request.identifier)}"
            f',"arrival":"{self._clock.text(request.arrived)}","completion":"{self._clock.text(outcome.completed)}"'
            f'{known[2]},"requestLength":{(tunnel or request.body).received},"responseLength":{outcome.length}'
            f',"status":{outcome.status}{closing},"outcome":"{_outcome(outcome)}","reason":{quoted(outcome.reason)}'
            f"{self._recorded(request) if self._headers else ''}}}\n"
        ).encode("ascii")

    def _of_the_head(self, request: Request, identity: Identity | None, resource: Resource) -> str:
        """What is the same for every request with this head and this caller."""
        caller = identity or NOBODY
        peer = request.peer
        return (
            f',"type":"{resource.kind.value}","name":{quoted(resource.name)},"operation":{quoted(resource.operation)}'
            f',"method":{quoted(request.method)},"uri":{quoted(request.path)},"query":{quoted(request.query)}'
            f',"scheme":{quoted(request.scheme)},"httpVersion":{quoted(request.version)}'
            f',"userName":{quoted(caller.user)},"mappedUserName":{quoted(caller.mapped_user)}'
            f',"realm":{quoted(caller.realm)},"mechanism":{quoted(caller.mechanism)}'
            f"{'' if identity else _claim(request)}"
            f',"clientAddress":{quoted(peer.address)},"clientPort":{peer.port}'
        )

    def _recorded(self, request: Request) -> str:
        found = ((name, request.headers.get(key)) for name, key in self._headers)
        members = ",".join(f"{quoted(name)}:{quoted(_value(name, value))}" for name, value in found if value is not None)
        return f',"requestHeaders":{{{members}}}'


def _value(name: str, value: bytes) -> str:
    return HIDDEN if name.lower() in SECRET else value.decode("latin-1")[:_LONGEST_HEADER]


def _outcome(outcome: Outcome) -> str:
    status = outcome.status
    if status in (401, 403):
        return "denied"
    if status >= 400 or (outcome.reason and status < 300):
        return "failure"
    return "redirect" if status >= 300 and outcome.reason else "success"


def _claim(request: Request) -> str:
    """Who the caller of a request that failed says he is: the name in a Basic header (z/OS Connect records it, too)."""
    scheme, _, rest = (request.headers.get(b"authorization") or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        name, colon, _ = base64.b64decode(rest.strip(), validate=True).partition(b":")
    except binascii.Error:
        return ""
    # Without a colon it is no name, and may be a secret.
    return f',"claimedUserName":{quoted(name[:_LONGEST_HEADER].decode("utf-8", "replace"))}' if colon else ""


class _Clock:
    """Seconds since the epoch → text; a second is formatted once."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def text(self, moment: float) -> str:
        second = int(moment)
        if second != self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return f"{self._text}{int((moment - second) * 1_000_000):06d}Z"
