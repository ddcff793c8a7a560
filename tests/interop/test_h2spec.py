"""HTTP/2 as h2spec judges it, over TLS and in clear text; Go installs it at the first use."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.home import Home, free_port, home

__all__ = ["home"]

VERSION = "v2.2.1+incompatible"
FOLDER = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "zconnect-interop" / f"h2spec-{VERSION}"
# Its test of frames that are too large takes for granted that a server takes no larger ones than it must; ours does, as Liberty does.
LARGER_THAN_A_FRAME = "16000"
DOCUMENT = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature><feature>transportSecurity-1.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="localhost" httpPort="{clear}" httpsPort="{tls}"/>
  <keyStore id="defaultKeyStore" password="secret"/>
  <zosconnect_zosConnectManager requireAuth="false" requireSecure="false"/>
  <webApplication id="hello" location="hello:app" contextRoot="/hello"/>
</server>"""
APPLICATION = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
"""

pytestmark = pytest.mark.interop


def installed() -> Path:
    """The program, built at the first use."""
    if not FOLDER.exists():
        module = f"github.com/summerwind/h2spec/cmd/h2spec@{VERSION}"
        subprocess.run(["go", "install", module], env={**os.environ, "GOBIN": str(FOLDER)}, check=True)
    return FOLDER / "h2spec"


@pytest.mark.parametrize("tls", [False, True], ids=["clear text", "TLS"])
def test_nothing_is_found_wrong(home: Home, tls: bool) -> None:
    """Each of its tests passes, the strict ones as well."""
    ports = {False: free_port(), True: free_port()}
    home.write("s1", DOCUMENT.format(clear=ports[False], tls=ports[True]))
    home.write("s1", APPLICATION, "apps/hello.py")
    home.run("s1")
    command = [str(installed()), "--strict", "--max-header-length", LARGER_THAN_A_FRAME, "-h", "localhost", "-p", str(ports[tls])]
    command += ["-P", "/hello/", *(["-t", "-k"] if tls else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("Failures:") :]
    assert "0 skipped, 0 failed" in done.stdout
