"""Access records in logs of the format JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from zconnect.server.accesslog import AccessLog, AccessLogging
from zconnect.server.instance import Instance, instance_at
from zconnect.server.logs import logs_of
from zconnect.values import NO_BODY, Headers, Peer, Request, Response

PREFIX = "com.ibm.ws.logging."
FIELDS = "com.ibm.ws.json.access.log.fields"
IN_MESSAGES = {PREFIX + "message.format": "JSON", PREFIX + "message.source": "message,accessLog"}
PEER = Peer("127.0.0.1", 40206, "127.0.0.1", 9690)
SENT = [(b"host", b"a"), (b"cookie", b"k=v; j=w"), (b"x-in", b'in"value')]
EVERYTHING = "%a|%A|%b|%B|%C|%{k}C|%D|%h|%i|%{X-In}i|%{none}i|%o|%{X-Out}o|%H|%m|%p|%{remote}p|%q|%r|%R|%{R}W|%s|%t|%{t}W|%u|%U|%%|%z"
# Messages-json.log and messages-json-logformat.log of the recorded server: the fields between ibm_serverName and ibm_datetime.
DEFAULT = (
    "ibm_remoteHost ibm_requestProtocol ibm_requestHost ibm_bytesReceived ibm_requestMethod ibm_requestPort ibm_queryString "
    "ibm_elapsedTime ibm_responseCode ibm_uriPath"
)
BY_FORMAT = (
    "ibm_remoteHost ibm_requestProtocol ibm_requestHeader_x-in ibm_requestMethod ibm_responseHeader_x-out ibm_requestPort ibm_remotePort "
    "ibm_queryString ibm_requestFirstLine ibm_responseCode ibm_requestStartTime ibm_uriPath ibm_elapsedTime ibm_accessLogDatetime "
    "ibm_remoteIP ibm_requestHost ibm_bytesSent ibm_bytesReceived ibm_cookie_k ibm_requestElapsedTime"
)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return instance_at("s1", {"WLP_USER_DIR": str(tmp_path)})


async def recorded(
    instance: Instance, properties: Mapping[str, str], log_format: str = "%h", target: str = "/log/all?a=1&password=geheim"
) -> None:
    """Serve one request under these settings."""
    path, _, query = target.partition("?")
    request = Request("GET", target, path, query, Headers(SENT), NO_BODY, PEER, "http", "a", "1.1", 1000.25, "1", {})
    with logs_of(instance, properties):
        log = AccessLog(AccessLogging(log_format=log_format), instance.place.log_dir / "http_access.log")
        log.record(request, Response(200, ((b"x-out", b"out-value"),)), 2, PEER)
        log.record(request, Response(200), 2, PEER)
        log.close()


def records(text: str) -> list[dict[str, Any]]:
    return [found for line in text.splitlines() if (found := json.loads(line))["type"] == "liberty_accesslog"]


@pytest.mark.parametrize(
    ("properties", "log_format", "fields"),
    [
        ({}, "%h", DEFAULT),
        ({FIELDS: "logFormat"}, EVERYTHING, BY_FORMAT),
        ({FIELDS: "logFormat"}, "%s %m", "ibm_requestMethod ibm_responseCode"),
        ({FIELDS: "logFormat", PREFIX + "json.field.mappings": "accessLog:ibm_responseCode:code,message:text"}, "%s", "code"),
    ],
)
async def test_fields(instance: Instance, properties: Mapping[str, str], log_format: str, fields: str) -> None:
    """In the order of the recorded server, without those that the request has no value for."""
    await recorded(instance, {**IN_MESSAGES, **properties}, log_format)
    first, second = records((instance.place.log_dir / "messages.log").read_text())
    assert [*first] == ["type", "host", "ibm_userDir", "ibm_serverName", *fields.split(), "ibm_datetime", "ibm_sequence"]
    assert (first["ibm_sequence"], second["ibm_sequence"]) == ("0000001000250_0000000000001", "0000001000250_0000000000002")


async def test_values(instance: Instance) -> None:
    """Numbers are numbers, ports are text; the value of a password is in no log."""
    await recorded(instance, {**IN_MESSAGES, FIELDS: "logFormat"}, EVERYTHING)
    found = records((instance.place.log_dir / "messages.log").read_text())[0]
    assert (found["ibm_responseCode"], found["ibm_bytesSent"], found["ibm_requestPort"], found["ibm_remotePort"]) == (
        200,
        2,
        "9690",
        "40206",
    )
    assert (found["ibm_cookie_k"], found["ibm_requestHeader_x-in"], found["ibm_uriPath"]) == ("v", 'in"value', "/log/all")
    assert found["ibm_queryString"] == "a=1&password=******"
    assert found["ibm_requestFirstLine"] == "GET /log/all?a=1&password=****** HTTP/1.1"
    assert found["ibm_requestStartTime"].endswith(".250+0000")


async def test_no_query_no_field(instance: Instance) -> None:
    """What is not there has no field."""
    await recorded(instance, IN_MESSAGES, target="/log")
    assert "ibm_queryString" not in records((instance.place.log_dir / "messages.log").read_text())[0]


async def test_who_does_not_ask_gets_none(instance: Instance, capfd: pytest.CaptureFixture[str]) -> None:
    """A text log has none, and a console only by its own source."""
    await recorded(instance, {PREFIX + "message.source": "message,accessLog", PREFIX + "console.format": "JSON"})
    assert not (instance.place.log_dir / "messages.log").exists()
    assert "liberty_accesslog" not in capfd.readouterr().out
    await recorded(instance, {PREFIX + "console.source": "accessLog", PREFIX + "console.format": "JSON"})
    assert len(records(capfd.readouterr().out)) == 2
