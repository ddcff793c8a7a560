"""The example servers/keycloak against a real Keycloak, installed by Maven and started for the test."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_servers import ROOT, SERVER, Running, free_port

VERSION = "26.4.0"
HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "zconnect-interop"
CASES = (
    ("alice", "catalog-ui", 200),
    ("bob", "catalog-ui", 403),  # in no group
    ("alice", "payroll-ui", 401),  # another audience
)

pytestmark = pytest.mark.interop


def installed() -> Path:
    """The folder of Keycloak, fetched at the first use."""
    folder = HOME / f"keycloak-{VERSION}"
    if not folder.exists():
        artifact = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
        copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
        subprocess.run(["mvn", "-q", "-B", copy, f"-Dartifact={artifact}", f"-DoutputDirectory={HOME}"], check=True)
        with zipfile.ZipFile(HOME / f"keycloak-quarkus-dist-{VERSION}.zip") as archive:
            archive.extractall(HOME)
        (folder / "bin" / "kc.sh").chmod(0o755)
    return folder


def answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    """Whether an address answers within two minutes."""
    for _ in range(240):
        if process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.5)
    return False


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Keycloak that has the realm of the example."""
    home = tmp_path_factory.mktemp("keycloak") / "home"
    shutil.copytree(installed(), home, symlinks=True)
    (home / "data" / "import").mkdir(parents=True)
    shutil.copy(ROOT / "servers" / "keycloak" / "realm-demo.json", home / "data" / "import")
    port = free_port()
    command = [
        str(home / "bin" / "kc.sh"),
        "start-dev",
        "--import-realm",
        f"--http-port={port}",
        "--http-management-port",
        str(free_port()),
    ]
    with (home / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://localhost:{port}"
        assert answers(f"{url}/realms/demo", process), (home / "log.txt").read_text()[-2000:]
        yield url
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def running(keycloak: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example, told where Keycloak is."""
    user_dir = tmp_path_factory.mktemp("user")
    shutil.copytree(ROOT / "servers" / "keycloak", user_dir / "servers" / "keycloak")
    found = Running("keycloak", user_dir, free_port(), free_port())
    environment = {**os.environ, "WLP_USER_DIR": str(user_dir)}
    words = (f"--http.port={found.http}", f"--https.port={found.https}", f"--keycloak.url={keycloak}")
    subprocess.run([*SERVER, "start", "keycloak", "--", *words], env=environment, timeout=60, check=True)
    yield found
    subprocess.run([*SERVER, "stop", "keycloak"], env=environment, timeout=60, check=True)


def token(keycloak: str, user: str, client: str) -> str:
    """An access token by the password grant."""
    form = {"grant_type": "password", "client_id": client, "username": user, "password": f"{user}-secret"}
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{keycloak}/realms/demo/protocol/openid-connect/token", body, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


@pytest.mark.parametrize(("user", "client", "status"), CASES)
def test_tokens_of_a_real_realm(keycloak: str, running: Running, user: str, client: str, status: int) -> None:
    """The user's groups come from the token, the keys from the realm, and another audience is refused."""
    headers = {"Authorization": f"Bearer {token(keycloak, user, client)}"}
    found, _, body = running.ask({"path": "/catalog/items", "headers": headers})
    assert found == status, body
    assert f'"caller": "{user}"' in body or status != 200
