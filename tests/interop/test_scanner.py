"""TLS as a scanner sees it: sslyze against a server that says nothing about protocols and suites; pip installs it at the first use."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home, free_port, home
from tests.trust.support import certificate, rsa_key
from zconnect.trust.entries import KeyEntry

__all__ = ["home"]

VERSION = "6.3.1"
FOLDER = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "zconnect-interop" / f"sslyze-{VERSION}"
DOCUMENT = """<server>
  <featureManager><feature>zosconnect:zosConnect-2.0</feature></featureManager>
  <httpEndpoint id="defaultHttpEndpoint" host="localhost" httpPort="-1" httpsPort="{port}"/>
  <keyStore id="defaultKeyStore" password="secret"{more}/>
</server>"""
SCANS = (
    *("--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--compression", "--heartbleed", "--openssl_ccs"),
    *("--robot", "--reneg", "--fallback", "--ems", "--early_data"),
)
# The three of TLS 1.3, and of TLS 1.2 those with forward secrecy and authenticated encryption (RFC 9325 section 4.2).
TLS13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
TLS12 = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
# What is asked, and the answer of a server without that weakness.
SOUND: dict[str, dict[str, Any]] = {
    "tls_compression": {"supports_compression": False},
    "heartbleed": {"is_vulnerable_to_heartbleed": False},
    "openssl_ccs_injection": {"is_vulnerable_to_ccs_injection": False},
    "robot": {"robot_result": "NOT_VULNERABLE_RSA_NOT_SUPPORTED"},
    "session_renegotiation": {"is_vulnerable_to_client_renegotiation_dos": False, "supports_secure_renegotiation": True},
    "tls_fallback_scsv": {"supports_fallback_scsv": True},
    "tls_extended_master_secret": {"supports_ems_extension": True},
    "tls_1_3_early_data": {"supports_early_data": False},
}

pytestmark = pytest.mark.interop


def installed() -> Path:
    """The program, in an environment of its own."""
    if not FOLDER.exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        subprocess.run([str(FOLDER / "bin" / "pip"), "install", "--quiet", f"sslyze=={VERSION}"], check=True)
    return FOLDER / "bin" / "sslyze"


@pytest.mark.parametrize("kind", ["ECDSA", "RSA"])
def test_nothing_weak_is_found(home: Home, kind: str) -> None:
    """TLS 1.2 and 1.3 only, no CBC and no static RSA, no known weakness, with the key that is made and with one that is brought."""
    port, more = free_port(), ""
    if kind == "RSA":
        key = rsa_key("scanner")
        home.write("s1", KeyEntry("rsa", key, (certificate("localhost", key),)).pem.decode(), "resources/security/rsa.pem")
        more = ' location="rsa.pem"'
    home.write("s1", DOCUMENT.format(port=port, more=more))
    home.run("s1")
    path = home.path("scan.json")
    command = [str(installed()), "--quiet", "--mozilla_config=disable", *SCANS, f"--json_out={path}", f"localhost:{port}"]
    subprocess.run(command, check=True, timeout=300)
    (server,) = json.loads(path.read_text())["server_scan_results"]
    found = server["scan_result"]
    accepted = {name: _accepted(found[f"{name}_cipher_suites"]["result"]) for name in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")}
    assert accepted == {"ssl_2_0": set(), "ssl_3_0": set(), "tls_1_0": set(), "tls_1_1": set()}
    assert _accepted(found["tls_1_2_cipher_suites"]["result"]) == {f"TLS_ECDHE_{kind}_WITH_{suite}" for suite in TLS12}
    assert _accepted(found["tls_1_3_cipher_suites"]["result"]) == TLS13
    assert {name: {key: found[name]["result"][key] for key in answers} for name, answers in SOUND.items()} == SOUND


def _accepted(result: dict[str, Any]) -> set[str]:
    return {suite["cipher_suite"]["name"] for suite in result["accepted_cipher_suites"]}
