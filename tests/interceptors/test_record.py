"""What stands in an audit record."""

import base64
import json
from typing import Any

import pytest

from tests.interceptors.conftest import ALICE, RESOURCE, asking
from zconnect.interceptors.record import Records
from zconnect.values import Identity, Kind, Outcome, Place, Request, Resource

DONE = Outcome(200, 17, 1_700_000_001.5)


def record(
    place: Place,
    request: Request,
    identity: Identity | None = ALICE,
    outcome: Outcome = DONE,
    headers: tuple[str, ...] = (),
    resource: Resource = RESOURCE,
) -> dict[str, Any]:
    line = Records(place, headers).of(request, identity, resource, outcome)
    assert line.count(b"\n") == 1
    assert line.isascii()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_says_who_did_what_when_and_how_it_ended(place: Place) -> None:
    """The names are those of the table in the module."""
    found = record(place, asking("GET", "/catalog/items", "from=1"))
    assert found.pop("system")
    assert found.pop("process")
    assert found == {
        "server": "test",
        "requestId": "r-1",
        "arrival": "2023-11-14T22:13:20.250000Z",
        "completion": "2023-11-14T22:13:21.500000Z",
        "type": "API",
        "name": "catalog",
        "operation": "",
        "method": "GET",
        "uri": "/catalog/items",
        "query": "from=1",
        "scheme": "https",
        "httpVersion": "1.1",
        "userName": "alice",
        "mappedUserName": "ALICE",
        "realm": "realm",
        "mechanism": "BASIC",
        "clientAddress": "192.0.2.7",
        "clientPort": 4711,
        "requestLength": 0,
        "responseLength": 17,
        "status": 200,
        "outcome": "success",
        "reason": "",
    }


@pytest.mark.parametrize("evil", ['"}\n{"x":"', "\u2028\u0085\r\n", "\udcff", "\x1b[2J", "ä€😀"], ids=ascii)
def test_nothing_that_a_caller_sends_looks_like_another_record(place: Place, evil: str) -> None:
    """It is one line of ASCII, whatever stands in path, query, name or reason."""
    found = record(place, asking("GET", f"/{evil}", evil), Identity(evil, evil, evil), Outcome(403, 0, 0, evil))
    assert (found["uri"], found["query"], found["userName"], found["reason"]) == (f"/{evil}", evil, evil, evil)


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        (200, "", "success"),
        (304, "", "success"),
        (302, "ZCON0401W: https", "redirect"),
        (401, "x", "denied"),
        (403, "", "denied"),
        (404, "", "failure"),
        (500, "x", "failure"),
        (200, "ZCON0505E: broke off", "failure"),
    ],
)
def test_the_outcome_is_a_word_to_search_for(place: Place, status: int, reason: str, outcome: str) -> None:
    """An answer that broke off is a failure whatever its status was."""
    assert record(place, asking(), outcome=Outcome(status, 0, 0, reason))["outcome"] == outcome


def test_chosen_headers_are_recorded_and_secrets_are_not(place: Place) -> None:
    """At most 64 characters; those that are not there are left out."""
    request = asking(x_trace="t" * 100, authorization="Bearer secret", cookie="s=secret")
    found = record(place, request, headers=("X-Trace", "Authorization", "Cookie", "X-None"))
    assert found["requestHeaders"] == {"X-Trace": "t" * 64, "Authorization": "********", "Cookie": "********"}


@pytest.mark.parametrize(
    ("authorization", "claimed"),
    [
        ("Basic " + base64.b64encode(b"bob:secret").decode(), "bob"),
        ("basic " + base64.b64encode(b":secret").decode(), ""),
        ("Basic " + base64.b64encode(b"secret").decode(), None),
        ("Basic !!!", None),
        ("Bearer abc", None),
    ],
)
def test_who_a_failed_caller_says_he_is_stands_apart(place: Place, authorization: str, claimed: str | None) -> None:
    """The name in a Basic header, never the password."""
    found = record(place, asking(authorization=authorization), None, Outcome(401, 0, 0, "x"))
    assert found.get("claimedUserName") == claimed
    assert found["userName"] == ""
    assert "secret" not in json.dumps(found)


def test_the_type_is_that_of_the_resource(place: Place) -> None:
    """SERVICE has the name of the service."""
    found = record(place, asking(), resource=Resource(Kind.SERVICE, "stock", "get"))
    assert (found["type"], found["name"], found["operation"]) == ("SERVICE", "stock", "get")
