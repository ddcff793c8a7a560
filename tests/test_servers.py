"""Every example server starts and answers as its expect.toml says; each case is a request and the answer it must get."""

import asyncio
import hmac
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted(path.parent for path in ROOT.glob("servers/*/expect.toml"))
SERVER = (sys.executable, "-m", "zconnect.cli.main")


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass
class Running:
    """An example that runs in a folder of its own on ports of its own."""

    name: str
    user_dir: Path
    http: int
    https: int
    signed: str = ""

    def ask(self, case: Mapping[str, Any]) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and body of the answer."""
        scheme = case.get("scheme", "https")
        url = f"{scheme}://localhost:{self.https if scheme == 'https' else self.http}{case['path']}"
        request = urllib.request.Request(url, method=case.get("method", "GET"), headers=self.headers(case))
        unverified = ssl._create_unverified_context()
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=unverified), Stay())
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, dict(answer.headers), answer.read().decode()

    def headers(self, case: Mapping[str, Any]) -> dict[str, str]:
        """Basic credentials, or a token that a jwtBuilder of the server has made for them."""
        headers = dict(case.get("headers", {}))
        if claims := case.get("gateway"):
            self.signed = self.signed if case.get("again") else signed(claims, case.get("spoil", ""), case["path"], time.time())
            headers["X-Gateway-Caller"] = self.signed
        if basic := case.get("basic"):
            credentials = "Basic " + b64encode(":".join(basic).encode()).decode()
            headers["Authorization"] = credentials
            if builder := case.get("token_of"):
                _, _, body = self.ask({"path": f"/jwt/ibm/api/{builder}/token", "headers": {"Authorization": credentials}})
                headers["Authorization"] = "Bearer " + self.spoilt(json.loads(body)["token"], case.get("spoil", ""))
        return headers

    @staticmethod
    def spoilt(token: str, how: str) -> str:
        """A token as it came, or with its signature exchanged for another's."""
        head, claims, signature = token.split(".")
        return f"{head}.{claims}.{signature[::-1]}" if how == "signature" else token

    def records(self) -> list[dict[str, Any]]:
        """The audit records so far."""
        lines = (self.user_dir / "servers" / self.name / "logs" / "audit.log").read_text().splitlines()
        return [json.loads(line) for line in lines]


def signed(claims: Mapping[str, Any], spoil: str, path: str, now: float) -> str:
    """The header of servers/gateway, written apart from its reader."""
    said = {"nonce": token_hex(8), **claims, "time": now + claims.get("time", 0)}
    payload = urlsafe_b64encode(json.dumps(said).encode())
    key = "another" if spoil == "key" else "change-me-a-secret-of-gateway-and-server"
    text = payload + f"\nGET\n{path}{'/1' if spoil == 'target' else ''}".encode()
    mac = urlsafe_b64encode(hmac.digest(key.encode(), text, "sha256")).decode().rstrip("=")
    if spoil == "payload":
        payload = urlsafe_b64encode(json.dumps({**said, "user": "mallory"}).encode())
    return f"{payload.decode()}.{mac}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.name)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    source: Path = request.param
    user_dir = tmp_path_factory.mktemp(source.name)
    shutil.copytree(source, user_dir / "servers" / source.name, ignore=shutil.ignore_patterns("logs", "workarea", "security"))
    found = Running(source.name, user_dir, free_port(), free_port())
    environment = {**os.environ, "WLP_USER_DIR": str(user_dir)}
    ports = (f"--http.port={found.http}", f"--https.port={found.https}")
    started = subprocess.run(
        [*SERVER, "start", source.name, "--", *ports], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert started.returncode == 0, started.stdout + started.stderr
    yield found
    subprocess.run([*SERVER, "stop", source.name], env=environment, capture_output=True, timeout=60, check=True)


def cases(folder: Path) -> list[dict[str, Any]]:
    return list(tomllib.loads((folder / "expect.toml").read_text())["case"])


def test_the_example_answers_as_expected(running: Running) -> None:
    """Each case gets its status and headers, and leaves its audit record where it says so."""
    for case in cases(ROOT / "servers" / running.name):
        before = len(running.records())
        status, headers, body = running.ask(case)
        assert status == case["status"], (case["name"], status, body)
        lower = {name.lower(): value for name, value in headers.items()}
        for name, value in case.get("answer_headers", {}).items():
            assert value.replace("@HTTPS@", str(running.https)) == lower.get(name.lower()), case["name"]
        assert case.get("body", "") in body, case["name"]
        if expected := case.get("audit"):
            record = running.records()[-1]
            assert {name: record.get(name) for name in expected} == expected, (case["name"], record)
            assert len(running.records()) == before + 1, case["name"]


async def test_the_quickstart_takes_websockets(running: Running) -> None:
    """Behind the same guard as requests; the record is written at the end."""
    if running.name != "quickstart":
        pytest.skip("only the quickstart has an application for it")
    address = f"wss://localhost:{running.https}/catalog/"
    tls = ssl._create_unverified_context()
    with pytest.raises(InvalidStatus, match="401"):
        await connect(address, ssl=tls, proxy=None)
    credentials = running.headers({"basic": ["alice", "alice-secret"], "token_of": "quickstart"})
    before = len(running.records())
    async with connect(address, ssl=tls, proxy=None, additional_headers=credentials) as client:
        await client.send("4712")
        assert json.loads(await client.recv())["name"] == "Pencil, HB"
    async with asyncio.timeout(20):
        while len(running.records()) == before:
            await asyncio.sleep(0.05)
    record = running.records()[-1]
    assert (record["userName"], record["status"], record["closeCode"], record["outcome"]) == ("alice", 101, 1000, "success")
