"""Single sign-on with a real Open Liberty, installed by Maven and started for the test, in both directions over one file of keys."""

import base64
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_servers import SERVER, free_port

from .test_keycloak import HOME

VERSION = "26.0.0.3"
PACKAGE = "openliberty-webProfile8"
CONFIGURATION = """<server>
  <featureManager><feature>appSecurity-3.0</feature><feature>servlet-4.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" httpPort="{port}" httpsPort="-1"/>
  <basicRegistry id="basic" realm="shop">
    <user name="alice" password="alice-secret"/><user name="j\u00fcrgen" password="j-secret"/></basicRegistry>
  <ltpa keysPassword="shared-secret"/>
  <webApplication id="app" location="{location}" contextRoot="/app">
    <application-bnd><security-role name="user"><special-subject type="ALL_AUTHENTICATED_USERS"/></security-role></application-bnd>
  </webApplication>
</server>"""
DESCRIPTOR = """<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="4.0"><security-constraint>
  <web-resource-collection><web-resource-name>all</web-resource-name><url-pattern>/*</url-pattern></web-resource-collection>
  <auth-constraint><role-name>user</role-name></auth-constraint></security-constraint>
  <login-config><auth-method>BASIC</auth-method></login-config><security-role><role-name>user</role-name></security-role></web-app>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["user"].identity.encode()})
"""

pytestmark = pytest.mark.interop


def installed(package: str = PACKAGE) -> Path:
    """The folder of Open Liberty, fetched at the first use."""
    folder = HOME / f"{package}-{VERSION}"
    if not folder.exists():
        copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
        artifact = f"io.openliberty:{package}:{VERSION}:zip"
        subprocess.run(["mvn", "-q", "-B", copy, f"-Dartifact={artifact}", f"-DoutputDirectory={HOME}"], check=True)
        with zipfile.ZipFile(HOME / f"{package}-{VERSION}.zip") as archive:
            archive.extractall(folder)
        (folder / "wlp" / "bin" / "server").chmod(0o755)
    return folder / "wlp"


def asked(port: int, **headers: str) -> tuple[int, str, str]:
    """Status, body and the cookie that is set, of a request to the one resource."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/app/index.html", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), (answer.headers["set-cookie"] or "").partition(";")[0]
    except urllib.error.HTTPError as refusal:
        return refusal.code, "", (refusal.headers["set-cookie"] or "").partition(";")[0]
    except OSError:
        return 0, "", ""


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def laid(folder: Path, location: str) -> int:
    """Write a server; its port."""
    (folder / "apps" / "app.war" / "WEB-INF").mkdir(parents=True)
    (folder / "apps" / "app.war" / "WEB-INF" / "web.xml").write_text(DESCRIPTOR)
    (folder / "apps" / "app.war" / "index.html").write_text("liberty")
    (folder / "apps" / "app.web.xml").write_text(DESCRIPTOR)
    (folder / "apps" / "app.py").write_text(APPLICATION)
    port = free_port()
    (folder / "server.xml").write_text(CONFIGURATION.format(port=port, location=location), encoding="utf-8")
    return port


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The ports of a real server, which has made the keys, and of ours, which has a copy of them."""
    home = tmp_path_factory.mktemp("liberty")
    theirs, ours = home / "theirs" / "servers" / "s1", home / "ours" / "servers" / "s1"
    real, own = laid(theirs, "app.war"), laid(ours, "app:app")
    command = [str(installed() / "bin" / "server"), "run", "s1"]
    with (home / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, "WLP_USER_DIR": str(theirs.parents[1])}, stdout=log, stderr=log)
    environment = {**os.environ, "WLP_USER_DIR": str(ours.parents[1])}
    try:
        keys = theirs / "resources" / "security" / "ltpa.keys"
        for _ in range(240):
            if keys.exists() and asked(real)[0] == 401:
                break
            time.sleep(0.5)
        else:
            pytest.fail((home / "log.txt").read_text()[-3000:])
        (ours / "resources" / "security").mkdir(parents=True)
        shutil.copy(keys, ours / "resources" / "security")
        subprocess.run([*SERVER, "start", "s1"], env=environment, timeout=60, check=True)
        yield real, own
    finally:
        subprocess.run([*SERVER, "stop", "s1"], env=environment, timeout=60, check=False)
        process.terminate()
        process.wait(60)


USERS = (("alice", "alice-secret"), ("jürgen", "j-secret"))


@pytest.mark.parametrize(("user", "password"), USERS)
def test_a_cookie_of_the_real_server_is_accepted_here(ports: tuple[int, int], user: str, password: str) -> None:
    """And only as long as nobody has changed it."""
    real, own = ports
    status, _, cookie = asked(real, Authorization=basic(user, password))
    assert (status, cookie.partition("=")[0]) == (200, "LtpaToken2")
    assert asked(own, Cookie=cookie)[:2] == (200, f"user:shop/{user}")
    assert asked(own, Cookie=cookie.replace("A", "B"))[0] == 401


@pytest.mark.parametrize(("user", "password"), USERS)
def test_a_cookie_of_ours_is_accepted_by_the_real_server(ports: tuple[int, int], user: str, password: str) -> None:
    """And only as long as nobody has changed it."""
    real, own = ports
    status, body, cookie = asked(own, Authorization=basic(user, password))
    assert (status, body, cookie.partition("=")[0]) == (200, f"user:shop/{user}", "LtpaToken2")
    assert asked(real, Cookie=cookie)[:2] == (200, "liberty")
    assert asked(real, Cookie=cookie.replace("A", "B"))[0] == 401
