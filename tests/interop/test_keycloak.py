"""The example servers/keycloak against a real Keycloak, installed by Maven and started for the test."""

import json
import os
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import pytest

from tests.test_servers import ROOT, SERVER, Running, Stay, free_port

VERSION = "26.4.0"
HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "zconnect-interop"
CASES = (
    ("alice", "catalog-ui", 200),
    ("bob", "catalog-ui", 403),  # in no group
    ("alice", "payroll-ui", 401),  # another audience
)

# A client that logs users in, and has to use PKCE.
WEB = {
    "clientId": "catalog-web",
    "secret": "catalog-web-secret",
    "redirectUris": ["https://localhost:*"],
    "attributes": {"pkce.code.challenge.method": "S256"},
    "protocolMappers": [
        {
            "name": "groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"},
        }
    ],
}
LOGIN = """inboundPropagation="none" clientId="catalog-web" clientSecret="catalog-web-secret" httpsRequired="false"
    authorizationEndpointUrl="${realm.url}/protocol/openid-connect/auth" tokenEndpointUrl="${realm.url}/protocol/openid-connect/token\""""

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
    """Whether an address answers within eight minutes; a loaded machine needs longer than one at rest."""
    for _ in range(960):
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
    realm = json.loads((ROOT / "servers" / "keycloak" / "realm-demo.json").read_text())
    realm["clients"].append(WEB)
    (home / "data" / "import" / "realm-demo.json").write_text(json.dumps(realm))
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
    with started(keycloak, tmp_path_factory.mktemp("user"), 'inboundPropagation="required"') as found:
        yield found


@contextmanager
def started(keycloak: str, user_dir: Path, attributes: str) -> Iterator[Running]:
    """The example, whose client has these attributes instead of its inboundPropagation."""
    folder = shutil.copytree(ROOT / "servers" / "keycloak", user_dir / "servers" / "keycloak")
    text = (folder / "server.xml").read_text()
    assert 'inboundPropagation="required"' in text
    (folder / "server.xml").write_text(text.replace('inboundPropagation="required"', attributes))
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


def test_a_user_logs_in_with_the_form_of_a_real_realm(keycloak: str, tmp_path: Path) -> None:
    """The whole way of a browser: sent to the realm, its form, back with a code, known by the cookie without the realm."""
    jar = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
    trusting = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
    opener = urllib.request.build_opener(trusting, Stay(), urllib.request.HTTPCookieProcessor(jar))

    def opened(url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        try:
            answer = opener.open(url, urllib.parse.urlencode(form).encode() if form else None, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()

    with started(keycloak, tmp_path, LOGIN) as server:
        asked = f"https://localhost:{server.https}/catalog/items"
        status, _, page = opened(asked)
        assert status == 200
        status, _, page = opened(json.loads(page.partition("location.replace(")[2].partition(")</script>")[0]))
        action = re.search(r'<form[^>]* action="([^"]*)"', page)
        assert status == 200, page
        assert action, page
        status, back, page = opened(unescape(action[1]), {"username": "alice", "password": "alice-secret"})
        assert back.startswith(f"https://localhost:{server.https}/oidcclient/redirect/keycloak?"), page
        assert opened(back)[:2] == (302, asked)
        for _ in range(2):
            status, _, body = opened(asked)
            assert status == 200, body
            assert '"caller": "alice"' in body
        assert opened(back)[0] == 401
