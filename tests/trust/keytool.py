"""Java's keytool, where this machine has it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from tests.trust.support import PASSWORD

needs_keytool = pytest.mark.skipif(shutil.which("keytool") is None, reason="there is no Java here")


class Keytool:
    """A key store that Java makes."""

    def __init__(self, folder: Path, type: str = "PKCS12") -> None:
        self._folder = folder
        self._type = type
        self.path = folder / "java.store"

    def __call__(self, *arguments: str, text: str = "") -> str:
        """Run keytool on the store; what it says."""
        command = ["keytool", *arguments, "-keystore", str(self.path), "-storepass", PASSWORD, "-storetype", self._type]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=text).stdout

    def import_certificate(self, alias: str, certificate: Certificate, *options: str) -> None:
        """Trust a certificate."""
        pem = certificate.public_bytes(Encoding.PEM).decode()
        self("-importcert", "-noprompt", "-alias", alias, *options, text=pem)

    @property
    def data(self) -> bytes:
        """The store."""
        return self.path.read_bytes()

    def list(self, data: bytes) -> str:
        """What keytool finds in a store."""
        self.path.write_bytes(data)
        return self("-list")
