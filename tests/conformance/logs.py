"""Has a server write its logs in each format and the corpus' own checker judge them: one case a recorded file."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

from tests.conformance.differences import module_at
from tests.conformance.result import Result

AREA = "logs"
SERVER = (sys.executable, "-P", "-m", "zconnect.cli.main")
APPLICATION = '''
"""Says something on every way out."""

import logging
import sys

print("plain out line")
print("out line one\\nout line two")
sys.stdout.write("no line end")
print("[11/22/26, 21:21:31:802 UTC] 00000001 looks like a record")
print('{"type":"made_up","a":1}')
print("plain err line", file=sys.stderr)
logging.getLogger("made.up.of.a.name.that.is.longer.than.the.sixty.columns.of.the.format").warning("warning / text")
logging.getLogger("made.up").debug("fine text\\non two lines")
try:
    raise RuntimeError("made up")
except RuntimeError:
    logging.getLogger("made.up").exception("with exception")


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-out", b"o")]})
        await send({"type": "http.response.body", "body": b"hello"})
'''
TRACE = 'traceSpecification="*=info:made.up.*=all"'
TOKENS = "%a|%A|%b|%B|%C|%{k}C|%D|%h|%i|%{X-In}i|%{none}i|%o|%{X-Out}o|%H|%m|%p|%{remote}p|%q|%r|%R|%{R}W|%s|%t|%{t}W|%u|%U|%%|%z|%{X}z"
# By recorded file: attributes of <logging>, environment, and the file of ours that is judged.
RECIPES: Mapping[str, tuple[str, Mapping[str, str], str]] = MappingProxyType(
    {
        "messages-simple.log": ("", {}, "messages.log"),
        "console-dev.log": ("", {}, "console.log"),
        "console-dev-info.log": ('consoleLogLevel="INFO"', {}, "console.log"),
        "access-default.log": ("", {}, "http_access.log"),
        "access-all-tokens.log": ("", {"ACCESS": TOKENS}, "http_access.log"),
        "trace-enhanced.log": (TRACE, {}, "trace.log"),
        "trace-basic.log": (f'{TRACE} traceFormat="BASIC"', {}, "trace.log"),
        "trace-tbasic.log": (f'{TRACE} traceFormat="TBASIC"', {}, "trace.log"),
        "trace-advanced.log": (f'{TRACE} traceFormat="ADVANCED" isoDateFormat="true"', {}, "trace.log"),
        "messages-tbasic.log": ('messageFormat="TBASIC" consoleFormat="TBASIC"', {}, "messages.log"),
        "console-tbasic.log": ('messageFormat="TBASIC" consoleFormat="TBASIC"', {}, "console.log"),
        "messages-tbasic-env.log": ("", {"WLP_LOGGING_MESSAGE_FORMAT": "tbasic"}, "messages.log"),
        "messages-iso.log": ('isoDateFormat="true"', {}, "messages.log"),
        "console-simple.log": ('consoleFormat="SIMPLE" isoDateFormat="true"', {}, "console.log"),
        "messages-json.log": ('messageFormat="JSON" messageSource="message,accessLog" consoleFormat="JSON"', {}, "messages.log"),
        "console-json.log": ('messageFormat="JSON" consoleFormat="JSON"', {}, "console.log"),
        "messages-single-entry.log": ('stackTraceSingleEntry="true"', {}, "messages.log"),
        "console-single-entry.log": ('stackTraceSingleEntry="true"', {}, "console.log"),
    }
)


def run(root: Path, verbose: bool) -> Result:
    """Judge a log of ours for every recorded one below `root` (the folder with logs/)."""
    corpus = root / AREA
    checker = module_at(corpus / "check.py")
    index = json.loads((corpus / "fixtures" / "index.json").read_text())
    result = Result(AREA)
    for entry in index:
        if entry["file"] not in RECIPES:
            result.add(entry["file"], "not run", [], verbose)
            continue
        wrong = _judged(checker, entry)
        result.add(entry["file"], "short" if wrong else "matched", [f"line {line}: {text}" for line, text in wrong[:10]], verbose)
    return result


def _judged(checker: ModuleType, entry: Mapping[str, str]) -> list[tuple[int, str]]:
    attributes, environment, name = RECIPES[entry["file"]]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        logs = _written(folder, attributes, environment, entry.get("logformat", ""))
        if not (logs / name).exists():
            return [(0, f"{name} was not written")]
        wrong: list[tuple[int, str]] = checker.check(entry["format"], str(logs / name), entry.get("logformat", ""))
        return wrong + list(checker.check("names", str(logs), ""))


def _written(folder: Path, attributes: str, environment: Mapping[str, str], access: str) -> Path:
    """The logs folder of a server that has started, answered a request and stopped."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = folder / "servers" / "talker"
    (server / "apps").mkdir(parents=True)
    (server / "apps" / "talk.py").write_text(APPLICATION)
    quoted = (access or "%h %u %{t}W &quot;%r&quot; %s %b").replace('"', "&quot;")
    (server / "server.xml").write_text(
        f"""<server>
            <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
            <logging {attributes}/>
            <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"><accessLogging logFormat="{quoted}"/></httpEndpoint>
            <zosconnect_zosConnectManager requireAuth="false" requireSecure="false"/>
            <webApplication location="talk:app" contextRoot="/talk"/>
        </server>"""
    )
    surroundings = {**os.environ, **environment, "WLP_USER_DIR": str(folder)}
    subprocess.run([*SERVER, "start", "talker"], env=surroundings, capture_output=True, check=True)
    try:
        headers = {"Cookie": "k=v; a=b", "X-In": "i"}
        urllib.request.urlopen(urllib.request.Request(f"http://localhost:{port}/talk/x?password=p&q=1", headers=headers)).close()
    finally:
        subprocess.run([*SERVER, "stop", "talker"], env=surroundings, capture_output=True, check=True)
    return server / "logs"
