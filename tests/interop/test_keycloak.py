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
from contextlib import contextmanager
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
    """Whether an address answers within ten minutes."""
    for _ in range(1200):
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


# The keys are found by discovery, and of every token the realm is asked whether its login still holds.
ASKING = """
<server>
    <openidConnectClient id="keycloak" discoveryEndpointUrl="${realm.url}/.well-known/openid-configuration" httpsRequired="false"
                         jwtAccessTokenRemoteValidation="require" clientId="catalog" clientSecret="catalog-secret"
                         accessTokenCacheEnabled="false"/>
</server>
"""


@contextmanager
def served(keycloak: str, user_dir: Path, override: str = "") -> Iterator[Running]:
    """The example, told where Keycloak is, with an override."""
    shutil.copytree(ROOT / "servers" / "keycloak", user_dir / "servers" / "keycloak")
    if override:
        overrides = user_dir / "servers" / "keycloak" / "configDropins" / "overrides"
        overrides.mkdir(parents=True)
        (overrides / "override.xml").write_text(override)
    found = Running("keycloak", user_dir, free_port(), free_port())
    environment = {**os.environ, "WLP_USER_DIR": str(user_dir)}
    words = (f"--http.port={found.http}", f"--https.port={found.https}", f"--keycloak.url={keycloak}")
    subprocess.run([*SERVER, "start", "keycloak", "--", *words], env=environment, timeout=60, check=True)
    yield found
    subprocess.run([*SERVER, "stop", "keycloak"], env=environment, timeout=60, check=True)


@pytest.fixture(scope="module")
def running(keycloak: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example as it is."""
    with served(keycloak, tmp_path_factory.mktemp("user")) as found:
        yield found


def asked(keycloak: str, path: str, **form: str) -> dict[str, str]:
    """What the realm answers to a form."""
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{keycloak}/realms/demo/protocol/openid-connect/{path}", body, timeout=10) as answer:
        return dict(json.loads(answer.read() or b"{}"))


def tokens(keycloak: str, user: str, client: str) -> dict[str, str]:
    """Tokens by the password grant."""
    return asked(keycloak, "token", grant_type="password", client_id=client, username=user, password=f"{user}-secret")


def token(keycloak: str, user: str, client: str) -> str:
    """An access token."""
    return tokens(keycloak, user, client)["access_token"]


@pytest.mark.parametrize(("user", "client", "status"), CASES)
def test_tokens_of_a_real_realm(keycloak: str, running: Running, user: str, client: str, status: int) -> None:
    """The user's groups come from the token, the keys from the realm, and another audience is refused."""
    headers = {"Authorization": f"Bearer {token(keycloak, user, client)}"}
    found, _, body = running.ask({"path": "/catalog/items", "headers": headers})
    assert found == status, body
    assert f'"caller": "{user}"' in body or status != 200


@pytest.mark.parametrize("method", ["introspect", "userinfo"])
def test_a_real_realm_is_asked(keycloak: str, tmp_path: Path, method: str) -> None:
    """Its description gives the address; a token is good until its user logs out, though by itself it would be good longer."""
    override = ASKING.replace("<openidConnectClient ", f'<openidConnectClient validationMethod="{method}" ')
    if method == "userinfo":  # it says nothing of the token's audience
        override = override.replace('clientId="catalog"', 'audiences="ALL_AUDIENCES" realmName="demo" clientId="catalog"')
    with served(keycloak, tmp_path, override) as running:
        made = asked(
            keycloak,
            "token",
            grant_type="password",
            client_id="catalog-ui",
            username="alice",
            password="alice-secret",
            scope="openid",
        )
        request = {"path": "/catalog/items", "headers": {"Authorization": f"Bearer {made['access_token']}"}}
        found, _, body = running.ask(request)
        assert (found, '"caller": "alice"' in body) == (200, True), body
        assert running.ask({"path": "/catalog/items", "headers": {"Authorization": "Bearer opaque"}})[0] == 401
        asked(keycloak, "logout", client_id="catalog-ui", refresh_token=made["refresh_token"])
        assert running.ask(request)[0] == 401
